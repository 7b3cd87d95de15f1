"""HTTP mode: POST /slack/events takes events, commands, buttons and forms alike.

Bolt stumbles over a timestamp that is no number, a signature that is not ASCII, and a signed body that is no JSON; what
comes to it here has been looked at before.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.slack.receiving import NOT_KEPT

_log = logging.getLogger(__name__)

PATH = "/slack/events"
MAX_BODY = 1_000_000
WINDOW = 300
"""Seconds that a request may be old, or ahead of our clock."""


def routes(app: Callable[[], App | None], secret: str, now: Callable[[], float] = time.time) -> list[Route]:
    """`app()`: None while nothing is taken; the answer is then 503, and Slack comes again."""

    async def endpoint(request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        status = judge(headers, body, secret, now())
        if status != 200:
            return Response(status_code=status)
        bolt = app()
        if bolt is None:
            return Response(status_code=503, headers={"Retry-After": "5"})
        answer = await run_in_threadpool(_dispatch, bolt, headers, body)
        return Response(answer.body, answer.status, headers=_plain(answer.headers))

    return [Route(PATH, endpoint, methods=["POST"])]


async def _read(request: Request) -> bytes | None:
    """The body; None where it is larger than anything that Slack sends."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return body


def judge(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> int:
    """200 where the request is Slack's and of our time; 401 where it is not; 400 where it is, but cannot be read."""
    timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and signature.isascii()):
        return 401
    if abs(now - int(timestamp)) > WINDOW:
        _log.warning("a request of Slack is %d seconds off; is this machine's clock right?", int(now) - int(timestamp))
        return 401
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:  # Slack sends no such thing
        return 401
    if not SignatureVerifier(secret, _At(now)).is_valid(text, timestamp, signature):
        return 401
    return 200 if _readable(headers.get("content-type", ""), text) else 400


class _At(Clock):
    """A clock that stands."""

    def __init__(self, at: float) -> None:
        self._at = at

    def now(self) -> float:
        return self._at


def _readable(content_type: str, text: str) -> bool:
    """Whether it is a JSON object, or a form that holds one or is a command."""
    try:
        if content_type.startswith("application/json"):
            return isinstance(json.loads(text), dict)
        form = parse_qs(text, strict_parsing=True)
        payload = form.get("payload")
        return isinstance(json.loads(payload[0]), dict) if payload else bool({"command", "ssl_check"} & set(form))
    except (ValueError, RecursionError):
        return False


def _dispatch(app: App, headers: Mapping[str, str], body: bytes) -> BoltResponse:
    answer = app.dispatch(BoltRequest(body=body.decode("utf-8"), headers=dict(headers)))
    if answer.status == NOT_KEPT:  # Slack comes again
        return BoltResponse(status=NOT_KEPT, body="", headers={"Retry-After": ["5"]})
    if answer.status >= 500:  # Bolt has stumbled over what it says: it will say the same when it comes again
        return BoltResponse(status=400, body="")
    return answer


def _plain(headers: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value[0] if isinstance(value, list) else value) for name, value in headers.items()}
