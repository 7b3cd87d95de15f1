"""What time alone does to consultations: drafts lapse, waiting is noticed, silent desks hand back, words are purged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cases.case import Case, State
from bot.cases.changes import Changes
from bot.cases.desks import DeskPlan
from bot.cases.drafting import DRAFT_LASTS
from bot.cases.table import CaseEvent, What
from bot.ports import Work


def due(case: Case, plan: DeskPlan, now: datetime) -> What | None:
    """What the clock does to `case` now, if anything. Pure."""
    if case.state is State.DRAFT:
        return What.EXPIRE if now - case.touched_at >= DRAFT_LASTS else None
    if case.state is State.OPEN:
        if not case.escalated and _passed(plan.escalation_due(case), now):
            return What.ESCALATE
        return What.REMIND if not case.reminded and _passed(plan.reminder_due(case), now) else None
    if case.state is State.CLAIMED:
        lapses = plan.calendar.due(case.touched_at, plan.hand_back_after, case.holder_desk)
        return What.LAPSE if now >= lapses else None
    ended = case.ended_at is not None and now - case.ended_at >= timedelta(days=plan.retention_days)
    return What.PURGE if ended and case.state is State.CLOSED and not case.erased else None


def _passed(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and now >= moment


@dataclass(frozen=True, slots=True)
class Timers:
    """`look` reads and holds nothing; each `fire` is a unit of work of its own, so that one fault stops no other."""

    changes: Changes

    def look(self, now: datetime, work: Work) -> Iterator[str]:
        """The receipt numbers of consultations to which something is due."""
        old = work.cases.ended_before(now - timedelta(days=self.changes.plan.retention_days))
        for case in (*work.cases.active(), *old):
            if due(case, self.changes.plan, now):
                yield case.receipt

    def fire(self, receipt: str, now: datetime, work: Work) -> What | None:
        """Let happen what is due to a consultation; None where nothing is any more."""
        work.begin()
        case = work.cases.get(receipt)
        what = due(case, self.changes.plan, now) if case else None
        if case is None or what is None:
            return None
        self.changes.announce(case, CaseEvent(what), now, work)
        return what
