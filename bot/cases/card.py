"""What staff read: the card of a consultation, the internal lines below it, the buttons. Never for residents."""

from dataclasses import dataclass
from datetime import datetime

from bot.cases.case import Case, State
from bot.cases.table import CaseEvent, What
from bot.cases.wording import Said, Wording
from bot.message import Action, Button, Lang

_BUTTONS = {
    State.OPEN: (Action.CLAIM, Action.TRANSFER, Action.NOTE),
    State.CLAIMED: (Action.REPLY, Action.NOTE, Action.TRANSFER, Action.CLOSE),
    State.CLOSED: (Action.REOPEN,),
}
"""What can be done in each state, most likely first."""

_ERASED: dict[What | None, str] = {What.FORGET: "card_forgotten", What.PURGE: "card_purged"}
_RATINGS = ("good", "bad")


@dataclass(frozen=True, slots=True)
class Cards:
    """Pure. The words are the [staff] section of bot/texts."""

    words: Wording

    def card(self, case: Case, what: What | None = None) -> Said:
        """The case at a glance: what, where, why here, how to answer, what the documents say. `what`: what changed."""
        buttons = tuple(self._button(action, case) for action in _BUTTONS.get(case.state, ()))
        if case.erased:
            return Said(self.say(_ERASED.get(what, "card_erased"), receipt=case.receipt, state=self.state(case)))
        opened = _moment(case.opened_at)
        facts = self.say(
            "card",
            receipt=case.receipt,
            state=self.state(case),
            place="・".join(case.places) or self.words.say(Lang.JA, "no_place"),
            matter=case.matter,
            way=self.words.way(case, Lang.JA),
            desks=self.words.desks(Lang.JA, case.desks),
            reason=case.why or self.words.say(Lang.JA, "place_unknown"),
            opened=opened,
        ).strip("\n")
        lang = [self.say("card_lang", code=case.lang.value)] if case.lang is not Lang.JA else []
        return Said("\n".join([facts, *lang, "", *self._answer(case)]), buttons)

    def _answer(self, case: Case) -> list[str]:
        """The bot's draft answer with its sources: staff check it, and send their own words."""
        if not case.answer:
            return [self.say("card_no_answer")]
        sources = [
            self.say("card_source", n=n, title=s.title, section=s.section, date=s.date or "", source=s.source)
            for n, s in enumerate(case.sources, 1)
        ]
        return [self.say("card_answer", answer=case.answer), *(" ".join(line.split()) for line in sources)]

    def line(self, key: str, case: Case, event: CaseEvent, hours: float = 0) -> str:
        """An internal line of an INFORM effect."""
        text = event.text
        if key == "rated" and text in _RATINGS:
            text = self.words.texts.say(Lang.JA, f"button.{text}")
        return self.say(
            key,
            receipt=case.receipt,
            by=event.by,
            office=self.words.office(Lang.JA, event.desk or case.holder_desk),
            text=text,
            hours=f"{hours:g}",
            mark=self.words.plan.mark,
        )

    def preview(self, case: Case) -> Said:
        """What will reach the resident, before it does."""
        buttons = (self._button(Action.SEND_TO_RESIDENT, case), self._button(Action.CANCEL, case))
        return Said(self.say("preview", receipt=case.receipt, text=case.preview), buttons)

    def row(self, case: Case) -> str:
        return self.say(
            "list_row",
            receipt=case.receipt,
            state=self.state(case),
            place="・".join(case.places),
            opened=_moment(case.opened_at),
        )

    def state(self, case: Case) -> str:
        return self.say(f"state_{case.state}", office=self.words.office(Lang.JA, case.holder_desk))

    def say(self, key: str, **fields: object) -> str:
        return self.words.texts.say(Lang.JA, f"staff.{key}", **fields)

    def _button(self, action: Action, case: Case) -> Button:
        return Button(action, self.words.texts.say(Lang.JA, f"staff_button.{action}"), case.receipt)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
