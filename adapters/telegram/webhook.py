"""POST /telegram/webhook: whoever does not know the secret is turned away before anything is read; an update is
committed to the inbox before it is acknowledged.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/telegram/webhook"
MOST_BYTES = 1_000_000
_HEADER = b"x-telegram-bot-api-secret-token"

Receive = Callable[[Mapping[str, Any]], None]


def route(secret: str, receive: Receive) -> Route:
    """`receive(update)` commits; it raises where that is not possible now, and Telegram will come again."""

    async def endpoint(request: Request) -> Response:
        refused = refusal(request.scope["headers"], secret)
        if refused:
            return Response(status_code=refused)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        update = read(body)
        if update is None:
            return Response(status_code=400)
        try:
            await run_in_threadpool(receive, update)
        except Exception:
            return Response(status_code=503, headers={"Retry-After": "5"})
        return Response(status_code=200)

    return Route(PATH, endpoint, methods=["POST"])


def refusal(headers: list[tuple[bytes, bytes]], secret: str) -> int:
    """401 without the secret, 403 with another or with more than one, 0 with the right one. Pure; it takes as long for
    a nearly right one as for any other."""
    given = [value for name, value in headers if name.lower() == _HEADER]
    if not secret or not given or given == [b""]:
        return 401
    right = hmac.compare_digest(given[0], secret.encode())
    return 0 if right and len(given) == 1 else 403


def read(body: bytes) -> Mapping[str, Any] | None:
    """The update that a body holds; None where it holds none."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = update.get("update_id") if isinstance(update, dict) else None
    return update if isinstance(number, int) and not isinstance(number, bool) else None


async def _body(request: Request) -> bytes | None:
    """What was sent, None where it is more than any update."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                return None
    except ClientDisconnect:
        return b""
    return body
