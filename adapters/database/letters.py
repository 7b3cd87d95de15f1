"""What could not be handled or delivered, for an admin to look at: without its words, to resend or to drop."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select, update

from adapters.database.schema import inbox, outbox
from knowledge.errors import DatabaseError

if TYPE_CHECKING:
    from adapters.database.work import SqlWork


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`id`: "o12" for a message, "i5" for an event; `where`: its destination, or the platform it came from."""

    id: str
    where: str
    cause: str
    tries: int
    at: datetime
    fault: str


def dead_letters(work: "SqlWork") -> list[DeadLetter]:
    """Messages first, then events, oldest first."""
    out = work.fetch(select(outbox).where(outbox.c.status == "dead").order_by(outbox.c.id))
    came = work.fetch(select(inbox).where(inbox.c.status == "dead").order_by(inbox.c.id))
    return [
        *(DeadLetter(f"o{r.id}", r.destination, r.cause, r.tries, r.done_at, r.fault or "") for r in out),
        *(DeadLetter(f"i{r.id}", r.platform, r.conversation, r.tries, r.done_at, r.fault or "") for r in came),
    ]


def waiting(work: "SqlWork") -> tuple[int, int]:
    """How many events wait to be handled, and how many messages to be sent."""
    events = select(func.count()).where(inbox.c.status.in_(("new", "leased")))
    messages = select(func.count()).where(outbox.c.status.in_(("pending", "sending", "uncertain")))
    return int(work.fetch(events)[0][0]), int(work.fetch(messages)[0][0])


def resend(work: "SqlWork", letter: str) -> None:
    """Try it again from the start; a message that may have arrived is looked up first, or marked as a possible repeat.

    It then comes after what was sent meanwhile. Raises DatabaseError where there is no such dead letter.
    """
    now, number = work.now(), _number(letter)
    again = {"tries": 0, "not_before": now, "done_at": None, "fault": None}
    if letter.startswith("i"):
        _change_event(work, number, again | {"status": "new", "failures": 0})
        return
    doubtful = and_(outbox.c.id == number, outbox.c.status == "dead", outbox.c.fault.startswith("uncertain"))
    if not work.write(update(outbox).where(doubtful).values(**again, status="uncertain", repeated=False)).rowcount:
        _change_message(work, number, again | {"status": "pending"})


def drop(work: "SqlWork", letter: str) -> None:
    """Erase its words and try it no more. Raises DatabaseError where there is no such dead letter."""
    number = _number(letter)
    if letter.startswith("i"):
        _change_event(work, number, {"status": "done", "payload": None, "done_at": work.now()})
    else:
        _change_message(work, number, {"status": "dropped", "payload": None, "done_at": work.now()})


def _change_event(work: "SqlWork", number: int, values: dict[str, object]) -> None:
    dead = and_(inbox.c.id == number, inbox.c.status == "dead")
    if not work.write(update(inbox).where(dead).values(**values)).rowcount:
        raise _unknown(f"i{number}")


def _change_message(work: "SqlWork", number: int, values: dict[str, object]) -> None:
    dead = and_(outbox.c.id == number, outbox.c.status == "dead")
    if not work.write(update(outbox).where(dead).values(**values)).rowcount:
        raise _unknown(f"o{number}")


def _number(letter: str) -> int:
    if letter[:1] not in ("o", "i") or not letter[1:].isdecimal() or len(letter) > 18:
        raise _unknown(letter)
    return int(letter[1:])


def _unknown(letter: str) -> DatabaseError:
    return DatabaseError(
        f"{letter} という番号の、届かなかったものはありません。`renkei outbox` で番号を確かめてください。"
    )
