"""The draft of a consultation: what is missing is asked, one thing at a time; all can be taken back at every step.

`listen` is a pure function of the draft and of what was read; it never sends anything. The order of asking is `STEPS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cases.case import Case, Desk, State, Step, Way, Wish
from bot.cases.desks import FALLBACK
from bot.cases.reading import Heard
from bot.cases.table import What
from bot.message import Lang, ReplyStatus
from bot.naming import office_name
from bot.routing import Routing
from bot.triage import Intent
from knowledge.entities import Level

MAX_MATTER = 2000  # characters
ASKS = 2  # how often the place is asked before the fallback desk takes it


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of a message. `remark`: what to say before the next question, a key of [consult]. `fixing`: ask what
    to correct. `what`: CANCEL or CONFIRM. `aside`: it was no answer; the bot replies, and the question stands."""

    case: Case
    remark: str = ""
    fixing: bool = False
    what: What | None = None
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """What is known when a consultation begins: the words that may be kept, and where their place leads."""

    matter: str = ""
    place: Routing | None = None
    why: str = ""
    masked: bool = False


def begin(receipt: str, thread: str, user: str, lang: Lang, now: datetime, start: Start, public: bool = False) -> Turn:
    """A draft that knows what was said already, and its first question."""
    case = Case(receipt, State.DRAFT, thread, user, lang, now, matter=start.matter[:MAX_MATTER], public=public)
    if start.place is not None and start.place.status is ReplyStatus.ROUTED:
        case = _placed(case, start.place, start.why)
    return Turn(_forward(case), remark="masked" if start.masked else "")


def listen(draft: Case, heard: Heard, now: datetime) -> Turn:
    """The draft after what was said. Taking back and correcting come first, at every step."""
    if heard.intent is Intent.EMERGENCY:
        return Turn(draft, aside=True)
    if "cancel" in heard.said:
        return Turn(draft, what=What.CANCEL)
    if heard.aside and not heard.said - {"unclear"} and not heard.address:
        return Turn(draft, aside=True)
    turn = _corrected(draft, heard) or _STEPS[draft.step or Step.REVIEW](draft, heard)
    return replace(turn, case=_forward(replace(turn.case, touched_at=now)))


def fix(draft: Case, step: Step, now: datetime) -> Turn:
    """Ask again for what `step` asks for: a button below 「どこを直しましょうか」."""
    return Turn(replace(_without(draft, step), step=step, touched_at=now))


def choose_levels(draft: Case, levels: tuple[Level, ...]) -> Turn:
    """Send it to the desks of these governments only, of those that routing found."""
    desks = tuple(desk for desk in draft.offered if not desk.level or desk.level in levels)
    if not desks or len(draft.offered) < 2:
        return Turn(draft, remark="levels_one")
    return Turn(replace(draft, desks=desks), remark="desks_chosen")


# ── corrections, at every step ───────────────────────────────────────────────────────────────────────────────────────


def _corrected(draft: Case, heard: Heard) -> Turn | None:
    if heard.fixes is not None and draft.step is not heard.fixes:
        return Turn(replace(_without(draft, heard.fixes), step=heard.fixes))
    if "fix" in heard.said:
        return Turn(draft, fixing=True)
    if heard.levels and draft.offered:
        return choose_levels(draft, heard.levels)
    if heard.only_place and draft.step is not Step.PLACE and _is_routed(heard.place):
        return Turn(_placed(draft, heard.place, heard.why), remark="place_chosen")
    return None


def _without(draft: Case, step: Step) -> Case:
    """The draft without what `step` asks for."""
    if step is Step.MATTER:
        return replace(draft, matter="")
    if step is Step.PLACE:
        return replace(draft, places=(), reason="", why="", offered=(), desks=(), asked=0)
    return replace(draft, wish=None)


# ── the steps ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _hear_matter(draft: Case, heard: Heard) -> Turn:
    if not heard.kept.strip():
        return Turn(draft, aside=True)
    if len(heard.kept) > MAX_MATTER:
        return Turn(draft, remark="too_long")
    draft = replace(draft, matter=heard.kept.strip())
    if not draft.desks and _is_routed(heard.place):
        draft = _placed(draft, heard.place, heard.why)
    return Turn(draft, remark=_masked(heard))


def _hear_place(draft: Case, heard: Heard) -> Turn:
    if _is_routed(heard.place):
        return Turn(_placed(draft, heard.place, heard.why))
    if "unknown" in heard.said or (heard.place is None and not heard.asks and draft.asked >= ASKS):
        return Turn(replace(draft, desks=(FALLBACK,), offered=(FALLBACK,), asked=0), remark="place_unknown")
    if heard.asks and heard.place is None:
        return Turn(draft, aside=True)
    return Turn(replace(draft, asked=draft.asked + 1))


def _hear_way(draft: Case, heard: Heard) -> Turn:
    if heard.address:
        return Turn(replace(draft, wish=Wish(Way.OUTSIDE, heard.address)))
    if heard.way == Way.OUTSIDE:
        return Turn(replace(draft, step=Step.ADDRESS))
    if heard.way:
        return Turn(replace(draft, wish=Wish(Way(heard.way))))
    return Turn(draft, aside=heard.asks)


def _hear_address(draft: Case, heard: Heard) -> Turn:
    if heard.address or heard.way in (Way.HERE, Way.NONE):
        return _hear_way(draft, heard)
    return Turn(draft, aside=True) if heard.asks else Turn(draft, remark="address_again")


def _hear_review(draft: Case, heard: Heard) -> Turn:
    """Only a clear yes sends. Words that are neither yes, nor no, nor a question are added, and shown again."""
    if "unclear" in heard.said:
        return Turn(draft, remark="unclear")
    if "confirm" in heard.said:
        return Turn(draft, what=What.CONFIRM)
    if heard.way or (heard.address and len(heard.address) + 8 >= len(heard.text)):
        return _hear_way(replace(draft, wish=None), heard)
    if heard.asks or not heard.kept.strip():
        return Turn(draft, aside=True)
    whole = f"{draft.matter}\n{heard.kept.strip()}"
    if len(whole) > MAX_MATTER:
        return Turn(draft, remark="too_long")
    return Turn(replace(draft, matter=whole), remark=_masked(heard))


_STEPS: dict[Step, Callable[[Case, Heard], Turn]] = {
    Step.MATTER: _hear_matter,
    Step.PLACE: _hear_place,
    Step.WAY: _hear_way,
    Step.ADDRESS: _hear_address,
    Step.REVIEW: _hear_review,
}


# ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _forward(draft: Case) -> Case:
    """On to the first step whose answer is missing."""
    if draft.step is Step.ADDRESS and draft.wish is None:
        return draft
    missing = (
        (Step.MATTER, not draft.matter),
        (Step.PLACE, not draft.desks),
        (Step.WAY, draft.wish is None),
    )
    return replace(draft, step=next((step for step, lacks in missing if lacks), Step.REVIEW))


def _placed(draft: Case, place: Routing | None, why: str) -> Case:
    assert place is not None
    desks = tuple(Desk(office_name(office), office.level.value) for office in place.offices)
    return replace(
        draft, places=place.places, reason=place.reason, why=why, offered=desks, desks=desks, asked=0,
        step=None if draft.step is Step.PLACE else draft.step,
    )  # fmt: skip


def _is_routed(place: Routing | None) -> bool:
    return place is not None and place.status is ReplyStatus.ROUTED


def _masked(heard: Heard) -> str:
    return "masked" if heard.kept != heard.text else ""
