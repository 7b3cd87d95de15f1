"""Which desk is reached where, and how long it may take: the settings of DESKS_FILE, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.calendar import BusinessCalendar
from bot.cases.case import Case, Desk

CONSOLE = "console:desk"
"""The destination of `renkei desk`, and of every desk while there is no DESKS_FILE."""

FALLBACK = Desk("")

_DESTINATION = re.compile(r"console|slack:[CG][A-Z0-9]{2,}|telegram:-\d+(/(topics|\d+))?")


def destination(text: str) -> str | None:
    """`console`, `slack:C…`, `telegram:-100…`, `telegram:-100…/topics` or `/<topic>` as an address of the outbox; None
    where it is none of them."""
    if not _DESTINATION.fullmatch(text):
        return None
    return CONSOLE if text == "console" else text


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """`destinations`: office → address; an office without one is reached at `fallback`. Times in hours of opening:
    `remind_after` and `escalate_after` of waiting for a claim, `hand_back_after` of silence of who claimed it.
    `answer_days`: working days in which an answer may be expected. `mark`: what begins a reply to the resident where a
    desk writes plain lines. `retention_days`: how long the words of an ended consultation are kept."""

    fallback: str = CONSOLE
    destinations: Mapping[str, str] = field(default_factory=dict)
    calendar: BusinessCalendar = field(default_factory=BusinessCalendar)
    remind_after: float = 4
    escalate_after: float = 8
    hand_back_after: float = 24
    answer_days: int = 3
    mark: str = "住民へ:"
    retention_days: int = 365

    def destination(self, desk: Desk) -> str:
        return self.destinations.get(desk.office, self.fallback)

    def places(self, case: Case) -> tuple[str, ...]:
        """Who is concerned, each address once: the desk of the holder; without one, the desks of the case, and the
        fallback desk once it was escalated or could not be delivered."""
        if case.human:
            return (self.destination(Desk(case.holder_desk)),)
        found = [self.destination(desk) for desk in case.desks]
        if case.escalated or case.undelivered:
            found.append(self.fallback)
        return tuple(dict.fromkeys(found))

    def desk_at(self, case: Case, where: str) -> Desk:
        """The desk of `case` whose address is `where`; the fallback desk where it is none of them."""
        return next((desk for desk in case.desks if self.destination(desk) == where), FALLBACK)

    def first_office(self, case: Case) -> str:
        """The office whose hours count for `case`."""
        return case.desks[0].office if case.desks else ""

    def reminder_due(self, case: Case) -> datetime | None:
        return self._due(case, self.remind_after)

    def escalation_due(self, case: Case) -> datetime | None:
        return self._due(case, self.escalate_after)

    def _due(self, case: Case, hours: float) -> datetime | None:
        if case.waiting_since is None:
            return None
        return self.calendar.due(case.waiting_since, hours, self.first_office(case))
