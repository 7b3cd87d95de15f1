"""A question as the lexical leg searches it: weighted terms, with what the person did not write but meant.

Simplified Chinese is brought to Japanese characters, a question in kana to the words of the index that sound so,
a year to its number, a place to its official name and region, an everyday word to the official term.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from knowledge import text
from knowledge.chinese import in_japanese_characters
from knowledge.lexical import hiragana, year_terms
from knowledge.wording import counted, counted_in_kana

_KANA_ONLY = re.compile(r"[^\u4e00-\u9fff々a-zA-Z]*[ぁ-ん][^\u4e00-\u9fff々a-zA-Z]*")
_KANA_RUN = re.compile(r"[ぁ-んァ-ヴー]+")
_SOUND = re.compile(r"[a-zA-Z .,'-]{3,}|[ぁ-んー]{3,}")
_NAMED = frozenset(("municipality", "subprefecture", "region"))
_FULL = re.compile(
    r"(?: city| town| village|[- ]?shi|[- ]?cho|[- ]?machi|[- ]?mura|[- ]son|し|ちょう|まち|むら|そん)$", re.I
)
_HIRAGANA_PAIR = re.compile(r"\x02[ぁ-ん]{2}")
_JAPANESE_SPACE = re.compile(r"(?<=[ぁ-ヺー一-鿿%])[ \u3000]+(?=[ぁ-ヺ一-鿿])")
_LONGEST_READING = 12


@dataclass(frozen=True, slots=True)
class TermWeights:
    """What a term of each origin counts against a content word of the question (1.0)."""

    bigram: float = 0.5
    year: float = 0.25
    expansion: float = 0.5
    place: float = 0.5
    region: float = 0.15


DEFAULT_WEIGHTS = TermWeights()


class Glossary(Protocol):
    """knowledge.glossary.Glossary, as far as it is used here."""

    def expand(self, text: str) -> Iterable[str]:
        """Official terms for the everyday or foreign words in `text`."""
        ...


class Gazetteer(Protocol):
    """knowledge.gazetteer.Gazetteer, as far as it is used here."""

    def find(self, text: str) -> Sequence[Any]:
        """The places that `text` names."""
        ...


def japanese(question: str, readings: Mapping[str, str]) -> str:
    """`question` in Japanese characters: simplified Chinese converted, kana-only text written with known words; what it
    counts as the documents count (第2回)."""
    if _KANA_ONLY.fullmatch(question):
        return _JAPANESE_SPACE.sub("", from_kana(counted_in_kana(question), readings))
    return counted(in_japanese_characters(question))


def from_kana(question: str, readings: Mapping[str, str]) -> str:
    """Kana runs written with the words of `readings` (hiragana → word) that cover them best; the rest as it is."""
    return _KANA_RUN.sub(lambda run: _cover(run.group(), readings), question)


def with_places(read: str, question: str, gazetteer: Gazetteer) -> str:
    """`read`, which is `question` in other words, with the towns and areas that `question` writes in Latin letters or
    hiragana in their Japanese names: 後志 for Shiribeshi, 積丹 for しゃこたん."""
    for mention in gazetteer.find(question):
        if _SOUND.fullmatch(mention.surface) and mention.kind in _NAMED:
            written = re.compile(rf"(?<![a-z]){re.escape(mention.surface)}(?![a-z])", re.I)
            read = written.sub(_name(mention, gazetteer), read)
    return read


def _name(mention: Any, gazetteer: Gazetteer) -> str:
    """As people write it: 後志 for the subprefecture, 積丹 for the town where that is clear by itself."""
    if mention.kind == "subprefecture":
        return re.sub("(?:総合)?振興局$", "", mention.name)
    name: str = mention.name
    short = mention.kind == "municipality" and not _FULL.search(mention.surface) and gazetteer.find(name[:-1])
    return name[:-1] if short else name


def _cover(run: str, readings: Mapping[str, str]) -> str:
    """The writing of `run` whose words have the largest sum of length ** 1.5: one long word beats two short ones."""
    sound = hiragana(run)
    best: list[tuple[float, str]] = [(0.0, "")]
    for end in range(1, len(sound) + 1):
        options = [(best[end - 1][0], best[end - 1][1] + run[end - 1])]
        for start in range(max(0, end - _LONGEST_READING), end - 1):
            word = readings.get(sound[start:end])
            if word is not None:
                options.append((best[start][0] + (end - start) ** 1.5, best[start][1] + word))
        best.append(max(options, key=lambda option: option[0]))
    return best[-1][1]


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for a question: `text` by its meaning, `terms` (term → weight) by its words."""

    text: str
    terms: dict[str, float]


def understand(
    question: str,
    readings: Mapping[str, str],
    glossary: Glossary | None = None,
    gazetteer: Gazetteer | None = None,
    weights: TermWeights = DEFAULT_WEIGHTS,
) -> Query:
    """The Query of a question; a term of several origins has its largest weight.

    `readings`: of the index, for a question in kana. Glossary and gazetteer read the person's own words as well.
    """
    asked = japanese(question, readings)
    own = question if asked == question else f"{question}\n{asked}"
    expansions = list(glossary.expand(own)) if glossary is not None else []
    mentions = gazetteer.find(own) if gazetteer is not None else []
    origins: list[tuple[Iterable[str], float]] = [
        (text.terms(asked), 1.0),
        (year_terms(question), weights.year),
        *((text.terms(words), weights.expansion) for words in expansions),
        *((text.terms(mention.name), weights.place) for mention in mentions),
        *((text.words(region), weights.region) for mention in mentions for region in regions_of(mention)),
    ]
    return Query(" ".join([asked, *expansions]), _heaviest(origins, weights.bigram))


def _heaviest(origins: Iterable[tuple[Iterable[str], float]], bigram: float) -> dict[str, float]:
    """Each term with its largest weight. Pairs of hiragana are left out: frequent in questions, rare in papers."""
    found: dict[str, float] = {}
    for terms, weight in origins:
        for term in terms:
            if not _HIRAGANA_PAIR.fullmatch(term):
                share = weight * bigram if term.startswith("\x02") else weight
                found[term] = max(found.get(term, 0.0), share)
    return found


def regions_of(mention: Any) -> list[str]:
    """The wider areas of a place: subprefecture (short) and 連携地域, each once; none where they are many."""
    names = {re.sub("(?:総合)?振興局$", "", town.subprefecture) for town in mention.municipalities}
    names |= {town.area for town in mention.municipalities}
    return sorted(names) if len(names) <= 3 else []
