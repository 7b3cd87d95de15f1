"""Socket Mode: Bolt's handler and the SDK's client, which opens the next socket before it closes the last.

An envelope is acknowledged after the inbox has committed it. Whatever ends a socket, Slack delivers again what was not
acknowledged.
"""

import logging
import threading
from collections.abc import Callable

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient

from adapters.slack import errors
from bot.faults import trail

_log = logging.getLogger(__name__)
_sdk_log = logging.getLogger(f"{__name__}.sdk")
_sdk_log.setLevel(logging.CRITICAL)  # its messages may hold what people wrote

PING = 2.0
"""Seconds between two looks at the socket: a broken one is noticed within this time, a silent one within four times."""
BUFFER = 1 << 16
WORKERS = 1
"""Deliveries are committed one after the other: what a person says first comes first."""
_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Socket:
    """Keeps a socket open from `start` to `stop`. `refused(code)`: Slack does not let us in, and will not."""

    def __init__(self, app: App, client: WebClient, app_token: str, refused: Callable[[str], None]) -> None:
        self._app = app
        self._client = client
        self._token = app_token
        self._refused = refused
        self._ending = threading.Event()
        self._handler: SocketModeHandler | None = None
        self._thread = threading.Thread(target=self._run, name="slack-socket", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Take nothing more: deliveries that are under way are finished, as far as there is time."""
        self._ending.set()
        self._thread.join(seconds)
        if self._handler is not None:
            closing = threading.Thread(target=self._handler.close, name="slack-closing", daemon=True)
            closing.start()
            closing.join(seconds)

    def connected(self) -> bool:
        return self._handler is not None and self._handler.client.is_connected() and not self._ending.is_set()

    def _run(self) -> None:
        """The first connection; from then on the SDK's own watch renews it."""
        for n in range(1_000_000):
            try:
                self._connect()
            except Exception as error:  # no network yet, or Slack is down: it is tried until it goes
                code = errors.code_of(error)
                if code in errors.TOKEN or code in ("not_allowed_token_type", "missing_scope"):
                    return self._refused(code)
                _log.warning("no socket to Slack yet: %s", code or trail(error))
            if self.connected() or self._ending.wait(_WAITS[min(n, len(_WAITS) - 1)]):
                return

    def _connect(self) -> None:
        if self._handler is None:
            self._handler = SocketModeHandler(
                self._app,
                self._token,
                logger=_sdk_log,
                web_client=self._client,
                ping_interval=PING,
                receive_buffer_size=BUFFER,
                concurrency=WORKERS,
            )
        self._handler.client.connect_to_new_endpoint()
