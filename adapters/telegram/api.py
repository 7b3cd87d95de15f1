"""The Bot API, called through python-telegram-bot's client, which runs in a thread of its own.

The client's own ways with failures are not used: it forgets what HTTP code was answered, and logs what it cannot read.
Here every answer that is no success becomes `Refused` (Telegram answered: not done) or `Broken` (no readable answer),
and nothing is tried twice. Addresses hold the token, so no message of a client's exception is ever passed on.
"""

import asyncio
import json
import logging
import threading
import warnings
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from typing import Any

import httpx
from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

CALL_SECONDS = 20.0
"""The longest that one call may take; the dispatcher counts on less than a minute for a whole message."""
COURTESIES = 8
"""How many calls that nobody waits for may be under way; more are left out."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class ApiError(TelegramError):
    """Base of the two ways in which a call can fail."""


class Refused(ApiError):  # noqa: N818 it reads better in an except clause
    """Telegram answered that it was not done. `description`: Telegram's own words for it, "" where it gave none."""

    def __init__(self, code: int, description: str = "", parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}")
        self.code = code
        self.description = description
        self.parameters = dict(parameters or {})


class Broken(ApiError):  # noqa: N818
    """No answer that can be read. `sent`: whether the request may have arrived; `code`: the HTTP code, 0 without."""

    def __init__(self, *, sent: bool, code: int = 0) -> None:
        super().__init__("broken")
        self.sent = sent
        self.code = code


class _Request(HTTPXRequest):
    """The client's request, with failures that keep what is needed to judge them."""

    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        try:
            code, body = await super().do_request(*args, **options)
        except NetworkError as error:
            raise Broken(sent=not isinstance(error.__cause__, _NOT_SENT)) from None
        return 200, json.dumps({"ok": True, "result": result(code, body)}).encode()


def result(code: int, body: bytes) -> Any:
    """The `result` of an answer. Raises Refused or Broken. Pure."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        if code in (401, 403, 404, 409, 413, 429):  # refusals of a proxy or a server that answers without JSON
            raise Refused(code)
        raise Broken(sent=True, code=code)
    if answer["ok"]:
        if "result" not in answer or code >= 400:
            raise Broken(sent=True, code=code)
        return answer["result"]
    told = answer.get("error_code")
    description, parameters = answer.get("description"), answer.get("parameters")
    raise Refused(
        told if isinstance(told, int) else code,
        description if isinstance(description, str) else "",
        parameters if isinstance(parameters, dict) else {},
    )


class Api:
    """`call` from any thread. `url`: "https://api.telegram.org"."""

    def __init__(self, token: str, url: str) -> None:
        for name in ("httpx", "httpcore", "telegram"):  # below, they log addresses (with the token) and what is sent
            logging.getLogger(name).setLevel(logging.WARNING)
        warnings.filterwarnings("ignore", "Please use 'Bot", PTBUserWarning)  # raw calls tolerate unknown fields
        base = url.rstrip("/")
        self._requests = (_request(connections=24), _request(connections=2))
        self._bot = Bot(
            token,
            base_url=base if base.endswith("/bot") else f"{base}/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
        )
        self._closed = False
        self._courtesies = threading.BoundedSemaphore(COURTESIES)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="telegram", daemon=True).start()

    def call(self, method: str, *, seconds: float = CALL_SECONDS, **parameters: Any) -> Any:
        """The result of `method`, as JSON has it; parameters that are None are left out. Raises Refused or Broken."""
        return answered(self.submit(method, seconds=seconds, **parameters))

    def submit(self, method: str, *, seconds: float = CALL_SECONDS, **parameters: Any) -> "Future[Any]":
        """`call` under way; it can be cancelled. Raises Broken after `close`."""
        if self._closed:
            raise Broken(sent=False)
        return asyncio.run_coroutine_threadsafe(self._call(method, seconds, parameters), self._loop)

    def courtesy(self, method: str, **parameters: Any) -> "Future[Any] | None":
        """A call whose outcome matters to nobody: it never blocks, and is left out where many are under way."""
        if self._closed or not self._courtesies.acquire(blocking=False):
            return None
        future = self.submit(method, seconds=5.0, **parameters)
        future.add_done_callback(lambda _future: self._courtesies.release())
        return future

    def close(self) -> None:
        """Give up what is under way, and end."""
        self._closed = True
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5.0)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _close(self) -> None:
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for request in self._requests:
            await request.shutdown()

    async def _call(self, method: str, seconds: float, parameters: Mapping[str, Any]) -> Any:
        given = {name: value for name, value in parameters.items() if value is not None}
        call = self._bot.do_api_request(method, api_kwargs=given, read_timeout=seconds)
        try:
            return await asyncio.wait_for(call, seconds)
        except ApiError:
            raise
        except (TimeoutError, TelegramError):  # the client's own words may hold the address
            raise Broken(sent=True) from None


def answered(future: "Future[Any]") -> Any:
    """The result of a call under way. Raises Refused or Broken; a cancelled call is Broken."""
    try:
        return future.result()
    except CancelledError:
        raise Broken(sent=True) from None


def _request(connections: int) -> _Request:
    return _Request(
        connection_pool_size=connections,
        connect_timeout=10.0,
        read_timeout=CALL_SECONDS,
        write_timeout=CALL_SECONDS,
        pool_timeout=5.0,
    )
