"""Who did what, when, on which case; never the content. The database itself refuses to change or delete a row."""

from typing import TYPE_CHECKING

from adapters.database.schema import audit

if TYPE_CHECKING:
    from adapters.database.work import SqlWork


class SqlAudit:
    """Fulfils `bot.ports.Audit`."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def note(self, who: str, what: str, case: str | None = None) -> None:
        self._work.insert(audit, {"at": self._work.now(), "who": who, "what": what, "case_id": case})
