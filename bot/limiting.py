"""How many messages a person may send in a minute. Nothing of the messages is kept, only when they came."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

PER_MINUTE = 15
WINDOW = timedelta(minutes=1)
MAX_PEOPLE = 10_000


class RateLimit:
    """At most `per_minute` messages of one person in any `WINDOW`. Safe under threads.

    It remembers `max_people` persons, those who wrote last.
    """

    def __init__(self, per_minute: int = PER_MINUTE, max_people: int = MAX_PEOPLE) -> None:
        self._per_minute = per_minute
        self._max_people = max_people
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def admits(self, user: str, now: datetime) -> bool:
        """Whether `user` may send a message at `now`. One that is turned away does not count: waiting always helps."""
        with self._lock:
            times = self._times.setdefault(user, deque())
            self._times.move_to_end(user)
            while len(self._times) > self._max_people:
                self._times.popitem(last=False)
            while times and now - times[0] >= WINDOW:
                times.popleft()
            if len(times) >= self._per_minute:
                return False
            times.append(now)
            return True
