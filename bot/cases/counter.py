"""The desk's side: claim, reply, note, transfer, close. One call is one unit of work.

What staff write is internal. Only a reply that was previewed and then sent on purpose reaches the resident.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.access import Access
from bot.cases.case import Case, Line, Voice
from bot.cases.changes import Changes
from bot.cases.table import CaseEvent, What
from bot.cases.wording import Said
from bot.message import Action
from bot.naming import office_name
from bot.ports import Clock, Work
from knowledge.directory import Directory

BACK = "back"
"""The office of a transfer that only hands the case back, to wait for another claim."""

_SIMPLE = {Action.CLAIM: What.CLAIM, Action.CLOSE: What.CLOSE, Action.REOPEN: What.REOPEN}
_WORDS = {Action.REPLY: "ask_reply", Action.NOTE: "ask_note"}


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody at a desk does. `by`: their id; `where`: the address at which they do it; `office`: the new desk
    of a transfer, or BACK. `text`: reply, note, or the reason of a transfer."""

    by: str
    where: str
    action: Action
    receipt: str
    text: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """Answers are for staff alone, at the place where the move was made."""

    changes: Changes
    access: Access
    directory: Directory
    clock: Clock

    def act(self, move: Move, work: Work) -> Said:
        """Do it, or say why not."""
        if not self.access.is_staff(move.by):
            return self._say("staff_only")
        work.begin()
        case = work.cases.get(move.receipt)
        if case is None or case.opened_at is None:
            return self._say("not_found", receipt=move.receipt)
        match move.action:
            case Action.REPLY | Action.NOTE:
                return self._written(case, move, work)
            case Action.SEND_TO_RESIDENT:
                return self._sent(case, move, work)
            case Action.CANCEL:
                return self._happened(case, CaseEvent(What.PREVIEW, move.by), work, "preview_dropped")
            case Action.TRANSFER:
                return self._transferred(case, move, work)
            case Action.CLAIM | Action.CLOSE | Action.REOPEN:
                desk = self.changes.plan.desk_at(case, move.where).office
                return self._happened(case, CaseEvent(_SIMPLE[move.action], move.by, desk=desk), work)
            case _:
                return self._refused(case)

    def talk(self, move: Move, work: Work) -> Said | None:
        """A plain line below a card. It is internal, unless it begins with the mark: then it is previewed."""
        mark = self.changes.plan.mark
        if not self.access.is_staff(move.by):
            return None
        if _narrow(move.text.lstrip()).startswith(_narrow(mark)):
            text = move.text.lstrip()[len(mark) :].strip()
            return self.act(Move(move.by, move.where, Action.REPLY, move.receipt, text), work)
        work.begin()
        case = work.cases.get(move.receipt)
        if case is not None and not case.erased and move.text.strip():
            work.cases.keep(case.receipt, Line(self.clock(), Voice.NOTE, move.text))
        return None

    def waiting(self, by: str, where: str, work: Work) -> Said:
        """The open and claimed consultations of the desks at `where`, a line each."""
        if not self.access.is_staff(by):
            return self._say("staff_only")
        cases = [case for case in work.cases.active() if case.live and where in case.cards]
        return Said("\n".join(map(self.changes.cards.row, cases))) if cases else self._say("list_empty")

    def show(self, by: str, receipt: str, work: Work) -> Said:
        """The card of a consultation, anew. The audit notes who looked."""
        if not self.access.is_staff(by):
            return self._say("staff_only")
        case = work.cases.get(receipt)
        if case is None or case.opened_at is None:
            return self._say("not_found", receipt=receipt)
        work.audit.note(by, "show", receipt)
        return self.changes.cards.card(case)

    # ── the moves ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _written(self, case: Case, move: Move, work: Work) -> Said:
        """A reply is shown before it is sent; a note stays inside."""
        if not move.text.strip():
            return self._say(_WORDS[move.action], receipt=case.receipt)
        what = What.PREVIEW if move.action is Action.REPLY else What.NOTE
        outcome = self.changes.happen(case, CaseEvent(what, move.by, text=move.text.strip()), self.clock(), work)
        if outcome is None:
            return self._refused(case)
        if what is What.NOTE:
            return self._say("noted", receipt=case.receipt)
        return self.changes.cards.preview(outcome[0])

    def _sent(self, case: Case, move: Move, work: Work) -> Said:
        if case.human and case.holder == move.by and not case.preview:
            return self._say("no_preview", receipt=case.receipt)
        return self._happened(case, CaseEvent(What.SEND, move.by, text=case.preview), work)

    def _transferred(self, case: Case, move: Move, work: Work) -> Said:
        if move.office == BACK:
            return self._happened(case, CaseEvent(What.HAND_BACK, move.by), work)
        if not move.office:
            return self._say("ask_transfer", receipt=case.receipt)
        office = self._office(move.office)
        if office is None:
            return self._say("no_office", text=move.office)
        if not move.text.strip():
            return self._say("no_reason")
        return self._happened(case, CaseEvent(What.TRANSFER, move.by, office, move.text.strip()), work)

    def _office(self, text: str) -> str | None:
        """The one office that `text` names: in full, or so that only one is found."""
        found = {office_name(office) for office in self.directory.find_offices(text)}
        if text in found:
            return text
        return found.pop() if len(found) == 1 else None

    def _happened(self, case: Case, event: CaseEvent, work: Work, key: str = "done") -> Said:
        if self.changes.announce(case, event, self.clock(), work) is None:
            return self._refused(case)
        return self._say(key, receipt=case.receipt)

    def _refused(self, case: Case) -> Said:
        """Not now, or not by this person."""
        if case.human:
            return self._say("not_holder", receipt=case.receipt, holder=case.holder)
        return self._say("refused", receipt=case.receipt, state=self.changes.cards.state(case))

    def _say(self, key: str, **fields: object) -> Said:
        return Said(self.changes.cards.say(key, **fields))


def _narrow(text: str) -> str:
    """A Japanese keyboard types the colon of the mark wide."""
    return text.replace("\uff1a", ":")


def undelivered(receipt: str, fault: str, changes: Changes, now: datetime, work: Work) -> None:
    """A message for a consultation could not be delivered: marked once, until somebody takes care of it."""
    work.begin()
    case = work.cases.get(receipt)
    if case is not None and not case.undelivered:
        changes.happen(case, CaseEvent(What.UNDELIVERED, text=fault), now, work)
