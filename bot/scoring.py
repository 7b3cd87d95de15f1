"""How well each unit of the retrieved passages fits a question. Pure numbers; what to show is chosen in spans.py."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.asking import Asked
from bot.question import Question, asking_sentence
from bot.units import Unit, units
from bot.values import holds, strictly_holds
from knowledge.entities import Hit
from knowledge.text import compact, normalise, words
from knowledge.wareki import same_year, years

YEAR = 0.12  # a unit that names the very year asked for gains this share
EXPANSION = 0.6  # another word for the same thing counts this much of the person's own


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """A place that a text names: `own` names of it, and of the `areas` that hold it. `town`: it is a municipality or
    a spot in one, not an area. `towns`: the municipalities that it is, holds or lies in; `wide`: it is a region or a
    subprefecture."""

    own: frozenset[str]
    areas: frozenset[str]
    town: bool = False
    towns: frozenset[str] = frozenset()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the scorer must know of words. `idf`: rarity of a word in the index; `likeness`: cosines of a text with
    texts ((n,), or None where no model is at hand); `places`: the places that the
    matter of a question is about; `named`: all places that a text names; `synonyms`: other words
    for a word."""

    idf: Callable[[str], float]
    likeness: Callable[[str, Sequence[str]], Sequence[float] | None] = lambda _q, _t: None
    places: Callable[[str], Sequence[PlaceNames]] = lambda _q: ()
    named: Callable[[str], Sequence[PlaceNames]] = lambda _t: ()
    synonyms: Callable[[str], Sequence[str]] = lambda _w: ()


@dataclass(frozen=True, slots=True)
class Terms:
    """The question's words with their weight, and other words for the same things, which count less."""

    weights: dict[str, float]
    extra: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.weights.values()) or 1.0

    def found(self, text: str) -> dict[str, float]:
        """Word → how much of its weight `text` earns: all, or half for a character inside a longer word."""
        return {w: x * has(text, w) for w, x in (self.weights | self.extra).items() if has(text, w)}

    def share(self, text: str) -> float:
        """The covered share of the whole weight, at most 1."""
        return min(1.0, sum(self.found(text).values()) / self.total)


@dataclass(frozen=True, slots=True)
class Fit:
    """A unit and what speaks for it. `own` / `labelled`: word → weight found in its text / in it and its labels.
    `places`: the places asked about that it or its labels name."""

    unit: Unit
    rank: int
    own: dict[str, float]
    labelled: dict[str, float]
    kinds: dict[Asked, float]
    cue: float
    likeness: float
    places: frozenset[str] = frozenset()


def terms_of(question: Question, lexicon: Lexicon) -> Terms:
    """The words of `question` by rarity in the index, and their expansions."""
    weights = {w: x * lexicon.idf(w) for w, x in question.weights.items()}
    extra = {w: EXPANSION * lexicon.idf(w) for e in question.expansions for w in words(e) if w not in weights}
    return Terms(weights, extra)


def fit_units(question: Question, hits: Sequence[Hit], lexicon: Lexicon) -> list[Fit]:
    """All units of `hits` in order, scored. A word counts the more, the fewer of these units have it: what the whole
    document is about does not tell its sentences apart; words of the title count only as labels."""
    parts = [(rank, hit, unit) for rank, hit in enumerate(hits) for unit in units(hit.passage)]
    terms = _local(terms_of(question, lexicon), [unit for _, _, unit in parts])
    cosines = lexicon.likeness(question.text, [as_read(unit) for _, _, unit in parts]) if parts else None
    places = [(min(place.own), place.own) for place in lexicon.places(asking_sentence(question.text))]
    fits = []
    for i, (rank, hit, unit) in enumerate(parts):
        own = terms.found(unit.text)
        labelled = terms.found(f"{unit.label_text} {unit.text}")
        own = {w: x for w, x in own.items() if not has(hit.passage.title, w)}
        if question.years and any(same_year(asked, m) for m in years(unit.text) for asked in question.years):
            own["year"] = labelled["year"] = YEAR
        likeness = max(0.0, float(cosines[i])) if cosines is not None else 0.0
        read = plain(f"{unit.label_text} {unit.text}")
        named = frozenset(name for name, names in places if any(plain(n) in read for n in names))
        fits.append(Fit(unit, rank, own, labelled, _kinds(question, unit), _cue(question, unit), likeness, named))
    return fits


def as_read(unit: Unit) -> str:
    """A short unit is read with what stands above it."""
    nearest = unit.labels[-1] if unit.labels else ""
    return f"{nearest} {unit.text}" if len(unit.text) < 40 else unit.text


def _local(terms: Terms, candidates: Sequence[Unit]) -> Terms:
    """`terms` weighed by how few of the candidates have each; a word that none has keeps the mean."""
    n = len(candidates)
    counts = {w: sum(has(u.text, w) > 0 for u in candidates) for w in (*terms.weights, *terms.extra)}
    rare = {w: math.log1p(n / c) / math.log1p(n) for w, c in counts.items() if c}
    mean = sum(rare.values()) / len(rare) if rare else 1.0
    weights = {w: x * rare.get(w, mean) for w, x in terms.weights.items()}
    total = sum(weights.values()) or 1.0
    extra = {w: x * rare.get(w, mean) / total for w, x in terms.extra.items()}
    return Terms({w: x / total for w, x in weights.items()}, extra)


@lru_cache(maxsize=65536)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(words(text))


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """`text` for looking a word up in it: normalised, without white space."""
    return compact(normalise(text))


@lru_cache(maxsize=262144)
def has(text: str, word: str) -> float:
    """1.0 where `text` has the word, alone or inside a longer one; half for a single character inside a word."""
    if word in _words_of(text):
        return 1.0
    if word in plain(text):
        return 1.0 if len(word) > 1 else 0.5
    return 0.0


_YEAR_ASKED = re.compile(r"何年|年度から|何月(?!何日)|year|哪年|哪一年")


def _kinds(question: Question, unit: Unit) -> dict[Asked, float]:
    """Kind of value asked for → 1.0 where `unit` holds it, 0.6 where it holds one of another counter, or no day."""
    found = {}
    read = plain(f"{unit.label_text} {unit.text}")
    if not all(told.search(read) for told in question.told):
        return {}
    for kind in question.values:
        year_will_do = kind is Asked.DATE and _YEAR_ASKED.search(question.text)
        if strictly_holds(unit.text, kind, question.counters):
            found[kind] = 1.0
        elif holds(unit.text, kind, question.counters):
            found[kind] = 1.0 if year_will_do else 0.6
    return found


# What gives away a sentence that answers a question of that kind, in it or in the heading above it.
_CUES: dict[Asked, tuple[str, ...]] = {
    Asked.REASON: ("ため", "理由", "目的", "背景", "ことから", "きっかけ", "契機", "より、", "踏まえ"),
    Asked.DEFINITION: (
        "とは",
        "定義",
        "役割",
        "のこと",
        "をいう",
        "いいます",
        "である「",
        "位置づけ",
        "位置付け",
        "計画です",
    ),
    Asked.PERSON: ("氏", "教授", "学長", "代表", "任命", "表彰", "大臣", "会長", "部長", "協議会", "管理者", "機関"),
    Asked.VENUE: ("会場", "場所", "ホテル", "ホール", "会館", "センター", "で開かれ", "で開催"),
    Asked.LIST: ("、", "・", "次の", "以下"),
}


def _cue(question: Question, unit: Unit) -> float:
    text, label = unit.text, " ".join(unit.labels[1:])
    best = 0.0
    for kind in question.asked & _CUES.keys():
        if any(cue in text for cue in _CUES[kind]):
            best = max(best, 0.6)
        if kind is not Asked.LIST and any(cue in label for cue in _CUES[kind]):
            best = max(best, 1.5 if kind is Asked.REASON else 0.5)
    if Asked.DEFINITION in question.asked and any(f"{t}」は" in text or f"{t}は、" in text for t in question.quoted):
        best = 1.0
    return best
