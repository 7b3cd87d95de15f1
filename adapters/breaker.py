"""A circuit breaker: after failures in a row nobody waits for what is down; one try at a time finds out if it is up."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Closed until `failures` in a row; then open for `seconds`, after which a single caller may try. Thread-safe."""

    def __init__(self, failures: int = 3, seconds: float = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._failed = 0
        self._retry_at = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether to call now. In the half-open state True goes to one caller; the others wait for its result."""
        with self._lock:
            if self._failed < self._limit:
                return True
            if self._clock() < self._retry_at:
                return False
            self._retry_at = self._clock() + self._seconds
            return True

    def record(self, good: bool) -> None:
        """How a call that was allowed ended."""
        with self._lock:
            self._failed = 0 if good else self._failed + 1
            if self._failed >= self._limit:
                self._retry_at = self._clock() + self._seconds
