"""Sends what lies in the outbox: each message once, in the order of its thread, no faster than its destination likes.

What a platform may have got already (the process was killed, or the connection broke, after the request had gone) is
looked up there before anything else. Where the platform cannot say, it is sent once more, marked as a possible repeat,
and never a third time.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.database.outbox import Letter, repeated
from adapters.database.work import Database, SqlWork
from adapters.loops import insist
from adapters.pacing import Pace, after_post, backoff, bounded
from bot.faults import trail
from bot.ports import ChatPlatform
from bot.post import NoReadBackError, Outgoing, PermanentError, RetryLaterError, UnreachableError
from knowledge.errors import DatabaseError

_log = logging.getLogger(__name__)

MAX_TRIES = 8
LEASE = 180.0
"""Seconds after which a message of a dispatcher that is no more counts as uncertain; a platform answers within 60."""


@dataclass(frozen=True, slots=True)
class Line:
    """A platform and how fast each of its destinations may be posted to."""

    platform: ChatPlatform
    pace: Callable[[str], Pace] = lambda _destination: Pace()


@dataclass(frozen=True, slots=True)
class Sent:
    """Posted, under the platform's id."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Again:
    """To be tried again. `doubtful`: it may have been posted; `hold`: its destination wants to be left alone."""

    seconds: float
    fault: str
    doubtful: bool = False
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Dead:
    """Not tried again."""

    fault: str


Outcome = Sent | Again | Dead


def no_sent_hook(_outgoing: Outgoing, _message_id: str, _work: SqlWork) -> None:
    """Nobody is told."""


def no_dead_hook(_outgoing: Outgoing, _fault: str, _work: SqlWork) -> None:
    """Nobody is told."""


def judge(error: Exception, tries: int, chance: float, *, doubtful: bool) -> Again | Dead:
    """What follows from a failure. `doubtful`: whether an earlier try may have been posted."""
    fault = f"{type(error).__name__}: {error}" if isinstance(error, KNOWN) else type(error).__name__
    if isinstance(error, PermanentError):
        return Dead(fault)
    posted = doubtful or not isinstance(error, (RetryLaterError, UnreachableError))
    if tries >= MAX_TRIES:
        return Dead(f"uncertain: {fault}" if posted else fault)
    asked = bounded(error.seconds) if isinstance(error, RetryLaterError) else None
    return Again(asked or backoff(tries, chance), fault, posted, hold=isinstance(error, RetryLaterError))


KNOWN = (PermanentError, RetryLaterError, UnreachableError)  # their messages are ours; others may quote content


class Dispatcher:
    """`lines`: platform → how to send there. `on_sent(outgoing, id, work)` and `on_dead(outgoing, fault, work)` are
    called in the transaction in which it is noted."""

    def __init__(
        self,
        database: Database,
        lines: Mapping[str, Line],
        on_sent: Callable[[Outgoing, str, SqlWork], None] = no_sent_hook,
        on_dead: Callable[[Outgoing, str, SqlWork], None] = no_dead_hook,
        lease: float = LEASE,
        chance: Callable[[], float] = random.random,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._lines = lines
        self._on_sent = on_sent
        self._on_dead = on_dead
        self._lease = lease
        self._chance = chance
        self._pause = pause
        self._in_hand: set[int] = set()
        self._lock = threading.Lock()

    def step(self) -> bool:
        """Deal with one message; False where none may go now."""
        letter = self._take()
        if letter is None:
            return False
        try:
            outcome = self._deliver(letter)
            if outcome is not None:
                # what is not noted would have to be looked up, or sent once more
                insist(lambda: self._note(letter, outcome), self._pause)
        finally:
            with self._lock:
                self._in_hand.discard(letter.id)
        return True

    def _take(self) -> Letter | None:
        with self._lock:  # what is taken is in hand before another thread looks
            with self._database.work() as work:
                letter = work.outbox.lease(self._lease, list(self._lines), self._paced, self._in_hand)
            if letter is not None:
                self._in_hand.add(letter.id)
            return letter

    def _paced(self, destination: str, paced_until: datetime, now: datetime) -> tuple[datetime, datetime]:
        line = self._lines[destination.partition(":")[0]]
        return after_post(paced_until, now, line.pace(destination))

    # ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _deliver(self, letter: Letter) -> Outcome | None:
        """Send, after a look whether it is there already where that is in doubt. None: another dispatcher has it."""
        platform = self._lines[letter.outgoing.platform].platform
        if letter.doubtful:
            try:
                found = platform.find(letter.outgoing)
            except NoReadBackError:
                if letter.outgoing.repeated or letter.tries > MAX_TRIES:
                    return Dead("uncertain: it may have arrived, and the platform cannot say")
                if not self._note_repeat(letter):
                    return None
                letter = repeated(letter)
            except Exception as error:
                return self._failed(letter, error, doubtful=True)
            else:
                if found is not None:
                    return Sent(found)
        if letter.tries > MAX_TRIES:
            return Dead("the process died while it was sent")
        try:
            return Sent(platform.send(letter.outgoing))
        except Exception as error:
            return self._failed(letter, error, doubtful=False)

    def _note_repeat(self, letter: Letter) -> bool:
        with self._database.work() as work:
            return work.outbox.repeat(letter)

    def _failed(self, letter: Letter, error: Exception, *, doubtful: bool) -> Again | Dead:
        outcome = judge(error, letter.tries, self._chance(), doubtful=doubtful)
        _log.warning("message %d to %s: try %d: %s", letter.id, letter.outgoing.platform, letter.tries, trail(error))
        return outcome

    # ── writing down how it went ─────────────────────────────────────────────────────────────────────────────────────

    def _note(self, letter: Letter, outcome: Outcome) -> None:
        try:
            with self._database.work() as work:
                self._write(letter, outcome, work, hooks=True)
        except DatabaseError:
            raise
        except Exception as error:
            _log.error("message %d: nobody could be told how it went: %s", letter.id, trail(error))
            with self._database.work() as work:
                self._write(letter, outcome, work, hooks=False)

    def _write(self, letter: Letter, outcome: Outcome, work: SqlWork, *, hooks: bool) -> None:
        match outcome:
            case Sent(message_id):
                work.outbox.sent(letter, message_id)
                if hooks:
                    self._on_sent(letter.outgoing, message_id, work)
            case Again(seconds, fault, doubtful, hold):
                until = work.now() + timedelta(seconds=seconds)
                work.outbox.put_back(letter, until, fault, doubtful=doubtful)
                if hold:
                    work.outbox.hold(letter.outgoing.destination, until)
            case Dead(fault):
                if work.outbox.bury(letter, fault) and hooks:
                    self._on_dead(letter.outgoing, fault, work)
