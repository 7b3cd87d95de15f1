"""Takes an event from the inbox, has it handled, and ends it in the transaction of its effect.

A handler that fails leaves no trace: the event is tried again, and after MAX_TRIES it is laid aside for an admin while
the others go on. Where the database fails, the try does not count.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from adapters.database.inbox import Leased, LostLeaseError
from adapters.database.work import Database, SqlWork
from adapters.loops import insist
from adapters.pacing import backoff
from bot.faults import trail
from bot.post import Event
from knowledge.errors import DatabaseError

_log = logging.getLogger(__name__)

MAX_TRIES = 3
MAX_DEATHS = 10
"""How often a worker may be killed with an event in hand. Whoever stops the process takes innocent ones along."""
LEASE = 120.0
"""Seconds after which an event of a worker that is no more is taken by another."""
STORAGE_PAUSE = 5.0

Handle = Callable[[Event, SqlWork], None]


def no_hook(_event: Event, _work: SqlWork) -> None:
    """Nobody is told."""


class Worker:
    """`handle(event, work)` decides and writes; `on_dead(event, work)` tells the person whose event is laid aside."""

    def __init__(
        self,
        database: Database,
        handle: Handle,
        on_dead: Handle = no_hook,
        lease: float = LEASE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._handle = handle
        self._on_dead = on_dead
        self._lease = lease
        self._pause = pause

    def step(self) -> bool:
        """Deal with one event; False where there is none."""
        with self._database.work() as work:
            leased = work.inbox.lease(self._lease)
        if leased is None:
            return False
        try:
            if leased.tries - leased.failures > MAX_DEATHS:  # it takes the process down
                self._lay_aside(leased, "died")
            else:
                self._try(leased)
        except LostLeaseError:
            _log.warning("event %d took longer than its lease and went to another worker", leased.id)
        return True

    def _try(self, leased: Leased) -> None:
        try:
            with self._database.work() as work:
                self._handle(leased.event, work)
                work.inbox.done(leased)
        except LostLeaseError:
            raise
        except DatabaseError as error:
            _log.error("event %d waits for the database: %s", leased.id, trail(error))
            self._put_back(leased, STORAGE_PAUSE, "storage", spent=False)
        except Exception as error:  # whatever an event does to us, the others go on
            _log.error("event %d failed, time %d: %s", leased.id, leased.failures + 1, trail(error))
            if leased.failures + 1 >= MAX_TRIES:
                self._lay_aside(leased, trail(error))
            else:
                self._put_back(leased, backoff(leased.failures + 1, 0.5), trail(error), spent=True)

    def _put_back(self, leased: Leased, seconds: float, fault: str, *, spent: bool) -> None:
        def write() -> None:
            with self._database.work() as work:
                work.inbox.put_back(leased, work.now() + timedelta(seconds=seconds), fault, spent=spent)

        insist(write, self._pause)

    def _lay_aside(self, leased: Leased, fault: str) -> None:
        insist(lambda: self._bury(leased, fault), self._pause)

    def _bury(self, leased: Leased, fault: str) -> None:
        try:
            with self._database.work() as work:
                work.inbox.bury(leased, fault)
                self._on_dead(leased.event, work)
        except (DatabaseError, LostLeaseError):
            raise
        except Exception as error:
            _log.error("nobody could be told of event %d: %s", leased.id, trail(error))
            with self._database.work() as work:
                work.inbox.bury(leased, fault)
