"""The smallest whole platform, for tests: a server on this machine, its people, and the adapter that speaks with it.

It posts by HTTP, is delivered to by a webhook with a secret, and can look up what was posted: the same suite that runs
on the real platforms runs on it.
"""

import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from platform_driver import DESK, GROUP, Shown
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.pacing import Pace
from adapters.platform import Heard
from bot.message import Action, Message
from bot.post import Event, Outgoing, PermanentError, RetryLaterError, UncertainError, UnreachableError


class Loopback:
    """The adapter."""

    def __init__(self, name: str, url: str, secret: str) -> None:
        self.name = name
        self._url = url
        self._secret = secret
        self._receive = None

    def parse(self, event: Event) -> list[Heard]:
        said = event.payload
        place, thread = str(said["place"]), str(said.get("thread", ""))
        key = f"{self.name}:{said['id']}"
        destination = f"{self.name}:{place}"
        own = place == said["from"]
        message = Message(
            said.get("text", ""),
            thread=destination if own else f"{destination}/{thread or said['id']}",
            user=f"{self.name}:{said['from']}",
            action=Action(said["action"]) if said.get("action") else None,
            value=said.get("value", ""),
            key=key,
            public=not own,
        )
        heard = Heard(
            message,
            desk="" if own else destination,
            card_thread=thread,
            answers=said.get("answers", ""),
            command=said.get("command", ""),
            private=bool(said.get("private")),
            engaged=own or bool(said.get("mention")),
            unknown=said.get("unknown", ""),
        )
        return [heard]

    def working(self, heard):
        return None

    def send(self, outgoing: Outgoing) -> str:
        said = {"to": outgoing.destination, "key": outgoing.key, "payload": outgoing.payload}
        return self._call("post", said | {"repeated": outgoing.repeated})

    def find(self, outgoing: Outgoing) -> str | None:
        return self._call("find", {"key": outgoing.key})

    def pace(self, destination: str) -> Pace:
        return Pace(0.0, 1)

    def start(self, receive) -> None:
        self._receive = receive

    def stop(self, seconds: float) -> None:
        self._receive = None

    def routes(self):
        return [Route(f"/{self.name}/events", self._events, methods=["POST"])]

    def connected(self) -> bool:
        return self._receive is not None

    def trouble(self) -> str | None:
        return None

    def examine(self):
        return [(True, "つながります")]

    async def _events(self, request: Request):
        if not secrets.compare_digest(request.headers.get("x-secret", ""), self._secret):
            return JSONResponse({}, 401)
        said = await request.json()
        thread = said.get("thread") or said["id"]
        conversation = f"{self.name}:{said['place']}" + ("" if said["place"] == said["from"] else f"/{thread}")
        event = Event(self.name, (f"{self.name}:{said['id']}",), conversation, said)
        return JSONResponse({"new": await run_in_threadpool(self._receive, event)})

    def _call(self, path: str, said: dict[str, Any]) -> Any:
        request = urllib.request.Request(f"{self._url}/{path}", json.dumps(said).encode())
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 429:
                raise RetryLaterError("429", float(error.headers["Retry-After"])) from None
            raise (PermanentError if error.code == 403 else UncertainError)(str(error.code)) from None
        except (RemoteDisconnected, ConnectionResetError):
            raise UncertainError("cut") from None
        except urllib.error.URLError:
            raise UnreachableError("refused") from None


@dataclass
class Posted:
    id: str
    place: str
    thread: str
    key: str
    payload: dict[str, Any]
    repeated: bool


class LoopbackDriver(ThreadingHTTPServer):
    """The server, and its people (see `platform_driver.Driver`)."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, name: str = "loopback") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[Posted] = []
        self.faults: list[str] = []
        self.lock = threading.Lock()
        self._secret = secrets.token_hex(8)
        self._ids = count(1)
        self.name = name
        self.renew()
        self.desk = f"{name}:{DESK}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def user(self, person: str) -> str:
        return f"{self.name}:{person}"

    def connect(self, port: int) -> None:
        self._target = f"http://127.0.0.1:{port}/{self.name}/events"

    def say(self, person, text, place="", *, below=None, spoken_to=True, times=1, file=False, **more) -> None:
        thread = (below.thread or below.id) if below else ""
        event = {"text": text, "thread": thread, "mention": spoken_to} | ({"unknown": "file"} if file else {}) | more
        self._deliver(person, place or person, event, times)

    def command(self, person, text, place="") -> None:
        private = place in (GROUP, DESK)
        self._deliver(person, place or person, {"command": text, "mention": True, "private": private})

    def press(self, person, shown, label) -> None:
        post = next(post for post in self.posts if post.id == shown.id)
        button = next(b for b in self._current(post)["buttons"] if b["label"] == label)
        event = {"action": button["action"], "value": button["value"], "mention": True}
        self._deliver(person, post.place, event | {"thread": post.thread or (post.id if post.place == DESK else "")})

    def fill(self, person, shown, label, text) -> None:
        """There are no forms here: the press is answered with a question, which is answered."""
        seen = len(self.posts)
        self.press(person, shown, label)
        asked = wait_for(lambda: next((p for p in self.posts[seen:] if p.payload.get("asks")), None))
        self._deliver(person, asked.place, {"text": text, "answers": asked.id, "thread": asked.thread})

    def shown(self, place) -> list[Shown]:
        with self.lock:
            posts = [post for post in self.posts if post.place == place and not post.payload.get("edits_id")]
        return [
            Shown(p.id, place, now["text"], tuple(b["label"] for b in now.get("buttons", ())), p.thread, _only(p))
            for p in posts
            for now in [self._current(p)]
        ]

    def trouble(self, *faults) -> None:
        self.faults += faults

    def renew(self) -> None:
        self.platform = Loopback(self.name, f"http://127.0.0.1:{self.server_port}", self._secret)

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def _current(self, post: Posted) -> dict[str, Any]:
        edits = [p.payload for p in self.posts if p.payload.get("edits_id") == post.id]
        return {"buttons": [], **(edits[-1] if edits else post.payload)}

    def _deliver(self, person: str, place: str, event: dict[str, Any], times: int = 1) -> None:
        said = {"id": f"{self.name}-e{next(self._ids)}", "from": person, "place": place, **event}
        for _ in range(times):
            request = urllib.request.Request(self._target, json.dumps(said).encode(), {"x-secret": self._secret})
            urllib.request.urlopen(request, timeout=20).close()


def _only(post: Posted) -> str:
    return str(post.payload.get("to", "")).partition(":")[2]


class _Handler(BaseHTTPRequestHandler):
    server: LoopbackDriver

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            fault = self._fault(said) if self.path == "/post" else ""
            if fault in ("429", "500", "gone"):
                return self._answer({}, {"429": 429, "500": 500, "gone": 403}[fault])
            answer = self._post(said) if self.path == "/post" else self._find(said)
        if fault == "dropped":
            self.close_connection = True
            return self.connection.close()
        return self._answer(answer)

    def _fault(self, said) -> str:
        if f"gone:{said['to'].partition(':')[2]}" in self.server.faults:
            return "gone"
        once = [fault for fault in self.server.faults if not fault.startswith("gone")]
        if once:
            self.server.faults.remove(once[0])
        return once[0] if once else ""

    def _post(self, said) -> str:
        place, _, thread = said["to"].partition(":")[2].partition("/")
        below = said["payload"].get("below_id") or thread
        post = Posted(f"m{len(self.server.posts)}", place, below, said["key"], said["payload"], said["repeated"])
        self.server.posts.append(post)
        return post.id

    def _find(self, said) -> str | None:
        return next((post.id for post in self.server.posts if post.key == said["key"]), None)

    def _answer(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def wait_for(look, seconds: float = 30.0):
    """What `look()` gives once it gives something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")
