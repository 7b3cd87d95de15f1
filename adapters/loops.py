"""Threads that do one step after another, sleep when there is nothing to do, and end when they are told to."""

import logging
import threading
import time
from collections.abc import Callable

from bot.faults import trail
from knowledge.errors import DatabaseError

_log = logging.getLogger(__name__)

WAITS = (0.2, 1.0, 5.0, 15.0, 30.0, 60.0)


def insist(write: Callable[[], None], pause: Callable[[float], None]) -> None:
    """`write()`, tried again for two minutes where the database does not take it; then raises DatabaseError."""
    for seconds in WAITS:
        try:
            return write()
        except DatabaseError as error:
            _log.error("the database does not take it yet: %s", trail(error))
            pause(seconds)
    return write()


class Loop:
    """`step()` does one piece of work and says whether there was any. Waiting counts by the monotonic clock."""

    def __init__(
        self, name: str, step: Callable[[], bool], threads: int = 1, idle: float = 0.25, after_error: float = 1.0
    ) -> None:
        self._step = step
        self._idle = idle
        self._after_error = after_error
        self._changed = threading.Condition()
        self._wakes = 0
        self._ending = False
        self._threads = [threading.Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self, threads: int = 1) -> None:
        """There may be something to do for so many threads."""
        with self._changed:
            self._wakes += 1
            self._changed.notify(threads)

    def end(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        """Wait for the steps that are under way; whether all have ended."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while not self._ending:
            seen = self._wakes
            try:
                worked = self._step()
            except Exception as error:  # the loop outlives whatever a step raises; the log names the place alone
                _log.error("step failed: %s", trail(error))
                self._sleep(self._after_error, None)
            else:
                if not worked:
                    self._sleep(self._idle, seen)

    def _sleep(self, seconds: float, seen: int | None) -> None:
        """Until woken, unless it was woken since `seen`; None: whatever happens but the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending or (seen is not None and self._wakes != seen), seconds)
