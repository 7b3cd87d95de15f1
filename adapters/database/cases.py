"""Consultations in the database: what is looked for in columns of its own, the rest as JSON."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from adapters.database.schema import consultations, feedback, greetings, guesses, messages
from bot.cases.case import Case, ConflictError, Line, State, Voice

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

_CASE = TypeAdapter(Case)
_ACTIVE = (State.DRAFT, State.OPEN, State.CLAIMED)
_GUESSES_KEPT = timedelta(days=1)


class SqlCases:
    """Fulfils `bot.ports.CaseStore`. On PostgreSQL, cases read within a transaction are locked until it ends; on SQLite
    the transaction itself is the lock."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def get(self, receipt: str) -> Case | None:
        found = self._those(consultations.c.receipt == receipt)
        return found[0] if found else None

    def of_thread(self, thread: str) -> tuple[Case, ...]:
        return self._those(and_(consultations.c.thread == thread, ~consultations.c.erased))

    def of_user(self, user: str) -> tuple[Case, ...]:
        return self._those(and_(consultations.c.person == user, ~consultations.c.erased))

    def active(self) -> tuple[Case, ...]:
        return self._those(consultations.c.state.in_(_ACTIVE))

    def ended_before(self, moment: datetime) -> tuple[Case, ...]:
        return self._those(and_(consultations.c.ended_at < moment, ~consultations.c.erased))

    def put(self, case: Case) -> None:
        if case.version == 1:
            kept = self._work.insert_new(consultations, _row(case) | {"receipt": case.receipt})
        else:
            last = and_(consultations.c.receipt == case.receipt, consultations.c.version == case.version - 1)
            kept = self._work.write(update(consultations).where(last).values(**_row(case))).rowcount == 1
        if not kept:
            raise ConflictError(case.receipt)

    def keep(self, receipt: str, line: Line) -> None:
        row = {"receipt": receipt, "at": line.at, "voice": line.voice.value, "text": _storable(line.text)}
        self._work.write(insert(messages).values(**row))

    def lines(self, receipt: str) -> tuple[Line, ...]:
        rows = self._work.fetch(select(messages).where(messages.c.receipt == receipt).order_by(messages.c.id))
        return tuple(Line(row.at, Voice(row.voice), row.text) for row in rows)

    def erase(self, receipt: str) -> None:
        self._work.write(delete(messages).where(messages.c.receipt == receipt))

    def rate(self, receipt: str, rating: str, at: datetime) -> None:
        self._work.write(delete(feedback).where(feedback.c.receipt == receipt))
        self._work.write(insert(feedback).values(receipt=receipt, rating=rating, at=at))

    def greeted(self, user: str) -> bool:
        return bool(self._work.fetch(select(greetings.c.at).where(greetings.c.person == user)))

    def greet(self, user: str, at: datetime) -> None:
        self._work.insert_new(greetings, {"person": user, "at": at})

    def guess(self, user: str, at: datetime) -> None:
        self._work.write(delete(guesses).where(guesses.c.at < at - _GUESSES_KEPT))
        self._work.write(insert(guesses).values(person=user, at=at))

    def guesses(self, user: str, since: datetime) -> int:
        mine = and_(guesses.c.person == user, guesses.c.at >= since)
        return int(self._work.fetch(select(func.count()).select_from(guesses).where(mine))[0][0])

    def forget(self, user: str) -> None:
        self._work.write(delete(greetings).where(greetings.c.person == user))
        self._work.write(delete(guesses).where(guesses.c.person == user))

    def _those(self, fits: ColumnElement[bool]) -> tuple[Case, ...]:
        query = select(consultations.c.content).where(fits).order_by(consultations.c.id)
        if self._work.begun:
            query = query.with_for_update()
        return tuple(_CASE.validate_python(row.content) for row in self._work.fetch(query))


def _row(case: Case) -> dict[str, Any]:
    return {
        "state": case.state.value,
        "thread": case.thread,
        "person": case.user,
        "version": case.version,
        "erased": case.erased,
        "ended_at": case.ended_at,
        "content": _CASE.dump_python(case, mode="json"),
    }


def _storable(text: str) -> str:
    """Without NUL and half character pairs, which a text column cannot hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
