"""Personal data in a resident's words, replaced by labels before the words are kept or sent to anybody.

What the directory publishes (phones, mail and street addresses of offices) stays, and so do names of places.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot import personal
from bot.cleaning import without_hidden
from bot.message import Lang
from bot.personal import Kind, Span, block, fold, national
from bot.texts import Texts
from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer

_NAME_BEFORE = re.compile(r"[一-龥々ヶァ-ヴーぁ-ん ]{0,24}$")
_TOWN = re.compile(r"[一-龥々ヶァ-ヴー]{1,7}?[市町村]")
_AGREE = 2  # characters before the numbers of a street address that must be those of the directory
_LONG = 4  # shorter names of places (大野, 北村) are persons' as well


@dataclass(frozen=True, slots=True)
class Known:
    """What is public. `phones`: digits. `streets`: (municipality and town, numbers as `personal.block` writes them).
    `places`: names of municipalities, and long names of places, which may begin like a person's."""

    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    postal: frozenset[str] = frozenset()
    streets: frozenset[tuple[str, str]] = frozenset()
    places: frozenset[str] = frozenset()

    @classmethod
    def of(cls, directory: Directory) -> "Known":
        """All that the offices and desks of `directory` publish, their notes included."""
        folded = fold("\n".join(_published(directory)))
        return cls(
            phones=frozenset(national(folded[a:b]) for a, b in personal.phones(folded)),
            emails=frozenset(folded[a:b].lower() for a, b in personal.emails(folded)),
            postal=frozenset(re.sub(r"\D", "", office.postal) for office in directory.offices if office.postal),
            streets=frozenset((_before(folded, a), block(folded[a:b])) for a, b in personal.streets(folded)),
            places=frozenset(
                [name for town in directory.municipalities for name in (town.name, town.name[:-1])]
                + [place.name for place in directory.places if len(place.name) >= _LONG]
            ),
        )

    def street(self, before: str, numbers: str) -> bool:
        """Whether `numbers` after `before` are those of an office, or begin them."""
        town = _TOWN.search(before)
        return any(
            (known == numbers or known.startswith(f"{numbers}-"))
            and name[-_AGREE:] == before[-_AGREE:]
            and (town is None or town.group() in name)
            for name, known in self.streets
        )


@dataclass(frozen=True, slots=True)
class Masker:
    """text → the same text with a label for each piece of personal data. Pure, idempotent, safe under threads.

    Labels hold no digits and no letters of names. Line breaks stay; characters that nobody sees go first.
    """

    known: Known
    labels: Mapping[Kind, str]
    place_spans: Callable[[str], Sequence[Span]]

    @classmethod
    def load(cls, texts: Texts, directory: Directory, gazetteer: Gazetteer) -> "Masker":
        """With the labels of bot/texts and what `directory` publishes."""
        return cls._labelled({kind: texts.say(Lang.JA, f"mask.{kind.value}") for kind in Kind}, directory, gazetteer)

    @classmethod
    def for_memory(cls, directory: Directory, gazetteer: Gazetteer) -> "Masker":
        """With empty labels: a word such as 電話番号 would be taken for the resident's own by the next question."""
        return cls._labelled(dict.fromkeys(Kind, "〔〕"), directory, gazetteer)

    @classmethod
    def _labelled(cls, labels: Mapping[Kind, str], directory: Directory, gazetteer: Gazetteer) -> "Masker":
        return cls(Known.of(directory), labels, lambda text: [(m.start, m.end) for m in gazetteer.find(text)])

    def __call__(self, text: str) -> str:
        text, before = without_hidden(text), None
        while text != before:  # a label may make room for what stood behind it; each round leaves fewer characters
            before, text = text, self._once(text)
        return text

    def _once(self, text: str) -> str:
        for find in (self._numbers, self._emails, self._phones, self._addresses, self._names):
            text = self._replaced(text, find)
        return text

    def _replaced(self, text: str, find: Callable[[str], Iterable[tuple[Kind, Span]]]) -> str:
        parts, end = [], 0
        for kind, (a, b) in sorted(find(text), key=lambda found: found[1]):
            if a >= end:
                parts += [text[end:a], self.labels[kind]]
                end = b
        return "".join([*parts, text[end:]])

    def _numbers(self, text: str) -> Iterator[tuple[Kind, Span]]:
        return personal.checked_numbers(fold(text))

    def _emails(self, text: str) -> Iterator[tuple[Kind, Span]]:
        folded = fold(text)
        for a, b in personal.emails(folded):
            if folded[a:b].replace(" ", "").lower() not in self.known.emails:
                yield Kind.EMAIL, (a, b)

    def _phones(self, text: str) -> Iterator[tuple[Kind, Span]]:
        folded = fold(text)
        for a, b in personal.phones(folded):
            if national(folded[a:b]) not in self.known.phones:
                yield Kind.PHONE, (a, b)

    def _addresses(self, text: str) -> Iterator[tuple[Kind, Span]]:
        folded = fold(text)
        for a, b in personal.postal_codes(folded):
            if re.sub(r"\D", "", folded[a:b]) not in self.known.postal:
                yield Kind.ADDRESS, (a, b)
        for a, b in personal.streets(folded):
            if not self.known.street(_before(folded, a), block(folded[a:b])):
                yield Kind.ADDRESS, (a, b)

    def _names(self, text: str) -> Iterator[tuple[Kind, Span]]:
        found = list(personal.names(text))
        spans = self.place_spans(text) if found else ()
        for a, b in found:
            place = any(len(name) >= b - a and text.startswith(name, a) for name in self.known.places)
            if not place and not any(start < b and a < end for start, end in spans):
                yield Kind.NAME, (a, b)


def _before(folded: str, at: int) -> str:
    """The names that stand before the numbers of a street address, without white space."""
    found = _NAME_BEFORE.search(folded[max(0, at - 24) : at])
    return re.sub(r"\s|大?字", "", found.group()) if found else ""


def _published(directory: Directory) -> Iterator[str]:
    for office in directory.offices:
        others = (value for other in office.other_phones for value in (other.phone, other.source))
        for value in (office.phone, office.email, office.address, office.note, office.source, *others):
            yield value or ""
    for desk in directory.desks:
        for value in (desk.phone, desk.url, desk.note, desk.source):
            yield value or ""
