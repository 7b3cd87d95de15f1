"""A Bot API on the loopback that keeps to Telegram's documented ways: updates stay until they are confirmed, one
poller at a time, HTML is parsed, texts are limited, what was posted is remembered.

`faults`: method → answers given instead, one by one: (status, body) or "cut" (the connection is closed after the
request was carried out) or "refuse" (before).
"""
# ruff: noqa: N802, N815, N818 the names are those of the Bot API and of http.server

import html
import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "987654:test-token_of_nobody"
BOT = {"id": 987654, "is_bot": True, "first_name": "案内係", "username": "renkei_test_bot", "can_join_groups": True}
_TAGS = {"b", "i", "a", "blockquote", "code", "pre", "u", "s"}


class BotApiServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.messages: dict[int, dict[str, Any]] = {}
        self.faults: dict[str, list[Any]] = defaultdict(list)
        self.updates: list[dict[str, Any]] = []
        self.webhook = ""
        self.missing: set[str] = set()
        self.moved: dict[int, int] = {}
        self.forums: set[int] = set()
        self.topics: dict[int, set[int]] = defaultdict(set)
        self.blocked: set[int] = set()
        self.poller = 0
        self._numbers = iter(range(1000, 10**9))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def push(self, *updates: dict[str, Any]) -> None:
        """Updates that wait to be fetched."""
        with self.changed:
            self.updates += updates
            self.changed.notify_all()

    def called(self, method: str) -> list[dict[str, Any]]:
        with self.lock:
            return [given for name, given in self.calls if name == method]

    def texts(self, chat: int | None = None) -> list[str]:
        with self.lock:
            return [m["text"] for m in self.messages.values() if chat is None or m["chat"]["id"] == chat]

    def wait_for(self, met, seconds: float = 10.0) -> None:
        until = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < until, "it did not happen"
            time.sleep(0.01)

    def handle_error(self, *_: object) -> None:
        """A client that has gone away is no fault."""

    # ── methods ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, method: str, given: dict[str, Any]) -> Any:
        if method in self.missing or not hasattr(self, f"on_{method}"):
            raise ApiFault(404, "Not Found")
        return getattr(self, f"on_{method}")(given)

    def on_getMe(self, _given):
        return BOT

    def on_getUpdates(self, given):
        if self.webhook:
            raise ApiFault(409, "Conflict: can't use getUpdates method while webhook is active")
        until = time.monotonic() + float(given.get("timeout", 0))
        with self.changed:
            self.poller += 1
            mine = self.poller
            self.changed.notify_all()
            offset = given.get("offset")
            if offset is not None:
                self.updates = [u for u in self.updates if u["update_id"] >= offset]
            while not self.updates and time.monotonic() < until:
                self.changed.wait(min(0.05, max(0.001, until - time.monotonic())))
                if mine != self.poller:
                    raise ApiFault(409, "Conflict: terminated by other getUpdates request")
            return list(self.updates)[: given.get("limit", 100)]

    def on_setWebhook(self, given):
        self.webhook = given["url"]
        return True

    def on_deleteWebhook(self, given):
        assert not given.get("drop_pending_updates")
        self.webhook = ""
        return True

    def on_getWebhookInfo(self, _given):
        return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self.updates)}

    def on_sendMessage(self, given):
        chat = self._chat(given)
        if chat in self.blocked:
            raise ApiFault(403, "Forbidden: bot was blocked by the user")
        topic = given.get("message_thread_id")
        if topic and chat < 0 and topic not in self.topics[chat]:
            raise ApiFault(400, "Bad Request: message thread not found")
        self._check_markup(given.get("reply_markup"))
        text = self._plain(given)
        answered = given.get("reply_parameters", {})
        if answered and answered["message_id"] not in self.messages and not answered["allow_sending_without_reply"]:
            raise ApiFault(400, "Bad Request: message to be replied not found")
        number = next(self._numbers)
        kind = "private" if chat > 0 else "supergroup"
        sent = {"message_id": number, "from": BOT, "chat": {"id": chat, "type": kind}, "date": 1, "text": text}
        if topic:
            sent["message_thread_id"] = topic
        self.messages[number] = sent | {"given": given}
        return sent

    def on_editMessageText(self, given):
        self._chat(given)
        message = self.messages.get(given["message_id"])
        if message is None:
            raise ApiFault(400, "Bad Request: message to edit not found")
        text = self._plain(given)
        if text == message["text"] and given.get("reply_markup") == message["given"].get("reply_markup"):
            raise ApiFault(400, "Bad Request: message is not modified")
        message["text"] = text
        message["given"] = given
        return {k: v for k, v in message.items() if k != "given"}

    def on_createForumTopic(self, given):
        chat = self._chat(given)
        if chat not in self.forums:
            raise ApiFault(400, "Bad Request: the chat is not a forum")
        number = next(self._numbers)
        self.topics[chat].add(number)
        return {"message_thread_id": number, "name": given["name"], "icon_color": 7322096}

    def on_getChat(self, given):
        chat = self._chat(given)
        return {"id": chat, "type": "supergroup", "is_forum": chat in self.forums}

    def on_getChatMember(self, given):
        self._chat(given)
        return {"status": "administrator", "user": BOT, "can_manage_topics": True}

    def on_setMyCommands(self, given):
        assert all(re.fullmatch(r"[a-z0-9_]{1,32}", c["command"]) for c in given["commands"])
        assert all(1 <= len(c["description"]) <= 256 for c in given["commands"])
        return True

    def on_answerCallbackQuery(self, _given):
        return True

    def on_sendChatAction(self, _given):
        return True

    def on_setMessageReaction(self, _given):
        return True

    def on_sendMessageDraft(self, given):
        assert given["chat_id"] > 0
        assert given["draft_id"] != 0
        return True

    def _chat(self, given) -> int:
        chat = given["chat_id"]
        if chat in self.moved:
            raise ApiFault(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": self.moved[chat]},
            )
        return chat

    def _check_markup(self, markup) -> None:
        for row in (markup or {}).get("inline_keyboard", ()):
            for button in row:
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise ApiFault(400, "Bad Request: BUTTON_DATA_INVALID")

    def _plain(self, given) -> str:
        text = given["text"]
        if given.get("parse_mode") == "HTML":
            text = parsed(text)
        if not text.strip():
            raise ApiFault(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise ApiFault(400, "Bad Request: message is too long")
        return text


def parsed(text: str) -> str:
    """The text of Telegram's HTML. Raises ApiFault where a tag is unknown, open, or an entity is wrong."""
    stack: list[str] = []
    for tag in re.findall(r"<(/?[^>]*)>", text):
        name = tag.lstrip("/").split()[0] if tag.strip("/") else ""
        if name not in _TAGS:
            raise ApiFault(400, f"Bad Request: can't parse entities: unsupported start tag {name!r}")
        if not tag.startswith("/"):
            stack.append(name)
        elif not stack or stack.pop() != name:
            raise ApiFault(400, "Bad Request: can't parse entities: unmatched end tag")
    bare = re.sub(r"<[^>]*>", "", text)
    if stack or "<" in bare or ">" in bare or re.search(r"&(?!lt;|gt;|amp;|quot;|#\d+;)", bare):
        raise ApiFault(400, "Bad Request: can't parse entities")
    return html.unescape(bare)


class ApiFault(Exception):
    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.body = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


class _Handler(BaseHTTPRequestHandler):
    server: BotApiServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        _, bot, method = urlsplit(self.path).path.split("/", 2)
        given = self._given()
        if bot != f"bot{TOKEN}":
            return self._say(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        fault = None
        with self.server.lock:
            self.server.calls.append((method, given))
            if self.server.faults[method]:
                fault = self.server.faults[method].pop(0)
        if fault is not None and fault != "cut":
            if fault == "refuse":
                return self._cut()
            return self._say(*fault)
        try:
            if method == "getUpdates":  # it waits: the lock is its own affair
                found = self.server.answer(method, given)
            else:
                with self.server.lock:
                    found = self.server.answer(method, given)
        except ApiFault as error:
            return self._say(error.code, error.body)
        return self._cut() if fault == "cut" else self._say(200, {"ok": True, "result": found})

    do_GET = do_POST

    def _given(self) -> dict[str, Any]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        return {name: _read(name, value) for name, value in fields.items()}

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _say(self, status: int, body: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _read(name: str, value: str) -> Any:
    if name in ("text", "name", "url", "secret_token", "callback_query_id"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


@contextmanager
def running() -> Iterator[BotApiServer]:
    server = BotApiServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
