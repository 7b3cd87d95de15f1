"""Who did what, when, on which case; never the content. The database itself refuses to change or delete a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from adapters.database.schema import audit

if TYPE_CHECKING:
    from adapters.database.work import SqlWork


@dataclass(frozen=True, slots=True)
class Note:
    """`who` ("staff:slack:U1", "admin:cli", "bot") did `what` ("claimed") at `at`; `case`: its receipt number."""

    at: datetime
    who: str
    what: str
    case: str | None


class SqlAudit:
    """Fulfils `bot.ports.Audit`."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def note(self, who: str, what: str, case: str | None = None) -> None:
        self._work.insert(audit, {"at": self._work.now(), "who": who, "what": what, "case_id": case})

    def entries(self, case: str | None = None) -> list[Note]:
        """All notes, or those of a case, oldest first."""
        query = select(audit).order_by(audit.c.id)
        rows = self._work.fetch(query if case is None else query.where(audit.c.case_id == case))
        return [Note(row.at, row.who, row.what, row.case_id) for row in rows]
