"""What kind of message is it? Rules first, in one order: life before everything, a refusal before a search."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from bot.cleaning import Stripped, clean, strip_instructions
from bot.cues import Cues, load_cues
from bot.danger import dangers, distant
from bot.language import detect
from bot.message import Lang
from bot.wants import ELLIPTICAL, is_only_place, level_asked, proposes, town_hall, wants_contact, wants_desk
from knowledge.desks import Desk
from knowledge.directory import Directory
from knowledge.entities import Contact, Level
from knowledge.gazetteer import Gazetteer, Mention
from knowledge.text import matchable
from knowledge.wareki import years

MAX_CHARS = 2000
_MAX_CONTACTS = 3
_FIRST_KINDS = ("emergency", "crisis")
_BESIDE_POLICE = ("child", "violence")
_SMALLTALK_CHARS = 120
_SHORT = 32
_ANY_HALL = "市役所・町村役場"
_BREAK = re.compile(r"(?<=たい)\s+(?=[一-鿿ァ-ヺ])")  # 「カフェを作りたい 黒松内町」: two sentences


class Intent(StrEnum):
    """What becomes of a message. EMERGENCY to LIMITED end here; the rest goes on to routing, directory or search."""

    EMERGENCY = "emergency"
    OTHER_DESK = "other_desk"
    REFUSED = "refused"
    SMALLTALK = "smalltalk"
    LIMITED = "limited"
    CONSULT = "consult"
    CONTACT = "contact"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision. `text_key`: what to say, a key of bot/texts, where the message ends here. `cleaned`: what the rest
    of the pipeline sees. `instructed` / `corrected`: an instruction to the machine, or a claimed change of our contact
    data, was taken out (`strip.instructed`, `strip.corrected` in bot/texts say so). `level`: the government that is
    pointed at, if one is (「道のほうの電話は?」)."""

    intent: Intent
    lang: Lang
    cleaned: str
    text_key: str | None = None
    contacts: tuple[Contact, ...] = ()
    instructed: bool = False
    corrected: bool = False
    level: Level | None = None


class _Texts(Protocol):
    def find(self, lang: Lang, key: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class _Decision:
    intent: Intent
    text_key: str | None = None
    desks: tuple[Desk, ...] = ()


@dataclass(frozen=True, slots=True)
class Triage:
    """Pure and thread-safe. `desks` in order of precedence; `find`: the places of a text; `halls`: the city halls
    whose contacts the directory holds."""

    desks: tuple[Desk, ...]
    texts: _Texts
    cues: Cues
    find: Callable[[str], Sequence[Mention]]
    halls: frozenset[str]

    @classmethod
    def load(cls, texts: _Texts, directory: Directory) -> "Triage":
        halls = frozenset(office.name for office in directory.offices if office.level is Level.CITY)
        return cls(directory.desks, texts, load_cues(), Gazetteer(directory).find, halls)

    def classify(self, text: str, history: Sequence[str] = (), lang: Lang | None = None) -> Verdict:
        """The verdict on `text`. `history`: what the same person said before, oldest first; it only completes
        a follow-up, instructions in it have no effect. `lang`: to answer in; None: that of `text`."""
        lang = lang or detect(clean(text[:MAX_CHARS]))
        if len(text) > MAX_CHARS:
            return Verdict(Intent.LIMITED, lang, "", "limited.too_long")
        stripped = strip_instructions(clean(text))
        decision = self._decide(stripped, history)
        hall = town_hall(self.find(stripped.text)) if decision.desks else None
        return Verdict(
            decision.intent,
            lang,
            stripped.text,
            decision.text_key,
            tuple(self.contact(desk, lang, hall) for desk in decision.desks[:_MAX_CONTACTS]),
            stripped.instructed,
            stripped.corrected,
            level_asked(_form(stripped.text), self.cues),
        )

    def _decide(self, stripped: Stripped, history: Sequence[str]) -> _Decision:
        form = _form(stripped.text)
        rules: tuple[Callable[[str], _Decision | None], ...] = (
            self._emergency,
            self._crisis,
            lambda form: self._nothing_left(form, stripped),
            self._smalltalk,
            self._gibberish,
            self._refused,
            self._other_desk,
            self._abuse,
            self._short_smalltalk,
            self._contact_or_consult,
            lambda form: self._follow_up(form, history),
            lambda form: self._place_or_plan(stripped.text, form, history),
        )
        return next((d for rule in rules if (d := rule(form))), _Decision(Intent.QUESTION))

    # ------------------------------------------------------------- the rules, in order

    def _emergency(self, form: str) -> _Decision | None:
        meant = self._endangered(form, "emergency")
        if not meant:
            return None
        beside = tuple(d for d in self.desks if d.kind in _BESIDE_POLICE and d.handles(form))
        crisis = self._endangered(form, "crisis")
        others = tuple(d for d in self.desks if d.kind == "emergency" and d not in meant)
        return _Decision(Intent.EMERGENCY, f"emergency.{meant[0].id}", (*meant, *beside, *crisis, *others))

    def _crisis(self, form: str) -> _Decision | None:
        meant = self._endangered(form, "crisis")
        others = tuple(d for d in self.desks if d.kind == "crisis" and d not in meant)
        return _Decision(Intent.EMERGENCY, "crisis.default", meant + others) if meant else None

    def _endangered(self, form: str, kind: str) -> tuple[Desk, ...]:
        """The desks of `kind` that a danger in `form` calls for: by their own patterns, or by a harm in any order."""
        apart = kind == "emergency" and distant(form, self.cues)
        harms = dangers(form, self.cues)
        return tuple(d for d in self.desks if d.kind == kind and (d.id in harms or (not apart and d.handles(form))))

    def _nothing_left(self, form: str, stripped: Stripped) -> _Decision | None:
        """A message that was nothing but instructions, or claims about our data, is declined."""
        if not (stripped.instructed or stripped.corrected) or self.cues["strip"]["request"].search(form):
            return None
        return _Decision(Intent.REFUSED, "refused.injection" if stripped.instructed else "refused.correction")

    def _smalltalk(self, form: str) -> _Decision | None:
        """Small talk is what leaves nothing when its phrases go: a thank-you with a question in it is a question."""
        if len(form) > _SMALLTALK_CHARS:
            return None
        found, rest = None, re.sub(r"[、,]", "", form)
        for key, cue in self.cues["smalltalk"].items():
            shorter = cue.sub("", rest)
            found = found or (key if shorter != rest and key != "fillers" else None)
            rest = shorter
        if re.search(r"\w", rest):
            return None
        return _Decision(Intent.SMALLTALK, f"smalltalk.{found or 'default'}")

    def _refused(self, form: str) -> _Decision | None:
        innocent = self.cues["innocent"]
        for key, cue in self.cues["refused"].items():
            if cue.search(form) and not (key in innocent and innocent[key].search(form)):
                return _Decision(Intent.REFUSED, f"refused.{key}")
        return None

    def _other_desk(self, form: str) -> _Decision | None:
        meant = tuple(d for d in self.desks if d.kind not in _FIRST_KINDS and d.handles(form))
        if meant and meant[0].name == _ANY_HALL and town_hall(self.find(form)) in self.halls:
            return None  # a hall of our own directory
        return _Decision(Intent.OTHER_DESK, "other_desk.lead", meant) if meant else None

    def _gibberish(self, form: str) -> _Decision | None:
        """A key held down, a cat on the keyboard: nothing to look for."""
        return _Decision(Intent.SMALLTALK, "smalltalk.default") if self.cues["gibberish"]["all"].search(form) else None

    def _abuse(self, form: str) -> _Decision | None:
        """Rude words, unless a real request stands beside them."""
        abuse = self.cues["abuse"]
        if not abuse["words"].search(form):
            return None
        wants = any(self.cues[s][n].search(form) for s, n in (("consult", "ask"), ("contact", "noun")))
        asks = self.cues["strip"]["asks"].search(form) and not abuse["at_us"].search(form)
        civil = [s for s in re.split(r"[。!?]", form) if s and not abuse["words"].search(s)]
        beside = any(self.cues["strip"]["request"].search(s) for s in civil)
        return None if wants or asks or beside else _Decision(Intent.REFUSED, "refused.abuse")

    def _short_smalltalk(self, form: str) -> _Decision | None:
        """A short message with a word of thanks, greeting or weather in it that asks nothing and names no matter."""
        if len(form) > _SHORT:
            return None
        key = next((key for key, cue in self.cues["smalltalk_short"].items() if cue.search(form)), None)
        if key is None or (key != "human_or_ai" and self._wants_something(form)):
            return None
        return _Decision(Intent.SMALLTALK, f"smalltalk.{key}")

    def _wants_something(self, form: str) -> bool:
        """A question, a wish, a contact, or a thing named with は or を: 「ありがとう。余市町は」"""
        consult, contact = self.cues["consult"], self.cues["contact"]
        if years(form):
            return True
        wants = (consult["question"], consult["ask"], consult["wish"], contact["noun"], self.cues["strip"]["topic"])
        return any(cue.search(form) for cue in wants)

    def _contact_or_consult(self, form: str) -> _Decision | None:
        contact, consult = self.cues["contact"], self.cues["consult"]
        if consult["not"].search(form) and not consult["wish"].search(form):
            ours = contact["officer"].search(form) and contact["named"].search(form)
            return _Decision(Intent.CONTACT) if contact["whose"].search(form) or ours else None
        if wants_contact(form, self.cues):
            return _Decision(Intent.CONTACT)
        return _Decision(Intent.CONSULT) if wants_desk(form, self.cues) else None

    def _follow_up(self, form: str, history: Sequence[str]) -> _Decision | None:
        """A short turn that names no matter of its own goes on with what the turn before wanted."""
        cues = self.cues["follow_up"]
        changed = len(form) <= 2 * ELLIPTICAL and cues["changed"].search(form)
        leans = len(form) <= ELLIPTICAL and cues["elliptical"].search(form) and not cues["own"].search(form)
        if not history or not (changed or leans):
            return None
        before = self.classify(history[-1], history[:-1]).intent
        return _Decision(before) if before in (Intent.CONSULT, Intent.CONTACT) else None

    def _place_or_plan(self, text: str, form: str, history: Sequence[str]) -> _Decision | None:
        """A plan for a place, or at the beginning of a conversation a place alone, is to be led to its office."""
        places = self.find(text)
        first = all(self.classify(said).intent is Intent.SMALLTALK for said in history)
        alone = first and is_only_place(text, places, self.cues)
        return _Decision(Intent.CONSULT) if alone or proposes(form, places, self.cues) else None

    # ------------------------------------------------------------- helpers

    def contact(self, desk: Desk, lang: Lang, hall: str | None = None) -> Contact:
        """The desk as a contact: a city hall by its own name where one is meant (`hall`), any desk also in the
        reader's language where bot/texts has a name."""
        contact = desk.contact
        if hall and _ANY_HALL in contact.name:
            contact = replace(contact, name=contact.name.replace(_ANY_HALL, hall))
        names = (self.texts.find(lang, f"desk.{key}") for key in (desk.id, desk.kind) if lang is not Lang.JA)
        name = next((name for name in names if name), None)
        return contact if name is None else replace(contact, name=f"{name} ({contact.name})", note=None)


def _form(text: str) -> str:
    return matchable(_BREAK.sub("。", text))
