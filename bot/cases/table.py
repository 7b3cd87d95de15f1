"""Every change of a consultation: one table (DESIGN §4.4), and the one function that reads it.

Rules that hold for every row: who is told what stands in the row; an event that no row names changes nothing; what is
not marked TELL or DELIVER never reaches the resident.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.cases.case import Case, Desk, State, Voice, erased


class What(StrEnum):
    """What happens to a consultation."""

    CANCEL = "cancel"
    EXPIRE = "expire"
    CONFIRM = "confirm"
    CLAIM = "claim"
    REMIND = "remind"
    ESCALATE = "escalate"
    HAND_BACK = "hand_back"
    LAPSE = "lapse"
    TRANSFER = "transfer"
    CLOSE = "close"
    REOPEN = "reopen"
    FORGET = "forget"
    PURGE = "purge"
    SAYS = "says"
    NOTE = "note"
    PREVIEW = "preview"
    SEND = "send"
    RATE = "rate"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """`by`: who, as the platform names them. `desk`: the desk of a claim or transfer, as `Desk.office`.
    `text`: the words that were said, the reason of a transfer, a rating."""

    what: What
    by: str = ""
    desk: str = ""
    text: str = ""


class Do(StrEnum):
    """What follows from a change. TELL and DELIVER go to the resident, the others to desks or to the record."""

    TELL = "tell"  # a sentence of bot/texts
    DELIVER = "deliver"  # the words of staff
    CARD = "card"  # a card at the desks of the case
    UPDATE = "update"  # its cards show the new state
    INFORM = "inform"  # an internal line below the cards
    RELAY = "relay"  # the resident's words, below the cards
    FALLBACK = "fallback"  # a card at the fallback desk
    KEEP = "keep"  # the words go to the record of the case
    ERASE = "erase"  # every word of the resident goes


@dataclass(frozen=True, slots=True)
class Effect:
    """`key`: the sentence, below `consult.` for TELL and below `staff.` for the rest. `voice`: whose words to KEEP."""

    do: Do
    key: str = ""
    voice: Voice | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the table. `holder`: only who holds the case may do it."""

    before: State
    what: What
    after: State
    effects: tuple[Effect, ...] = ()
    holder: bool = False


def _tell(key: str) -> Effect:
    return Effect(Do.TELL, key)


def _inform(key: str) -> Effect:
    return Effect(Do.INFORM, key)


def _keep(voice: Voice) -> Effect:
    return Effect(Do.KEEP, voice=voice)


_CARD, _UPDATE, _FALLBACK = Effect(Do.CARD), Effect(Do.UPDATE), Effect(Do.FALLBACK)
_RELAY, _DELIVER, _ERASE = Effect(Do.RELAY), Effect(Do.DELIVER), Effect(Do.ERASE)
_S, _W = State, What

TABLE: tuple[Change, ...] = (
    # a draft
    Change(_S.DRAFT, _W.CANCEL, _S.CANCELLED, (_tell("cancelled"), _ERASE)),
    Change(_S.DRAFT, _W.EXPIRE, _S.CANCELLED, (_tell("expired"), _ERASE)),
    Change(_S.DRAFT, _W.FORGET, _S.CANCELLED, (_ERASE,)),
    Change(_S.DRAFT, _W.CONFIRM, _S.OPEN, (_tell("received"), _CARD)),
    # waiting for a claim: the bot has the floor
    Change(_S.OPEN, _W.CLAIM, _S.CLAIMED, (_tell("claimed"), _UPDATE, _inform("claimed"))),
    Change(_S.OPEN, _W.REMIND, _S.OPEN, (_inform("reminder"),)),
    Change(_S.OPEN, _W.ESCALATE, _S.OPEN, (_tell("escalated"), _UPDATE, _FALLBACK, _inform("escalated"))),
    Change(_S.OPEN, _W.TRANSFER, _S.OPEN, (_tell("transferred"), _UPDATE, _CARD, _inform("transferred"))),
    Change(_S.OPEN, _W.SAYS, _S.OPEN, (_tell("added"), _RELAY, _keep(Voice.RESIDENT))),
    Change(_S.OPEN, _W.NOTE, _S.OPEN, (_inform("note"), _keep(Voice.NOTE))),
    Change(_S.OPEN, _W.FORGET, _S.WITHDRAWN, (_UPDATE, _inform("withdrawn"), _ERASE)),
    # claimed: a person has the floor
    Change(_S.CLAIMED, _W.SAYS, _S.CLAIMED, (_RELAY, _keep(Voice.RESIDENT))),
    Change(_S.CLAIMED, _W.NOTE, _S.CLAIMED, (_inform("note"), _keep(Voice.NOTE))),
    Change(_S.CLAIMED, _W.PREVIEW, _S.CLAIMED, (), holder=True),
    Change(_S.CLAIMED, _W.SEND, _S.CLAIMED, (_DELIVER, _inform("sent"), _keep(Voice.STAFF)), holder=True),
    Change(_S.CLAIMED, _W.HAND_BACK, _S.OPEN, (_tell("handed_back"), _UPDATE, _inform("handed_back"))),
    Change(_S.CLAIMED, _W.LAPSE, _S.OPEN, (_tell("handed_back"), _UPDATE, _inform("lapsed"))),
    Change(_S.CLAIMED, _W.TRANSFER, _S.OPEN, (_tell("transferred"), _UPDATE, _CARD, _inform("transferred"))),
    Change(_S.CLAIMED, _W.CLOSE, _S.CLOSED, (_tell("closed"), _UPDATE, _inform("closed")), holder=True),
    Change(_S.CLAIMED, _W.FORGET, _S.WITHDRAWN, (_UPDATE, _inform("withdrawn"), _ERASE)),
    # ended
    Change(_S.CLOSED, _W.REOPEN, _S.OPEN, (_tell("reopened"), _UPDATE, _inform("reopened"))),
    Change(_S.CLOSED, _W.RATE, _S.CLOSED, (_tell("rated"), _inform("rated"))),
    Change(_S.CLOSED, _W.NOTE, _S.CLOSED, (_inform("note"), _keep(Voice.NOTE))),
    Change(_S.CLOSED, _W.FORGET, _S.CLOSED, (_UPDATE, _inform("withdrawn"), _ERASE)),
    Change(_S.CLOSED, _W.PURGE, _S.CLOSED, (_UPDATE, _ERASE)),
    # a message that cannot be delivered is a mark, not a state
    Change(_S.OPEN, _W.UNDELIVERED, _S.OPEN, (_FALLBACK, _inform("undelivered"))),
    Change(_S.CLAIMED, _W.UNDELIVERED, _S.CLAIMED, (_FALLBACK, _inform("undelivered"))),
    Change(_S.CLOSED, _W.UNDELIVERED, _S.CLOSED, (_inform("undelivered"),)),
)

_ROWS = {(change.before, change.what): change for change in TABLE}


def change_for(case: Case, event: CaseEvent) -> Change | None:
    """The row that `event` finds; None where it is not possible now, or not for whom it comes from."""
    change = _ROWS.get((case.state, event.what))
    if change is None or case.erased or (change.holder and event.by != case.holder):
        return None
    return change


def apply(case: Case, event: CaseEvent, now: datetime) -> tuple[Case, tuple[Effect, ...]] | None:
    """`case` after `event`, and what follows from it; None where nothing may change. Pure."""
    change = change_for(case, event)
    if change is None:
        return None
    after = replace(case, state=change.after, version=case.version + 1)
    if event.what in _CARRIED:
        after = _CARRIED[event.what](after, event, now)
    if _ERASE in change.effects:
        after = erased(after)
    return after, change.effects


# ── what an event carries into the case ──────────────────────────────────────────────────────────────────────────────

_Carry = Callable[[Case, CaseEvent, datetime], Case]


def _waits(case: Case, _event: CaseEvent, now: datetime) -> Case:
    """Waiting for a claim, from now."""
    return replace(
        case, holder=None, holder_desk="", claimed_at=None, waiting_since=now, touched_at=now, preview="",
        reminded=False, escalated=False,
    )  # fmt: skip


def _opened(case: Case, event: CaseEvent, now: datetime) -> Case:
    return replace(_waits(case, event, now), opened_at=now, step=None)


def _claimed(case: Case, event: CaseEvent, now: datetime) -> Case:
    return replace(
        case, holder=event.by, holder_desk=event.desk, claimed_at=now, touched_at=now, waiting_since=None,
        undelivered=None,
    )  # fmt: skip


def _transferred(case: Case, event: CaseEvent, now: datetime) -> Case:
    level = next((desk.level for desk in case.offered if desk.office == event.desk), "")
    return replace(_waits(case, event, now), desks=(Desk(event.desk, level),))


def _ended(case: Case, _event: CaseEvent, now: datetime) -> Case:
    return replace(case, ended_at=now, touched_at=now, preview="", waiting_since=None)


def _touched(case: Case, _event: CaseEvent, now: datetime) -> Case:
    return replace(case, touched_at=now)


_CARRIED: dict[What, _Carry] = {
    What.CONFIRM: _opened,
    What.CLAIM: _claimed,
    What.HAND_BACK: _waits,
    What.LAPSE: _waits,
    What.TRANSFER: _transferred,
    What.REOPEN: lambda case, event, now: replace(_waits(case, event, now), ended_at=None, rating=None),
    What.CLOSE: _ended,
    What.CANCEL: _ended,
    What.EXPIRE: _ended,
    What.FORGET: _ended,
    What.NOTE: _touched,
    What.REMIND: lambda case, _event, _now: replace(case, reminded=True),
    What.ESCALATE: lambda case, _event, _now: replace(case, reminded=True, escalated=True),
    What.PREVIEW: lambda case, event, now: replace(case, preview=event.text, touched_at=now),
    What.SEND: lambda case, _event, now: replace(case, preview="", touched_at=now),
    What.RATE: lambda case, event, _now: replace(case, rating=event.text),
    What.UNDELIVERED: lambda case, event, _now: replace(case, undelivered=event.text),
}
