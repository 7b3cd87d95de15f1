"""Our own getUpdates loop. Asking for the next updates tells Telegram to forget the ones before: so each is committed
to the inbox first, and what could not be committed is asked for again.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from adapters.telegram.api import Api, ApiError, Broken, Refused, answered
from adapters.telegram.faults import wait
from adapters.telegram.parsing import UPDATES
from bot.faults import trail

_log = logging.getLogger(__name__)

HOLD = 25
"""Seconds for which Telegram holds a question open while there is nothing new."""
SETTLED = 60.0
"""Seconds of undisturbed polling after which this process is the one that polls, and another is the intruder."""
CONFLICTS = 3
"""How often a process that has not settled yet may be turned away before it ends."""
QUICK = 0.1
"""Seconds: an empty answer within them means that nothing is held open; then we rest before we ask again."""
OFFSET_KEPT = 86_400.0
"""Seconds without updates after which the offset is forgotten: after a week Telegram may begin to count elsewhere."""

SECOND = "Telegram: 同じトークンで別のプロセスが受信しています。動かすのは一つだけにしてください。"
REVOKED = "Telegram: トークンが使えなくなりました。BotFather で確かめ、TELEGRAM_BOT_TOKEN を直してください。"

Update = Mapping[str, Any]


class Poller:
    """`receive(update)` commits; it raises where that is not possible now. `failed`: why it ended by itself."""

    def __init__(
        self,
        api: Api,
        receive: Callable[[Update], None],
        *,
        hold: int = HOLD,
        clock: Callable[[], float] = time.monotonic,
        rest: float = 1.0,
    ) -> None:
        self._api = api
        self._receive = receive
        self._hold = hold
        self._clock = clock
        self._rest = rest
        self._ending = threading.Event()
        self._asking: Future[Any] | None = None
        self._offset: int | None = None
        self._news_at = self._calm_since = clock()
        self._conflicts = self._failures = 0
        self.failed = ""
        self.well = False

    def run(self) -> None:
        """Until `end`, or until it cannot go on."""
        while not self._ending.is_set() and not self.failed:
            seconds = self.step()
            if seconds:
                self._ending.wait(seconds)
        self.well = False

    def end(self) -> None:
        """Ask for nothing more; a question under way is given up, so nothing is confirmed that is not committed."""
        self._ending.set()
        asking = self._asking
        if asking is not None:
            asking.cancel()

    def step(self) -> float:
        """Ask once, and commit what comes; how many seconds to rest."""
        asked_at = self._clock()
        try:
            updates = self._ask()
        except ApiError as error:
            return 0.0 if self._ending.is_set() else self._refused(error)
        self._failures = 0
        self.well = True
        committed = self._commit(updates if isinstance(updates, list) else [])
        waited = self._clock() - asked_at > QUICK
        return 0.0 if committed or (waited and not updates) else self._rest

    def _ask(self) -> Any:
        if self._clock() - self._news_at > OFFSET_KEPT:
            self._offset = None
        self._asking = self._api.submit(
            "getUpdates",
            seconds=self._hold + 15.0,
            offset=self._offset,
            timeout=self._hold,
            limit=100,
            allowed_updates=list(UPDATES),
        )
        if self._ending.is_set():
            self._asking.cancel()
        return answered(self._asking)

    def _commit(self, updates: list[Any]) -> bool:
        """Whether all is well with them; then the next question confirms them."""
        kept = False
        for update in updates:
            number = update.get("update_id") if isinstance(update, dict) else None
            if not isinstance(number, int):
                continue  # nothing that Telegram would send
            try:
                self._receive(update)
            except Exception as error:  # not committed: it is asked for again
                _log.error("an update was not kept, it will come again: %s", trail(error))
                return False
            self._offset, self._news_at = number + 1, self._clock()
            kept = True
        return kept

    # ── when it is refused ───────────────────────────────────────────────────────────────────────────────────────────

    def _refused(self, error: ApiError) -> float:
        self.well = False
        self._failures += 1
        if isinstance(error, Refused):
            if error.code == 409:
                return self._conflict()
            if error.code in (401, 404):
                self.failed = REVOKED
                return 0.0
            if error.code == 429:
                return max(self._rest, min(300.0, wait(error.parameters) or self._rest))
        reached = not isinstance(error, Broken) or error.sent
        _log.warning("Telegram %s (%d times)", "gave no answer" if reached else "was not reached", self._failures)
        return min(30.0, self._rest * 2.0 ** min(self._failures - 1, 6))

    def _conflict(self) -> float:
        """Somebody else polls with this token. Whoever came later ends."""
        settled = self._clock() - self._calm_since > SETTLED
        self._conflicts += 1
        if settled:
            _log.error("another process polls with the same token")
            return self._rest * 5
        if self._conflicts >= CONFLICTS:
            self.failed = SECOND
            return 0.0
        return self._rest
