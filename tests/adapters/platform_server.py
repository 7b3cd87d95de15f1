"""A tiny chat platform on the loopback: it delivers events until they are acknowledged, and remembers every post."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class PlatformServer(ThreadingHTTPServer):
    """`posts`: what was posted, in order; `events`: key → event, until acknowledged."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[dict[str, Any]] = []
        self.events: dict[str, dict[str, Any]] = {}
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def posts_of(self, cause: str) -> list[tuple[str, bool]]:
        return [(post["key"], post["repeated"]) for post in self.posts if post["cause"] == cause]


class _Handler(BaseHTTPRequestHandler):
    server: PlatformServer

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self._answer(getattr(self, f"_{urlsplit(self.path).path.strip('/')}")(said))

    def _events(self, _said: dict[str, Any]) -> object:
        return list(self.server.events.values())

    def _ack(self, said: dict[str, Any]) -> object:
        self.server.events.pop(said["key"], None)
        return {}

    def _post(self, said: dict[str, Any]) -> object:
        self.server.posts.append(said)
        return f"m{len(self.server.posts)}"

    def _find(self, said: dict[str, Any]) -> object:
        found = (n for n, post in enumerate(self.server.posts, 1) if post["key"] == said["key"])
        number = next(found, None)
        return number and f"m{number}"

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def platform_server() -> Iterator[PlatformServer]:
    server = PlatformServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
