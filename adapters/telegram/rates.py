"""How often one chat may be posted to, whatever its topics and threads: at most 20 a minute in a group.

The dispatcher paces each thread; the threads of a group share one allowance. A message that finds none is put back for
as long as it takes, and the place that it will find then is kept for it.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from adapters.pacing import Pace
from bot.post import RetryLaterError

GROUP = Pace(seconds=3.5, burst=3)
"""At most 20 in any minute."""
PRIVATE = Pace(seconds=1.0, burst=3)
EVERYWHERE = Pace(seconds=0.04, burst=5)
"""30 a second over all chats is Telegram's limit."""
_MOST_KEPT = 2000


class Rates:
    """Safe to share between threads. `clock`: seconds, monotonic."""

    def __init__(
        self,
        group: Pace = GROUP,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._group = group
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._full: dict[int, float] = {}  # chat → when its burst is whole again
        self._held: dict[int, float] = {}  # chat → until when Telegram wants it left alone
        self._places: OrderedDict[tuple[int, str], float] = OrderedDict()  # a message that waits → when it may go
        self._all = 0.0

    def take(self, chat: int, key: str) -> None:
        """Go ahead with one post to `chat`. Raises RetryLaterError naming how long to wait for the place of `key`."""
        with self._lock:
            now = self._clock()
            at = max(self._place(chat, key, now), self._held.get(chat, 0.0))
            if at > now:
                self._keep(chat, key, at)
                raise RetryLaterError("the chat has had its share", at - now)
            self._places.pop((chat, key), None)
            self._all, ready = _after(self._all, now, EVERYWHERE)
        if ready > now:
            self._pause(ready - now)

    def hold(self, chat: int, seconds: float | None) -> None:
        """Telegram wants `chat` to be left alone."""
        with self._lock:
            self._held[chat] = max(self._held.get(chat, 0.0), self._clock() + (seconds or 1.0))

    def _place(self, chat: int, key: str, now: float) -> float:
        if chat > 0:
            return now  # a private chat is one thread, paced by the dispatcher
        if (chat, key) in self._places:
            return self._places[chat, key]
        whole = max(self._full.get(chat, 0.0), now)
        self._full[chat] = whole + self._group.seconds
        return max(now, whole - self._group.seconds * (self._group.burst - 1))

    def _keep(self, chat: int, key: str, at: float) -> None:
        self._places[chat, key] = at
        if len(self._places) > _MOST_KEPT:
            self._places.popitem(last=False)


def _after(whole: float, now: float, pace: Pace) -> tuple[float, float]:
    """After a post at `now`: when the burst is whole again, and how long this post has to wait for."""
    until = max(whole, now) + pace.seconds
    return until, max(now, until - pace.seconds * pace.burst)
