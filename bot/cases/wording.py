"""What residents read of a consultation: the questions of the draft, and what they are told of every change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.calendar import spoken_day
from bot.cases.case import Case, Desk, Line, State, Step, Voice, Way
from bot.cases.desks import DeskPlan
from bot.cases.journey import Turn
from bot.cases.table import CaseEvent
from bot.message import Action, Button, Lang
from bot.naming import office_name
from bot.texts import Texts
from knowledge.directory import Directory
from knowledge.entities import Level


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the choices below it, at most three."""

    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """Pure. `zone` of the times shown is that of the times given."""

    texts: Texts
    plan: DeskPlan
    directory: Directory

    # ── the draft ────────────────────────────────────────────────────────────────────────────────────────────────────

    def question(self, turn: Turn) -> Said:
        """The remark, and the question of the step that the draft is at."""
        case = turn.case
        asked = self._which(case) if turn.fixing else self._ask(case)
        remark = self._say(case, turn.remark, **self.summary(case)) if turn.remark else ""
        return Said("\n\n".join(part for part in (remark, asked.text) if part), asked.buttons)

    def _ask(self, case: Case) -> Said:
        cancel = self.button(case.lang, Action.CANCEL, "cancel")
        match case.step:
            case Step.MATTER:
                return Said(self._say(case, "ask_matter"), (cancel,))
            case Step.PLACE:
                unknown = self.button(case.lang, Action.CONSULT, "unknown_place", "place:unknown")
                return Said(self._say(case, "ask_place"), (unknown, cancel))
            case Step.WAY:
                return Said(self._say(case, "ask_way"), self._ways(case))
            case Step.ADDRESS:
                here, _, none = self._ways(case)
                public = (self._say(case, "address_public"),) if case.public else ()
                return Said("\n".join((self._say(case, "ask_address"), *public)), (here, none, cancel))
            case _:
                return self._review(case)

    def _ways(self, case: Case) -> tuple[Button, ...]:
        names = (("here", Way.HERE), ("outside", Way.OUTSIDE), ("no_answer", Way.NONE))
        return tuple(self.button(case.lang, Action.CONSULT, name, f"way:{way}") for name, way in names)

    def _review(self, case: Case) -> Said:
        """The exact words that will be sent, and to whom."""
        shown = self._say(case, "review", **self.summary(case))
        levels = (self._say(case, "review_levels"),) if len(case.offered) > 1 else ()
        buttons = (
            self.button(case.lang, Action.CONFIRM, "send", f"{case.receipt}:{case.version}"),
            self.button(case.lang, Action.CONSULT, "fix", "fix"),
            self.button(case.lang, Action.CANCEL, "cancel"),
        )
        return Said("\n\n".join((shown.strip("\n"), *levels)), buttons)

    def _which(self, case: Case) -> Said:
        steps = (Step.MATTER, Step.PLACE, Step.WAY)
        buttons = tuple(self.button(case.lang, Action.CONSULT, f"fix_{step}", f"fix:{step}") for step in steps)
        return Said(self._say(case, "fix_which"), buttons)

    def summary(self, case: Case) -> dict[str, str]:
        """The fields of a consultation as its resident reads them."""
        return {
            "desks": self.desks(case.lang, case.desks),
            "reason": case.reason or self._say(case, "place_unknown"),
            "place": "・".join(case.places) or self._say(case, "no_place"),
            "matter": case.matter,
            "way": self.way(case),
        }

    def way(self, case: Case, lang: Lang | None = None) -> str:
        if case.wish is None:
            return ""
        fields = {"address": case.wish.address} if case.wish.way is Way.OUTSIDE else {}
        return self.texts.say(lang or case.lang, f"consult.way_{case.wish.way}", **fields)

    # ── what is told of a change ─────────────────────────────────────────────────────────────────────────────────────

    def told(self, key: str, before: Case, after: Case, event: CaseEvent, now: datetime) -> Said:
        """The sentence of a TELL effect. `before` still knows whom it concerns where `after` was erased."""
        if key == "received":
            return Said(self._received(after, now))
        office = self.office(before.lang, after.holder_desk or event.desk or before.holder_desk)
        fields = {"receipt": before.receipt, "office": office, "reason": event.text}
        text = self.texts.say(before.lang, f"consult.{key}", **fields)
        if key == "escalated":
            text = "\n".join((text, *self._phones(after)))
        return Said(text, self._closing(after) if key == "closed" else ())

    def delivered(self, case: Case, text: str) -> Said:
        """The words of staff, under the name of their desk, never of a person."""
        office = self.office(case.lang, case.holder_desk)
        return Said(self.texts.say(case.lang, "consult.staff_says", office=office, receipt=case.receipt, text=text))

    def _received(self, case: Case, now: datetime) -> str:
        office = self.plan.first_office(case)
        calendar = self.plan.calendar
        opening = calendar.next_opening(now, office)
        until = spoken_day(calendar.next_working_day(opening.date(), self.plan.answer_days))
        hours = str(calendar.hours(office))
        desks = self.desks(case.lang, case.desks)
        parts = [self._say(case, "received", receipt=case.receipt, desks=desks, hours=hours)]
        if case.wish is not None and case.wish.way is Way.NONE:
            parts.append(self._say(case, "received_none"))
        elif calendar.is_open(now, office):
            parts.append(self._say(case, "received_open", date=until))
        else:
            starts = f"{spoken_day(opening.date())} {opening.hour}:{opening.minute:02}"
            parts.append(self._say(case, "received_closed", opening=starts, date=until))
        return "\n".join(parts)

    def _phones(self, case: Case) -> list[str]:
        """The phones of the desks, where the directory has them."""
        names = {desk.office for desk in case.desks}
        return [
            self._say(case, "escalated_phone", office=office_name(office, case.lang), phone=office.phone)
            for office in self.directory.offices
            if office_name(office) in names and office.phone
        ]

    def _closing(self, case: Case) -> tuple[Button, ...]:
        return (
            self.button(case.lang, Action.REOPEN, "reopen", case.receipt),
            self.button(case.lang, Action.FEEDBACK, "good", f"{case.receipt}:good"),
            self.button(case.lang, Action.FEEDBACK, "bad", f"{case.receipt}:bad"),
        )

    # ── looking up ───────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self, case: Case, lang: Lang) -> str:
        """One line on where a consultation stands, for its owner."""
        if case.state in (State.DRAFT, State.CANCELLED):
            return self.texts.say(lang, "consult.status_draft")
        day = spoken_day(case.opened_at.date()) if case.opened_at else ""
        fields = {"receipt": case.receipt, "date": day, "office": self.office(lang, case.holder_desk)}
        return self.texts.say(lang, f"consult.status_{case.state}", **fields)

    def export(self, cases: Sequence[tuple[Case, Sequence[Line]]], lang: Lang) -> str:
        """All that is kept of a person: the consultations with what was said; internal notes are the desk's."""
        if not cases:
            return self.texts.say(lang, "consult.export_none")
        parts = [self.texts.say(lang, "consult.export")]
        for case, lines in cases:
            parts.append("■ " + self.status(case, lang))
            parts.append(self._say(case, "review", **self.summary(case)).strip("\n").partition("\n\n")[2])
            parts += [self._line(line, lang) for line in lines if line.voice is not Voice.NOTE]
        return "\n".join(parts)

    def _line(self, line: Line, lang: Lang) -> str:
        who = self.texts.say(lang, f"consult.who_{line.voice}")
        at = f"{spoken_day(line.at.date())} {line.at.hour}:{line.at.minute:02}"
        return self.texts.say(lang, "consult.export_line", at=at, who=who, text=line.text)

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def desks(self, lang: Lang, desks: Sequence[Desk]) -> str:
        return self.texts.say(lang, "list.names").join(
            self.texts.say(lang, "consult.desk", office=self.office(lang, desk.office), level=self._level(lang, desk))
            if desk.level
            else self.office(lang, desk.office)
            for desk in desks
        )

    def office(self, lang: Lang, office: str) -> str:
        """The name of an office for a reader of `lang`; "" is the fallback desk."""
        found = next((each for each in self.directory.offices if office_name(each) == office), None)
        return office_name(found, lang) if found else office or self.texts.say(lang, "consult.fallback")

    def _level(self, lang: Lang, desk: Desk) -> str:
        return self.texts.say(lang, f"level.{Level(desk.level).name.lower()}")

    def button(self, lang: Lang, action: Action, label: str, value: str = "") -> Button:
        return Button(action, self.texts.say(lang, f"button.{label}"), value)

    def say(self, lang: Lang, key: str, **fields: object) -> str:
        """A sentence of [consult]."""
        return self.texts.say(lang, f"consult.{key}", **fields)

    def _say(self, case: Case, key: str, **fields: object) -> str:
        return self.texts.say(case.lang, f"consult.{key}", **fields)
