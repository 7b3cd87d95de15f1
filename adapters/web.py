"""One small web server: the platforms' webhooks, /healthz, /readyz, /metrics. It runs in a thread of its own."""

import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.serve import ClosingError
from bot.faults import trail
from knowledge.errors import DatabaseError, SettingsError

MAX_BODY = 1_000_000
"""Bytes of a webhook; platforms send a few thousand."""
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """`ready`: part → whether it is, all of them to be true; `taking`: whether webhooks may come in now."""

    ready: Callable[[], Mapping[str, bool]]
    metrics: Callable[[], bytes]
    taking: Callable[[], bool]


def build_app(health: Health, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The ASGI app. What cannot be kept now is answered with 503, so that the platform delivers it again."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        parts = await run_in_threadpool(health.ready)
        return JSONResponse(dict(parts), 200 if parts and all(parts.values()) else 503)

    async def metrics(_request: Request) -> Response:
        return Response(await run_in_threadpool(health.metrics), media_type=_METRICS_TYPE)

    async def not_kept(_request: Request, error: Exception) -> Response:
        _log.error("a webhook could not be kept: %s", trail(error))
        return PlainTextResponse("try again", 503, {"Retry-After": "5"})

    async def failed(_request: Request, error: Exception) -> Response:
        _log.error("a request failed: %s", trail(error))
        return PlainTextResponse("error", 500)

    handlers: Mapping[Any, Any] = {DatabaseError: not_kept, ClosingError: not_kept, Exception: failed}
    hooks = Mount("/", app=_Guard(Starlette(routes=list(routes), exception_handlers=handlers), health.taking))
    own = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=[*own, hooks], exception_handlers=handlers)


class _Guard:
    """Lets webhooks in while the service takes events, and no body that is too long."""

    def __init__(self, app: ASGIApp, taking: Callable[[], bool]) -> None:
        self._app = app
        self._taking = taking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._taking():
            return await PlainTextResponse("not ready", 503, {"Retry-After": "5"})(scope, receive, send)
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise HTTPException(413)
            return message

        return await self._app(scope, bounded, send)


class WebServer:
    """Listens from `start` to `stop`. Raises SettingsError where the address cannot be had."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="web", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Take nothing more; what is being answered is answered."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(seconds)
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise SettingsError(
            f"HTTP_HOST と HTTP_PORT({host}:{port})で待ち受けられません({error.strerror})。"
            "別の番号にするか、その番号を使っているものを止めてください。"
        ) from None
    return found
