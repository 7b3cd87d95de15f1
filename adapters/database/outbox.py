"""Messages out: written with their cause, sent by one dispatcher at a time, in the order of their thread.

    pending ─→ sending ─→ sent            (words erased, the platform's id kept)
       ↑         │ ├─→ dead               (visible to admins: resend or drop)
       └─────────┘ └─→ uncertain          (may have been posted: looked up before anything else)

A row left in `sending` by a dispatcher that is no more is uncertain too.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, or_, select, update

from adapters.database.schema import AT_ONCE, Moment, destinations, outbox
from adapters.pacing import LONGEST
from bot.post import Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from adapters.database.work import SqlWork

UNSENT = ("pending", "sending", "uncertain")
SET_BACK = timedelta(seconds=LONGEST + 1)
"""No destination is left alone for so long: a time further ahead is of a clock that was set back since."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in a dispatcher's hands. `tries`: how often it has been taken, this time included; `doubtful`: an
    earlier try may have been posted."""

    id: int
    outgoing: Outgoing
    tries: int
    doubtful: bool
    lease: str


class SqlOutbox:
    """Fulfils `bot.ports.Outbox`, and what the dispatcher and admins need of it."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def put(self, outgoing: Outgoing) -> bool:
        now = self._work.now()
        row = {
            "platform": outgoing.platform,
            "destination": outgoing.destination,
            "order_key": outgoing.order or outgoing.destination,
            "key": outgoing.key,
            "payload": dict(outgoing.payload),
            "cause": outgoing.cause,
            "status": "pending",
            "tries": 0,
            "repeated": False,
            "not_before": outgoing.not_before or AT_ONCE,
            "written_at": now,
        }
        if not self._work.insert_new(outbox, row):
            return False
        self._work.insert_new(destinations, _unused(outgoing.destination))
        return True

    def withdraw(self, cause: str) -> int:
        its = and_(outbox.c.cause == cause, outbox.c.status.in_((*UNSENT, "dead")))
        return self._work.write(update(outbox).where(its).values(**self._gone("dropped"))).rowcount

    def lease(
        self,
        seconds: float,
        platforms: "Collection[str]",
        paced: "Callable[[str, datetime, datetime], tuple[datetime, datetime]]",
        in_hand: "Collection[int]" = (),
    ) -> Letter | None:
        """The next message that may be sent now, taken for `seconds`; None where there is none.

        `paced(destination, paced_until, now)`: the new `paced_until`, and from when the next post may go there.
        `in_hand`: what this process is sending just now.
        """
        now = self._work.now()
        asked = {"now": now, "set_back": now + SET_BACK, "platforms": list(platforms), "in_hand": list(in_hand)}
        if self._work.dialect == "sqlite" and not self._work.fetch(_NEXT, asked):
            return None  # looking takes no turn from those who write
        self._work.begin()
        rows = self._work.fetch(_NEXT_UNLOCKED, asked)
        if not rows:
            return None
        row, lease = rows[0], uuid4().hex
        self._work.write(_TAKE, {"number": row.id, "taken_by": lease, "until": now + timedelta(seconds=seconds)})
        paced_until, ready_at = paced(row.destination, row.paced_until, now)
        self._work.write(_PACE, {"destination": row.destination, "paced": paced_until, "ready": ready_at})
        return Letter(row.id, _outgoing(row), row.tries + 1, row.status != "pending", lease)

    def sent(self, letter: Letter, message_id: str) -> None:
        """It is posted, whoever holds the lease by now: its words are erased."""
        values = self._gone("sent") | {"message_id": message_id, "fault": None}
        self._work.write(update(outbox).where(outbox.c.id == letter.id, outbox.c.status != "sent").values(**values))

    def repeat(self, letter: Letter) -> bool:
        """Note, before it is done, that it is posted once more although it may be there; False if lost to another."""
        return self._change(letter, status="sending", repeated=True)

    def put_back(self, letter: Letter, not_before: datetime, fault: str, *, doubtful: bool) -> bool:
        """It is to be tried again. `doubtful`: it may have been posted. False where another has taken it over."""
        status = "uncertain" if doubtful else "pending"
        return self._change(letter, status=status, lease=None, leased_until=None, not_before=not_before, fault=fault)

    def bury(self, letter: Letter, fault: str) -> bool:
        """It is not tried again unless an admin says so; those behind it go on. False if lost to another."""
        ended = {"lease": None, "leased_until": None, "done_at": self._work.now()}
        return self._change(letter, status="dead", fault=fault, **ended)

    def hold(self, destination: str, until: datetime) -> None:
        """Post nothing to `destination` before `until`."""
        later = and_(destinations.c.name == destination, destinations.c.ready_at < until)
        self._work.write(update(destinations).where(later).values(ready_at=until))

    def release_all(self) -> int:
        """What a process that is no more was sending is uncertain. Only where no other process can be at work."""
        free = {"status": "uncertain", "lease": None, "leased_until": None}
        return self._work.write(update(outbox).where(outbox.c.status == "sending").values(**free)).rowcount

    def purge(self, before: datetime) -> int:
        """Delete what was sent, dropped or buried before then, and destinations unused since; how many messages."""
        old = and_(outbox.c.status.in_(("sent", "dropped", "dead")), outbox.c.done_at < before)
        gone = self._work.write(delete(outbox).where(old)).rowcount
        used = exists().where(outbox.c.destination == destinations.c.name)
        self._work.write(delete(destinations).where(~used, destinations.c.ready_at < before))
        self._restore_destinations()
        return gone

    def posted(self, key: str) -> str | None:
        """The platform's id of the message that was sent under `key`; None where it is not sent (yet)."""
        rows = self._work.fetch(select(outbox.c.message_id).where(outbox.c.key == key, outbox.c.status == "sent"))
        return rows[0][0] if rows else None

    def depth(self, platforms: list[str]) -> tuple[int, datetime | None]:
        """How many messages to these platforms are not sent yet, and when the oldest of them was written."""
        unsent = and_(outbox.c.status.in_(UNSENT), outbox.c.platform.in_(platforms))
        query = select(func.count(outbox.c.id), func.min(outbox.c.written_at)).where(unsent)
        row: Any = self._work.fetch(query)[0]  # type: ignore[arg-type]  # SQLAlchemy 2.1 counts the columns
        return int(row[0]), row[1]

    def _restore_destinations(self) -> None:
        """A message may have been written to a destination in the moment in which it was deleted."""
        known = exists().where(destinations.c.name == outbox.c.destination)
        unknown = select(outbox.c.destination).distinct().where(outbox.c.status.in_(UNSENT), ~known)
        for (name,) in self._work.fetch(unknown):
            self._work.insert_new(destinations, _unused(name))

    def _change(self, letter: Letter, **values: Any) -> bool:
        ours = and_(outbox.c.id == letter.id, outbox.c.status == "sending", outbox.c.lease == letter.lease)
        return self._work.write(update(outbox).where(ours).values(**values)).rowcount == 1

    def _gone(self, status: str) -> dict[str, Any]:
        ended = {"payload": None, "lease": None, "leased_until": None, "done_at": self._work.now()}
        return ended | {"status": status}


def repeated(letter: Letter) -> Letter:
    """`letter`, marked as a possible repeat."""
    return replace(letter, outgoing=replace(letter.outgoing, repeated=True))


def _unused(destination: str) -> dict[str, Any]:
    return {"name": destination, "paced_until": AT_ONCE, "ready_at": AT_ONCE}


def _outgoing(row: Any) -> Outgoing:
    return Outgoing(
        row.destination,
        row.key,
        row.payload or {},
        cause=row.cause,
        order=row.order_key,
        not_before=row.not_before,
        repeated=row.repeated,
    )


# ── statements, built once ───────────────────────────────────────────────────────────────────────────────────────────

_NOW = bindparam("now", type_=Moment)


def _due() -> ColumnElement[bool]:
    waiting = and_(outbox.c.status.in_(("pending", "uncertain")), outbox.c.not_before <= _NOW)
    return or_(waiting, and_(outbox.c.status == "sending", outbox.c.leased_until <= _NOW))


def _held_back() -> ColumnElement[bool]:
    """An earlier message of the same thread is not sent yet."""
    other = outbox.alias("other")
    earlier = and_(other.c.order_key == outbox.c.order_key, other.c.id < outbox.c.id)
    return exists().where(earlier, other.c.status.in_(UNSENT))


_NEXT = (
    select(outbox, destinations.c.paced_until)
    .where(
        _due(),
        ~_held_back(),
        outbox.c.platform.in_(bindparam("platforms", expanding=True)),
        outbox.c.id.not_in(bindparam("in_hand", expanding=True)),
        destinations.c.name == outbox.c.destination,
        or_(destinations.c.ready_at <= _NOW, destinations.c.ready_at > bindparam("set_back", type_=Moment)),
    )
    .order_by(outbox.c.id)
    .limit(1)
)
_NEXT_UNLOCKED = _NEXT.with_for_update(skip_locked=True)
_TAKE = (
    update(outbox)
    .where(outbox.c.id == bindparam("number"))
    .values(
        status="sending",
        lease=bindparam("taken_by"),
        leased_until=bindparam("until", type_=Moment),
        tries=outbox.c.tries + 1,
    )
)
_PACE = (
    update(destinations)
    .where(destinations.c.name == bindparam("destination"))
    .values(paced_until=bindparam("paced", type_=Moment), ready_at=bindparam("ready", type_=Moment))
)
