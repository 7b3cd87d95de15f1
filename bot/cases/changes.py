"""A change of a consultation and all that follows from it, written in one unit of work.

The table says what follows; here it becomes rows: the case, its record, messages to send, the audit.

Payload of a message: `text`; `buttons`, a list of {action, label, value}; and for desks `card` (the receipt number:
this is the card), `below` (the key of the card under which it belongs) or `edits` (the key of the card whose place it
takes). Platforms find a card's own id by its key.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.cases.card import Cards
from bot.cases.case import Case, Line, Voice
from bot.cases.desks import DeskPlan
from bot.cases.table import CaseEvent, Do, Effect, What, apply
from bot.cases.wording import Said, Wording
from bot.message import Button
from bot.ports import Work
from bot.post import Outgoing

RESIDENT = "resident"
"""How the audit names residents: it outlives what they may have erased."""

_SILENT = (What.PREVIEW, What.SAYS)  # not noted in the audit: SEND and the record tell of them


@dataclass(frozen=True, slots=True)
class Changes:
    """`mask`: what of a resident's words may be kept."""

    plan: DeskPlan
    words: Wording
    cards: Cards
    mask: Callable[[str], str]

    def happen(self, case: Case, event: CaseEvent, now: datetime, work: Work) -> tuple[Case, Said | None] | None:
        """`case` after `event`, and what its resident is told; None where nothing may change now.

        The caller says the sentence where the resident is waiting for a reply, else hands it to `tell`.
        """
        outcome = apply(case, event, now)
        if outcome is None:
            return None
        after, effects = outcome
        after = self._carded(after, effects)
        work.cases.put(after)
        if event.what not in _SILENT:
            work.audit.note(_who(case, event), event.what.value, case.receipt)
        if event.what is What.RATE:
            work.cases.rate(case.receipt, event.text, now)
        self._keep(case, event, effects, now, work)
        for n, outgoing in enumerate(self._posts(case, after, event, effects)):
            work.outbox.put(replace(outgoing, key=outgoing.key or f"{after.receipt}:{after.version}:{n}"))
        return after, self._told(case, after, event, effects, now)

    def announce(self, case: Case, event: CaseEvent, now: datetime, work: Work) -> Case | None:
        """`happen`, and the resident is told in their conversation."""
        outcome = self.happen(case, event, now, work)
        if outcome is None:
            return None
        after, told = outcome
        if told:
            self.tell(case.thread, told, f"{after.receipt}:{after.version}:told", work, cause=after.receipt)
        return after

    def tell(self, thread: str, said: Said, key: str, work: Work, cause: str = "") -> None:
        """Write to a conversation."""
        work.outbox.put(Outgoing(thread, key, payload(said), cause=cause))

    # ── effects ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _carded(self, case: Case, effects: Iterable[Effect]) -> Case:
        """The case with the addresses at which it now has a card."""
        for effect in effects:
            new = {Do.CARD: self.plan.places(case), Do.FALLBACK: (self.plan.fallback,)}.get(effect.do, ())
            case = replace(case, cards=tuple(dict.fromkeys((*case.cards, *new))))
        return case

    def _keep(self, case: Case, event: CaseEvent, effects: Iterable[Effect], now: datetime, work: Work) -> None:
        for effect in effects:
            if effect.do is Do.KEEP and effect.voice:
                text = self.mask(event.text) if effect.voice is Voice.RESIDENT else event.text
                work.cases.keep(case.receipt, Line(now, effect.voice, text))
            if effect.do is Do.ERASE:
                work.cases.erase(case.receipt)
                work.outbox.withdraw(case.receipt)

    def _told(
        self, before: Case, after: Case, event: CaseEvent, effects: Iterable[Effect], now: datetime
    ) -> Said | None:
        for effect in effects:
            if effect.do is Do.TELL:
                return self.words.told(effect.key, before, after, event, now)
            if effect.do is Do.DELIVER:
                return self.words.delivered(after, event.text)
        return None

    def _posts(self, before: Case, after: Case, event: CaseEvent, effects: Iterable[Effect]) -> Iterable[Outgoing]:
        """The messages to desks."""
        concerned = [place for place in after.cards if place in (*self.plan.places(before), *self.plan.places(after))]
        for effect in effects:
            match effect.do:
                case Do.CARD | Do.FALLBACK:
                    places = self.plan.places(after) if effect.do is Do.CARD else (self.plan.fallback,)
                    yield from (self._card(after, place, place in before.cards) for place in places)
                case Do.UPDATE:
                    yield from (self._card(after, place, edits=True, what=event.what) for place in before.cards)
                case Do.INFORM:
                    hours = self.plan.escalate_after
                    line = Said(self.cards.line(effect.key, after, event, hours))
                    yield from (self._below(after, place, line) for place in concerned)
                case Do.RELAY:
                    line = Said(self.cards.say("relay", receipt=after.receipt, text=event.text))
                    yield from (self._below(after, place, line) for place in self.plan.places(after))

    def _card(self, case: Case, place: str, edits: bool, what: What | None = None) -> Outgoing:
        """The card of `case` at `place`; `edits`: it is there already, and shows the new state from now on."""
        key = card_key(case, place)
        mark = {"edits": key} if edits else {"card": case.receipt}
        return _outgoing(case, place, payload(self.cards.card(case, what)) | mark, "" if edits else key)

    def _below(self, case: Case, place: str, said: Said) -> Outgoing:
        return _outgoing(case, place, payload(said) | {"below": card_key(case, place)})


def card_key(case: Case, place: str) -> str:
    """The key under which the card of `case` at `place` was written."""
    return f"{case.receipt}:card:{place}"


def payload(said: Said) -> dict[str, Any]:
    """A message as the outbox keeps it."""
    return {"text": said.text, "buttons": buttons_as_data(said.buttons)}


def buttons_as_data(buttons: Iterable[Button]) -> list[dict[str, str]]:
    return [asdict(button) | {"action": button.action.value} for button in buttons]


def _outgoing(case: Case, place: str, content: dict[str, Any], key: str = "") -> Outgoing:
    return Outgoing(place, key, content, cause=case.receipt, order=f"{place}#{case.receipt}")


def _who(case: Case, event: CaseEvent) -> str:
    """Staff by their id; residents are not named; what nobody did was the clock's doing."""
    if not event.by:
        return "timer"
    return RESIDENT if event.by == case.user else event.by
