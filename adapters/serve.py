"""receive → inbox → workers → outbox → dispatcher: what a platform hands over is committed before it is acknowledged,
and what is to be said lies in the outbox before it is sent. Whatever moment the process is killed at, nothing is lost.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta

from adapters.database.work import Database, SqlWork
from adapters.dispatcher import Dispatcher, Line, no_dead_hook, no_sent_hook
from adapters.loops import Loop
from adapters.worker import Handle, Worker, no_hook
from bot.faults import trail
from bot.post import Event, Outgoing

_log = logging.getLogger(__name__)

KEEP = timedelta(days=30)
"""How long the (emptied) rows of what is done are kept, so that a late repeat is known as one."""
KEEP_POSTS = timedelta(days=400)
"""How long a card is found again: longer than the words of its consultation are kept."""
HOUSEKEEPING = 600.0


class ClosingError(Exception):
    """The service takes nothing new; the platform will deliver it again."""


class Service:
    """Receives, works and sends, until it is stopped.

    `handle(event, work)` thinks and writes in one unit of work; the hooks tell a case what became of its messages.
    """

    def __init__(
        self,
        database: Database,
        handle: Handle,
        lines: Mapping[str, Line],
        *,
        on_poison: Handle = no_hook,
        on_sent: Callable[[Outgoing, str, SqlWork], None] = no_sent_hook,
        on_undelivered: Callable[[Outgoing, str, SqlWork], None] = no_dead_hook,
        workers: int = 4,
        senders: int = 4,
        idle: float = 0.5,
    ) -> None:
        self._database = database
        self._worker = Worker(database, handle, on_poison, pause=self._pause)
        self._dispatcher = Dispatcher(database, lines, on_sent, on_undelivered, pause=self._pause)
        self._sending = Loop("send", self._dispatcher.step, senders, idle)
        self._working = Loop("work", self._work, workers, idle)
        self._cleaning = Loop("clean", self.clean, idle=HOUSEKEEPING)
        self._closing = threading.Event()
        self._held = ExitStack()

    def receive(self, event: Event) -> bool:
        """Commit `event` to the inbox, after which it may be acknowledged; False where it was known already.

        Raises DatabaseError or ClosingError; then it must not be acknowledged.
        """
        if self.closing:
            raise ClosingError
        with self._database.work() as work:
            new = work.inbox.receive(event)
        if new:
            self._working.wake()
        return new

    def take_over(self) -> None:
        """Take the right to serve, and what the last process had in hand when it ended. Raises DatabaseError where
        another process serves from the same SQLite file."""
        self._held.enter_context(self._database.serving())
        if self._database.alone:  # elsewhere another process may be at it: there a lease has to run out
            with self._database.work() as work:
                work.inbox.release_all()
                work.outbox.release_all()

    def drain(self) -> None:
        """All that can be handled and sent now, in the calling thread."""
        while self._work() or self._dispatcher.step():
            pass

    def start(self) -> None:
        """Take over, then work and send in threads. Raises DatabaseError as `take_over`."""
        self.take_over()
        for loop in (self._sending, self._working, self._cleaning):
            loop.start()

    @property
    def closing(self) -> bool:
        """Whether a stop has begun."""
        return self._closing.is_set()

    def wake(self) -> None:
        """Something was written to the outbox by another way than an event."""
        self._sending.wake()

    def stop(self, seconds: float = 20.0) -> bool:
        """Take nothing new, finish what is in hand, send what may go now; whether all that was finished in time.

        What was not finished is taken up again at the next start.
        """
        self._closing.set()
        until = time.monotonic() + seconds
        loops = (self._working, self._cleaning, self._sending)
        for loop in loops:
            loop.end()
        ended = all(loop.join(until - time.monotonic()) for loop in loops)
        if ended:
            self._send_the_rest(until)
            self._held.close()
        return ended

    def _send_the_rest(self, until: float) -> None:
        try:
            while time.monotonic() < until and self._dispatcher.step():
                pass
        except Exception as error:  # it is sent at the next start
            _log.error("what was left could not be sent: %s", trail(error))

    def _work(self) -> bool:
        worked = self._worker.step()
        if worked:
            self._sending.wake(2)  # most events cause a message to the resident and one to a desk
        return worked

    def clean(self) -> bool:
        """Erase what is no longer needed."""
        with self._database.work() as work:
            before = work.now() - KEEP
            gone = work.inbox.purge(before) + work.outbox.purge(before) + work.memories.purge()
            gone += work.replies.purge(before) + work.posts.purge(work.now() - KEEP_POSTS)
        if gone:
            _log.info("%d rows that were no longer needed are gone", gone)
        return False

    def _pause(self, seconds: float) -> None:
        self._closing.wait(seconds)
