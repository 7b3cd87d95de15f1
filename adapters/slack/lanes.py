"""One channel, one pace: Slack counts posts by channel, whatever thread they go to."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from adapters.pacing import Pace, after_post
from bot.post import RetryLaterError

MAX_WAIT = 5.0
"""Seconds that a sender stands and waits for its turn; beyond them the message goes back to the outbox."""
MAX_LANES = 10_000

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class Lanes:
    """Counts by the monotonic clock. Safe under threads."""

    def __init__(
        self, pace: Pace, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._paced: OrderedDict[str, tuple[datetime, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def enter(self, channel: str) -> None:
        """Wait for the turn of this channel. Raises RetryLaterError where it takes too long."""
        with self._lock:
            now = self._now()
            paced_until, ready = self._paced.pop(channel, (now, now))
            wait = max(0.0, (ready - now).total_seconds())
            if wait <= MAX_WAIT:
                paced_until, ready = after_post(paced_until, max(now, ready), self._pace)
            self._keep(channel, paced_until, ready)
        if wait > MAX_WAIT:
            raise RetryLaterError("the channel is busy", wait)
        if wait:
            self._sleep(wait)

    def hold(self, channel: str, seconds: float) -> None:
        """Slack wants this channel to be left alone."""
        with self._lock:
            until = self._now() + timedelta(seconds=seconds)
            paced_until, ready = self._paced.pop(channel, (until, until))
            self._keep(channel, max(paced_until, until), max(ready, until))

    def _keep(self, channel: str, paced_until: datetime, ready: datetime) -> None:
        self._paced[channel] = (paced_until, ready)
        while len(self._paced) > MAX_LANES:
            self._paced.popitem(last=False)

    def _now(self) -> datetime:
        return _BEGINNING + timedelta(seconds=self._clock())
