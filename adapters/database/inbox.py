"""Events in: each kept once, handled in the order of its conversation, by one worker at a time.

A worker leases an event for a while and ends it in the transaction of its effect. A lease that has run out (the worker
was killed, or hangs) is taken by another; the first can then no longer end the event, so an effect happens once,
whatever the clocks do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Text, and_, bindparam, delete, exists, func, or_, select, update

from adapters.database.schema import AT_ONCE, Moment, inbox, inbox_keys
from bot.post import Event

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

UNDONE = ("new", "leased")


class LostLeaseError(Exception):
    """Another worker has taken the event over; nothing of this work may happen."""


@dataclass(frozen=True, slots=True)
class Leased:
    """An event in a worker's hands. `tries`: how often it has been taken, this time included; `failures`: how often
    its handler has failed. The other times a worker was killed while it had the event, or hung."""

    id: int
    event: Event
    tries: int
    failures: int
    lease: str
    received_at: datetime


class SqlInbox:
    """Fulfils `bot.ports.Inbox`, and what workers and admins need of it."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def receive(self, event: Event) -> bool:
        keys = sorted(set(event.keys))  # in one order, so that two processes cannot wait for each other
        if self._work.fetch(select(inbox_keys.c.key).where(inbox_keys.c.key.in_(keys)).limit(1)):
            return False
        row = {"platform": event.platform, "conversation": event.conversation, "payload": dict(event.payload)}
        fresh = {"status": "new", "tries": 0, "failures": 0, "not_before": AT_ONCE, "received_at": self._work.now()}
        number = self._work.insert(inbox, row | fresh)
        for key in keys:
            if not self._work.insert_new(inbox_keys, {"key": key, "event": number}):
                self._work.write(delete(inbox).where(inbox.c.id == number))  # another process was faster
                return False
        return True

    def lease(self, seconds: float) -> Leased | None:
        """The next event that may be handled now, taken for `seconds`; None where there is none."""
        now = self._work.now()
        if self._work.dialect == "sqlite" and not self._work.fetch(_NEXT, {"now": now}):
            return None  # looking takes no turn from those who write
        self._work.begin()
        rows = self._work.fetch(_NEXT_UNLOCKED, {"now": now})
        if not rows or not self._alone(rows[0].conversation, rows[0].id, now):
            return None
        lease, until = uuid4().hex, now + timedelta(seconds=seconds)
        self._work.write(_TAKE, {"number": rows[0].id, "taken_by": lease, "until": until})
        return self._leased(rows[0], lease)

    def done(self, leased: Leased) -> None:
        """It has had its effect, which is part of this work: its words are erased. Raises LostLeaseError."""
        self._end(leased, status="done", payload=None, done_at=self._work.now())

    def put_back(self, leased: Leased, not_before: datetime, fault: str, *, spent: bool = True) -> None:
        """It is to be tried again. `spent`: whether this try counts. Raises LostLeaseError."""
        counts = {"failures": leased.failures + 1} if spent else {"tries": leased.tries - 1}
        self._end(leased, status="new", not_before=not_before, fault=fault, **counts)

    def bury(self, leased: Leased, fault: str) -> None:
        """It is not tried again until an admin wants it to be; the events behind it go on. Raises LostLeaseError."""
        self._end(leased, status="dead", fault=fault, done_at=self._work.now())

    def release_all(self) -> int:
        """Give free what a process that is no more had taken. Only where no other process can be at work."""
        free = {"status": "new", "lease": None, "leased_until": None}
        return self._work.write(update(inbox).where(inbox.c.status == "leased").values(**free)).rowcount

    def forget(self, conversation: str, *, waiting: bool = True) -> int:
        """Erase the words of what was buried in `conversation`, and of what still waits in it, which then has no effect
        any more; how many."""
        its = and_(inbox.c.conversation == conversation, inbox.c.status.in_(("new", "dead") if waiting else ("dead",)))
        gone = {"status": "done", "payload": None, "done_at": self._work.now()}
        return self._work.write(update(inbox).where(its).values(**gone)).rowcount

    def purge(self, before: datetime) -> int:
        """Delete what was done or buried before then, and its keys; how many."""
        old = and_(inbox.c.status.in_(("done", "dead")), inbox.c.done_at < before)
        return self._work.write(delete(inbox).where(old)).rowcount

    def _alone(self, conversation: str, number: int, now: datetime) -> bool:
        """Whether no other worker has the conversation: looked up again under its lock, since another process may
        have committed since our query began."""
        if self._work.dialect == "sqlite":
            return True
        if not self._work.fetch(_LOCK, {"conversation": conversation})[0][0]:
            return False
        return bool(self._work.fetch(_STILL, {"number": number, "now": now}))

    def _end(self, leased: Leased, **values: Any) -> None:
        ours = and_(inbox.c.id == leased.id, inbox.c.status == "leased", inbox.c.lease == leased.lease)
        ended = {"lease": None, "leased_until": None} | values
        if self._work.write(update(inbox).where(ours).values(**ended)).rowcount != 1:
            raise LostLeaseError

    def _leased(self, row: Any, lease: str) -> Leased:
        keys = self._work.fetch(select(inbox_keys.c.key).where(inbox_keys.c.event == row.id))
        event = Event(row.platform, tuple(key for (key,) in keys), row.conversation, row.payload or {})
        return Leased(row.id, event, row.tries + 1, row.failures, lease, row.received_at)


# ── statements, built once ───────────────────────────────────────────────────────────────────────────────────────────

_NOW = bindparam("now", type_=Moment)


def _due() -> ColumnElement[bool]:
    waiting = and_(inbox.c.status == "new", inbox.c.not_before <= _NOW)
    return or_(waiting, and_(inbox.c.status == "leased", inbox.c.leased_until <= _NOW))


def _held_back() -> ColumnElement[bool]:
    """An earlier event of the same conversation is undone, or a later one is in a worker's hands."""
    other = inbox.alias("other")
    held = and_(other.c.status == "leased", other.c.leased_until > _NOW)
    same = and_(other.c.conversation == inbox.c.conversation, other.c.id != inbox.c.id, other.c.status.in_(UNDONE))
    return exists().where(same, or_(other.c.id < inbox.c.id, held))


_NEXT = select(inbox).where(_due(), ~_held_back()).order_by(inbox.c.id).limit(1)
_NEXT_UNLOCKED = _NEXT.with_for_update(skip_locked=True, of=inbox)
_LOCK = select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("conversation", type_=Text), 0)))
_STILL = _NEXT.where(inbox.c.id == bindparam("number"))
_TAKE = (
    update(inbox)
    .where(inbox.c.id == bindparam("number"))
    .values(
        status="leased",
        lease=bindparam("taken_by"),
        leased_until=bindparam("until", type_=Moment),
        tries=inbox.c.tries + 1,
    )
)
