"""What a resident says while a consultation is drafted: an answer to the question, a correction, or something else.

Reading is done once, here; `journey.py` decides on what was read. The patterns are data: `heard.toml`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot import personal, routing
from bot.cases.case import Step
from bot.cleaning import clean
from bot.conversation import gives_place
from bot.cues import load_cues
from bot.masking import Known, Masker
from bot.message import Lang, ReplyStatus
from bot.routing import Routing
from bot.triage import Intent, Triage
from knowledge.directory import Directory
from knowledge.entities import Level
from knowledge.errors import DataError
from knowledge.gazetteer import Gazetteer
from knowledge.text import matchable

_HEARD = Path(__file__).with_name("heard.toml")
_FIX = {"fix_matter": Step.MATTER, "fix_place": Step.PLACE, "fix_way": Step.WAY}
_LEVELS = {"national": (Level.NATIONAL,), "prefecture": (Level.PREFECTURE,), "both": tuple(Level)}
_NOBODY = Known()
_WAYS = ("here", "outside", "none")
_NOT_HERE = re.compile(r"[^\s、。]+?(では|じゃ)な(くて|く|い)(です)?[、。\s]*|^not \w+,? (but )?")
_ENDS_ASKING = re.compile(r"[?？吗呢么]\s*$|(です|ます|でしょう)か[。\s]*$")
_MAYBE_ADDRESS = re.compile(r"(?<![\d-])(?:\+\d|\(?0)[\d() -]{7,}\d|[^\s@]+@[^\s@]+\.[^\s@]+")
_ASIDE = (Intent.EMERGENCY, Intent.REFUSED, Intent.OTHER_DESK, Intent.SMALLTALK, Intent.LIMITED)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read. `text`: cleaned; `kept`: what of it may be kept, personal data masked. `said`: names of answers
    in heard.toml that fit the whole text. `address`: a phone number or mail address in it. `place`: where the places in
    it lead (None without a place), `why`: the reason in Japanese; `only_place`: it names a place and nothing else.
    `asks`: it is a question. `aside`: triage ends it (an emergency, a greeting)."""

    text: str
    kept: str
    lang: Lang
    said: frozenset[str] = frozenset()
    address: str = ""
    place: Routing | None = None
    why: str = ""
    only_place: bool = False
    asks: bool = False
    aside: bool = False
    intent: Intent = Intent.QUESTION

    @property
    def way(self) -> str | None:
        return next((way for way in _WAYS if way in self.said), None)

    @property
    def levels(self) -> tuple[Level, ...]:
        return next((levels for name, levels in _LEVELS.items() if name in self.said), ())

    @property
    def fixes(self) -> Step | None:
        return next((step for name, step in _FIX.items() if name in self.said), None)


class Reader:
    """Reads messages. Pure and thread-safe."""

    def __init__(self, triage: Triage, gazetteer: Gazetteer, directory: Directory, masker: Masker) -> None:
        self._triage = triage
        self._gazetteer = gazetteer
        self._directory = directory
        self._mask = masker
        self._public = Known.of(directory)

    def read(self, text: str, history: Sequence[str] = ()) -> Heard:
        """`history`: what the same person said before, as far as it may be kept."""
        verdict = self._triage.classify(text, history)
        cleaned = clean(text)  # a number that triage takes for a claimed correction may be the answer
        place, why = self.place(cleaned, verdict.lang)
        return Heard(
            text=cleaned,
            kept=self._mask(cleaned),
            lang=verdict.lang,
            said=answers(cleaned),
            address=find_address(cleaned, self._public),
            place=place,
            why=why,
            only_place=self._only_place(cleaned),
            asks=_asks(cleaned),
            aside=verdict.intent in _ASIDE and verdict.text_key != "refused.correction",
            intent=verdict.intent,
        )

    def place(self, text: str, lang: Lang, history: Sequence[str] = ()) -> tuple[Routing | None, str]:
        """Where the places of `text` lead (None: it names none), and why, in Japanese for the desk."""
        decided = routing.decide(text, self._gazetteer, self._directory, history, lang.value)
        if decided.status is ReplyStatus.ASK_PLACE and not decided.places and not decided.candidates:
            return None, ""
        japanese = routing.decide(text, self._gazetteer, self._directory, history)
        return decided, japanese.reason

    def _only_place(self, text: str) -> bool:
        """「やっぱり余市町です」「仁木町ではなく余市町です」"""
        rest = _NOT_HERE.sub("", text)
        return gives_place(rest, [(m.start, m.end) for m in self._gazetteer.find(rest)])


def answers(text: str) -> frozenset[str]:
    """The names in heard.toml whose patterns fit the whole of `text`, politeness around it left out."""
    form = matchable(re.sub(r"[。.!！、,，｡]", " ", text))
    found = frozenset(name for name, pattern in load_answers().items() if pattern.fullmatch(form))
    if "confirm" not in found:
        return found
    doubted = load_doubt().search(form)  # what has a no in it is no yes
    return found - {"confirm"} | {"unclear"} if doubted else found - {"unclear"}


def find_address(text: str, public: Known = _NOBODY) -> str:
    """The phone number or mail address in `text`, as typed; "" without one. Those of offices are nobody's own."""
    folded = personal.fold(text)
    spans = [*personal.emails(folded), *personal.phones(folded)]
    spans = spans or [match.span() for match in _MAYBE_ADDRESS.finditer(folded)]
    own = [folded[a:b] for a, b in spans]
    own = [each for each in own if each.lower() not in public.emails and personal.national(each) not in public.phones]
    return "、".join(text[a:b].strip() for a, b in spans if folded[a:b] in own)


def _asks(text: str) -> bool:
    return bool(_ENDS_ASKING.search(text) or load_cues()["consult"]["question"].search(matchable(text)))


@lru_cache(maxsize=1)
def load_doubt() -> re.Pattern[str]:
    """What is searched in a yes."""
    return re.compile("|".join(tomllib.loads(_HEARD.read_text(encoding="utf-8"))["doubt"]))


@lru_cache(maxsize=1)
def load_answers() -> Mapping[str, re.Pattern[str]]:
    """answer → the one expression of its lines. Raises DataError naming the answer that is no regular expression."""
    data = tomllib.loads(_HEARD.read_text(encoding="utf-8"))
    before, after = ("|".join(data["around"][side]) for side in ("before", "after"))
    found = {}
    for name, lines in data["answer"].items():
        try:
            found[name] = re.compile(rf"(?:(?:{before}) ?)*(?:{'|'.join(lines)})(?: ?(?:{after}))*")
        except re.error as error:
            raise DataError(f"{_HEARD}: {name} は正規表現として読めません({error})。") from None
    return found
