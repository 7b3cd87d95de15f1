"""An OpenAI-compatible chat server on loopback, as kind or as hostile as the name of the model asks for."""

import json
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

TEN_MB = 10_000_000
HONEST = "会場には308名が参加しました。 [1]\n参加費は無料です。 [1]\n"
POISON = {
    "figure": [
        "会場には{n}名が参加しました。",
        "令和{e}年2月18日に開催しました。",
        "参加費は{n}円です。",
        "開催は{h}時からです。",
        "満足度は{p}%です。",
        "第{e}回のフォーラムです。",
    ],
    "name": [
        "函館市で開催しました。",
        "鈴木一郎教授が行いました。",
        "株式会社オーロラが開催しました。",
        "「海からはじまる対話」と題して行いました。",
        "ニセコ町の市民会館で開催しました。",
        "NORTH LINKの主催です。",
    ],
    "address": [
        "問い合わせは電話000-111-{q}です。",
        "問い合わせは電話000111{q}です。",
        "詳しくは https://evil.example/{n} をご覧ください。",
        "詳しくは[こちら](https://evil.example/{n})です。",
        "詳しくはevil.example/{n}です。",
        "問い合わせはa{n}@evil.exampleです。",
        "<a href='https://evil.example'>フォーラム</a>に参加しました。",
        "<!channel> フォーラムに参加しました。",
    ],
    "negation": ["参加費は無料ではありません。", "会場には参加しませんでした。", "余市町で開く予定はありません。"],
}


def poisoned(seed: int) -> tuple[str, list[str]]:
    """An answer of true and false sentences, and the false ones."""
    dice = random.Random(seed)
    false = []
    for kind in dice.sample(sorted(POISON), k=dice.randint(1, 4)):
        numbers = {"n": dice.randint(400, 99999), "e": dice.randint(9, 30), "h": dice.randint(14, 23)}
        text = dice.choice(POISON[kind]).format(**numbers, p=dice.randint(51, 99), q=dice.randint(3000, 9999))
        false.append(text)
    lines = [f"{text} [{dice.choice([1, 1, 1, 9])}]" for text in false]
    if dice.random() < 0.5:
        lines += HONEST.strip().split("\n")
    dice.shuffle(lines)
    return "\n".join(lines) + "\n", false


class ChatServer(ThreadingHTTPServer):
    """`requests`: the bodies received, `keys`: the Authorization headers; `left`: the models whose client hung up while
    they still spoke or kept silent; `heard`: set by a listener; `closed` ends what hangs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self.left: SimpleQueue[str] = SimpleQueue()
        self.heard = threading.Event()
        self.closed = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def prompt(self) -> str:
        return "\n".join(message["content"] for message in self.requests[-1]["messages"])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are expected."""


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.closed.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.keys.append(self.headers.get("Authorization"))
        self.server.paths.append(self.path)
        mode, _, argument = body["model"].partition("-")
        try:
            getattr(self, f"mode_{mode}")(argument)
        except OSError:
            self.server.left.put(body["model"])

    def log_message(self, *_: Any) -> None: ...

    # ── well-behaved ─────────────────────────────────────────────────────────────────────────────────────────────────

    def mode_honest(self, _: str) -> None:
        self._say(*re.findall(r".{1,7}", HONEST, re.S))

    def mode_silent(self, _: str) -> None:
        self._say("なし")

    def mode_gate(self, _: str) -> None:
        """The second sentence only after somebody has heard the first."""
        first, second = HONEST.splitlines(keepends=True)
        self._begin()
        self._piece(first)
        self.server.heard.wait(20)
        self._piece(second)
        self._end()

    def mode_says(self, words: str) -> None:
        self._say(bytes.fromhex(words).decode())

    def mode_tokens(self, _: str) -> None:
        self._say("問い合わせは電話⟦1⟧です。 [1]\n問い合わせは⟦7⟧です。 [1]\n")

    # ── hostile ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def mode_poison(self, seed: str) -> None:
        self._say(poisoned(int(seed))[0])

    def mode_ninth(self, _: str) -> None:
        self._say("会場には308名が参加しました。 [9]\n参加費は無料です。\nオンラインで100名が参加しました。 [9][1]\n")

    def mode_obeys(self, _: str) -> None:
        """Does what a document tells it to."""
        prompt = self.server.prompt
        order = re.search(r"命令: (.*)", prompt)
        self._say(f"{order[1]} [1]\n" if order else HONEST)

    def mode_repeats(self, _: str) -> None:
        self._begin()
        while not self.server.closed.is_set():
            self._piece("会場には308名が参加しました。 [1]\n")

    def mode_flood(self, _: str) -> None:
        """10 MB in one piece."""
        self._say("あ" * (TEN_MB // 3))

    def mode_blob(self, _: str) -> None:
        """10 MB that are no stream."""
        self._answer(200, b'{"choices": "' + b"x" * TEN_MB + b'"}', {})

    def mode_wide(self, _: str) -> None:
        """A line that never ends, in large pieces."""
        self._begin()
        while not self.server.closed.is_set():
            self._piece("あ" * 10_000)

    def mode_hang(self, _: str) -> None:
        self._silence()

    def mode_stuck(self, _: str) -> None:
        """The first sentence, then silence."""
        self._begin()
        self._piece(HONEST.splitlines(keepends=True)[0])
        self._silence()

    def mode_token(self, _: str) -> None:
        """The first letters, then silence."""
        self._begin()
        self._piece("会場")
        self._silence()

    def mode_trickle(self, _: str) -> None:
        """A byte at a time, of a line that never ends."""
        self._begin()
        while not self.server.closed.wait(0.05):
            self._raw(b":")

    def mode_cut(self, _: str) -> None:
        """A sentence, and the connection is gone in the middle of the next."""
        self._begin()
        self._piece(HONEST.splitlines(keepends=True)[0])
        self._raw(b'data: {"choices": [{"del')

    def mode_utf8(self, _: str) -> None:
        """Bytes that are no UTF-8 inside of what would be an answer."""
        self._begin()
        delta = b'{"index": 0, "delta": {"content": "\xff\xfe\x80 [1]"}, "finish_reason": null}'
        self._raw(b'data: {"id": "c", "object": "chat.completion.chunk", "choices": [' + delta + b"]}\n\n")
        self._end()

    def mode_garbage(self, seed: str) -> None:
        self._begin()
        self._raw(b"data: " + random.Random(seed).randbytes(2000) + b"\n\n")
        self._end()

    def mode_json(self, _: str) -> None:
        self._begin()
        self._raw(b'data: {"choices": "none", "id": 7}\n\n')
        self._end()

    def mode_html(self, _: str) -> None:
        self._answer(200, b"<html>login</html>", {"Content-Type": "text/html"})

    def mode_empty(self, _: str) -> None:
        self._say("")

    def mode_midway(self, _: str) -> None:
        self._begin()
        self._raw(b'data: {"choices": [{"del')
        self.close_connection = True

    def mode_busy(self, wait: str) -> None:
        """429 once, with Retry-After; then honest."""
        if sum(r["model"] == self.server.requests[-1]["model"] for r in self.server.requests) > 1:
            self.mode_honest("")
        else:
            self._answer(429, b'{"error": {"message": "secret-words"}}', {"Retry-After": wait})

    def mode_status(self, status: str) -> None:
        self._answer(int(status), b'{"error": {"message": "secret-words sk-secret-key"}}', {})

    def _silence(self) -> None:
        """Nothing, until the client hangs up or the test ends."""
        self.connection.settimeout(0.05)
        while not self.server.closed.is_set():
            try:
                if not self.connection.recv(1):
                    raise BrokenPipeError
            except TimeoutError:
                continue

    # ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def _raw(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def _piece(self, text: str) -> None:
        delta = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": int(time.time()), "model": "m"}
        self._raw(b"data: " + json.dumps({**chunk, "choices": [delta]}).encode() + b"\n\n")

    def _end(self) -> None:
        self._raw(b"data: [DONE]\n\n")

    def _say(self, *pieces: str) -> None:
        self._begin()
        for piece in pieces:
            self._piece(piece)
        self._end()
