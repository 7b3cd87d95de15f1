"""Socket Mode: the SDK's client, which opens the next socket before it closes the last, and Bolt behind it.

An envelope is acknowledged after the inbox has committed it. Whatever ends a socket, Slack delivers again what was not
acknowledged.
"""

import logging
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack import errors
from bot.faults import trail

_log = logging.getLogger(__name__)
_sdk_log = logging.getLogger(f"{__name__}.sdk")
_sdk_log.setLevel(logging.CRITICAL)  # its messages may hold what people wrote

LOOK = 0.5
"""Seconds between two looks whether the socket is open."""
PING = 2.0
"""Seconds between two pings: a socket that is dead without a word is noticed within four times this."""
BUFFER = 1 << 16
WORKERS = 1
"""Deliveries are committed one after the other: what a person says first comes first."""
_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class _Client(SocketModeClient):
    """Lets the last socket go at once. The SDK alone waits until its read times out: three seconds in which nothing
    that comes by the new one is heard."""

    def connect(self) -> None:
        if (last := self.current_session) is not None:
            last.close = lambda: _let_go(last)  # type: ignore[method-assign]
        super().connect()


def _let_go(connection: Connection) -> None:
    with suppress(OSError):
        if connection.sock is not None:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
    connection.disconnect()


class Socket:
    """Keeps a socket open from `start` to `stop`. `refused(code)`: Slack does not let us in, and will not."""

    def __init__(self, app: App, client: WebClient, app_token: str, refused: Callable[[str], None]) -> None:
        self._app = app
        self._client = client
        self._token = app_token
        self._refused = refused
        self._ending = threading.Event()
        self._trouble = ""
        self._sdk: _Client | None = None
        self._thread = threading.Thread(target=self._run, name="slack-socket", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Take nothing more: deliveries that are under way are finished, as far as there is time."""
        self._ending.set()
        self._thread.join(seconds)
        if self._sdk is not None:
            closing = threading.Thread(target=self._sdk.close, name="slack-closing", daemon=True)
            closing.start()
            closing.join(seconds)

    def connected(self) -> bool:
        return self._sdk is not None and self._sdk.is_connected() and not self._ending.is_set()

    def _run(self) -> None:
        """Connect, and again whenever the socket is gone. The SDK's own watch takes ten seconds to notice a broken
        one; both look under the SDK's lock."""
        failed, closed = 0, 0
        while not self._ending.is_set():
            closed = closed + 1 if self._closed_by_peer() else 0
            if closed > 1 and self._sdk is not None:  # what had come before has been read by now
                self._sdk.disconnect()
            if not self.connected():
                failed = 0 if self._connect() else failed + 1
                if self._trouble:
                    return self._refused(self._trouble)
            self._ending.wait(LOOK if not failed else _WAITS[min(failed, len(_WAITS)) - 1])

    def _closed_by_peer(self) -> bool:
        """Whether the other side has closed. Where the system cannot say, the SDK's pings will."""
        session = self._sdk.current_session if self._sdk is not None else None
        sock = session.sock if session is not None else None
        if sock is None or not hasattr(select, "POLLRDHUP"):
            return False
        try:
            poll = select.poll()
            poll.register(sock.fileno(), select.POLLRDHUP)
            return bool(poll.poll(0))
        except (OSError, ValueError):  # it was closed on our side this very moment
            return False

    def _connect(self) -> bool:
        """Whether there is a socket now; where Slack will never give one, `_trouble` says why."""
        try:
            if self._sdk is None:
                self._sdk = self._made()
            self._sdk.connect_to_new_endpoint()
        except Exception as error:  # no network yet, or Slack is down: it is tried until it goes
            code = errors.code_of(error)
            if code in errors.TOKEN or code in ("not_allowed_token_type", "missing_scope"):
                self._trouble = code
            _log.warning("no socket to Slack yet: %s", code or trail(error))
            return False
        return self.connected()

    def _made(self) -> _Client:
        client = _Client(
            self._token,
            logger=_sdk_log,
            web_client=self._client,
            ping_interval=PING,
            receive_buffer_size=BUFFER,
            concurrency=WORKERS,
        )
        client.socket_mode_request_listeners.append(self._delivered)
        return client

    def _delivered(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledged where Bolt says 200: the inbox has it."""
        send_response(client, request, run_bolt_app(self._app, request), time.time())
