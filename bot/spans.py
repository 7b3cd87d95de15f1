"""Which stretch of a passage to show: neighbouring units that together fit the question best, not a patchwork."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.asking import Asked
from bot.question import Question
from bot.scoring import Fit, has
from bot.units import Unit
from knowledge.entities import Hit

# Chosen on the development set and the calibration set (tests/eval/calibration).
OWN, LABELLED, AROUND = 0.95, 0.75, 0.43
VALUE, CUE, LIKENESS, PASSAGE = 0.43, 0.12, 0.82, 0.42
LENGTH = 0.68  # price of 100 characters beyond the first FREE ones
FREE = 164
LISTING = 0.14  # four matching lines, where a list is asked for, are worth this much of VALUE
INSIDE = -0.05  # price of 100 characters among the free ones (a gain: whole paragraphs read better)
HEADING_ONLY = 0.24  # price of a span that is nothing but a heading
MAX_SPANS, MAX_UNITS, MAX_CHARS, MAX_LIST_CHARS = 3, 4, 400, 640
# A further stretch must score this share of the best one (where all asked values are held: FURTHER_VALUE); one that
# holds a value still missing, ADDING.
FURTHER, FURTHER_VALUE = 0.84, 0.835
ADDING = 0.7


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring units of one passage and their score. `kinds`: asked kinds of value that they hold;
    `places`: places asked about that they name."""

    fits: tuple[Fit, ...]
    score: float
    own: float
    labelled: float
    likeness: float
    kinds: frozenset[Asked]
    places: frozenset[str]

    @property
    def chars(self) -> int:
        return sum(len(f.unit.text) for f in self.fits)

    @property
    def where(self) -> tuple[str, int, int]:
        return self.fits[0].unit.passage.id, self.fits[0].unit.order, self.fits[-1].unit.order


def best_spans(question: Question, fits: Sequence[Fit], hits: Sequence[Hit]) -> list[Span]:
    """All admissible spans of `fits`, best first."""
    around = _around(fits)
    spans: list[Span] = []
    for start, first in enumerate(fits):
        growing = _Growing(question, around[first.unit.passage.id], hits[first.rank].score)
        for fit in fits[start : start + MAX_UNITS]:
            if not _together(first, fit) or (growing.fits and growing.chars + len(fit.unit.text) > MAX_CHARS):
                break
            growing.add(fit)
            spans.append(growing.span())
        if Asked.LIST in question.asked or first.unit.heading:
            whole = _Growing(question, around[first.unit.passage.id], hits[first.rank].score)
            for fit in _block(fits, start):
                whole.add(fit)
            spans.append(whole.span())
    return sorted(spans, key=lambda s: (-s.score, s.fits[0].rank, s.where[1], s.chars))


def choose(
    question: Question,
    spans: Sequence[Span],
    fits: Sequence[Fit],
) -> list[Span]:
    """The best span, and further ones that hold a value still missing or fit nearly as well, in reading order.

    A further span names the places asked about that the best one names.
    """
    chosen = [_completed(question, spans[0], fits)]
    for span in spans[1:]:
        if any(_overlap(span, other) for other in chosen) or len(chosen) == MAX_SPANS:
            continue
        missing = question.values - frozenset().union(*(c.kinds for c in chosen))
        room = MAX_LIST_CHARS - sum(c.chars for c in chosen)
        tied = span.where[0] == chosen[0].where[0] or span.labelled >= 0.8 * chosen[0].labelled
        adds = bool(span.kinds & missing) and tied and span.score >= ADDING * chosen[0].score
        near = span.score >= (FURTHER_VALUE if question.values and not missing else FURTHER) * chosen[0].score
        if (adds or near) and span.chars <= room and spans[0].places <= span.places:
            chosen.append(_completed(question, span, fits))
    return sorted(chosen, key=lambda s: (s.fits[0].rank, s.where[1]))


_LEADS = re.compile(r"(次|以下|下記)の|とおり(です|である|。|$)|[:：]$")


def _completed(question: Question, span: Span, fits: Sequence[Fit]) -> Span:
    """`span` with the rest of the list that it announces (次のとおりです。) or that is asked for, as far as there is
    room."""
    span = _led_on(span, fits)
    last = span.fits[-1].unit
    if Asked.LIST in question.asked and any(has(last.head, word) for word in question.key):
        return _whole(span, fits)
    leads = any(_LEADS.search(fit.unit.text.rstrip()) for fit in span.fits if not fit.unit.item)
    if not (leads or (Asked.LIST in question.asked and last.item)):
        return span
    place = {id(fit.unit): i for i, fit in enumerate(fits)}
    start, end = place[id(span.fits[0].unit)], place[id(last)]
    room = MAX_LIST_CHARS
    while end + 1 < len(fits) and _goes_on(last, fits[end + 1].unit) and room > 0:
        end += 1
        room -= len(fits[end].unit.text)
    while start > 0 and span.fits[0].unit.item and _goes_on(last, fits[start - 1].unit) and room > 0:
        start -= 1
        room -= len(fits[start].unit.text)
    taken = fits[start : end + 1]
    kinds = span.kinds.union(*(fit.kinds for fit in taken))
    return replace(span, fits=tuple(taken), kinds=frozenset(kinds))


def _whole(span: Span, fits: Sequence[Fit]) -> Span:
    """All that stands below the heading of `span`, as far as there is room: it names what is to be listed."""
    unit, room, taken = span.fits[0].unit, MAX_LIST_CHARS, []
    for fit in fits:
        if fit.unit.passage.id == unit.passage.id and fit.unit.head == unit.head:
            room -= len(fit.unit.text)
            if room < 0:
                break
            taken.append(fit)
    if len(taken) <= len(span.fits):
        return span
    return replace(span, fits=tuple(taken), kinds=span.kinds.union(*(fit.kinds for fit in taken)))


def _led_on(span: Span, fits: Sequence[Fit]) -> Span:
    """`span`; where it ends on a heading, with the first lines below that: a heading alone says nothing."""
    last = span.fits[-1]
    if not last.unit.heading:
        return span
    at = next(i for i, fit in enumerate(fits) if fit is last)
    below = [f for f in fits[at + 1 : at + 3] if f.unit.head == last.unit.head and not f.unit.heading]
    return replace(span, fits=(*span.fits, *below), kinds=span.kinds.union(*(f.kinds for f in below)))


def _goes_on(unit: Unit, other: Unit) -> bool:
    """`other` is an item of the list that `unit` announces or belongs to."""
    same_list = other.item and (other.block == unit.block or not unit.item)
    return other.passage.id == unit.passage.id and same_list


def _overlap(a: Span, b: Span) -> bool:
    return a.where[0] == b.where[0] and a.where[1] <= b.where[2] and b.where[1] <= a.where[2]


def _together(first: Fit, other: Fit) -> bool:
    """One passage, one heading (which may lead the run), not two lists."""
    a, b = first.unit, other.unit
    if a.passage.id != b.passage.id:
        return False
    return a.head == b.head and (a is b or not b.heading)


def _block(fits: Sequence[Fit], start: int) -> tuple[Fit, ...]:
    """The list, table or paragraph that begins at `start` or that the heading there leads, as far as there is room."""
    first = fits[start].unit
    taken, length = [], 0
    for fit in fits[start:]:
        unit = fit.unit
        same = unit.block == first.block or (first.heading and unit.block == first.block + 1)
        length += len(unit.text)
        if unit.passage.id != first.passage.id or not same or length > MAX_LIST_CHARS:
            break
        taken.append(fit)
    return tuple(taken)


def _around(fits: Sequence[Fit]) -> dict[str, float]:
    """Passage id → share of the question's words that the whole passage has."""
    words: dict[str, dict[str, float]] = {}
    for fit in fits:
        words.setdefault(fit.unit.passage.id, {}).update(fit.labelled)
    return {key: min(1.0, sum(found.values())) for key, found in words.items()}


class _Growing:
    """A span that grows unit by unit and knows its score at each step."""

    def __init__(self, question: Question, around: float, passage_score: float) -> None:
        self.fits: list[Fit] = []
        self.chars = 0
        self._question = question
        self._around = around
        self._passage_score = passage_score
        self._own: dict[str, float] = {}
        self._labelled: dict[str, float] = {}
        self._kinds: dict[Asked, list[float]] = {}
        self._likeness = self._cue = 0.0
        self._items = self._matching = 0
        self._places: frozenset[str] = frozenset()

    def add(self, fit: Fit) -> None:
        self.fits.append(fit)
        self.chars += len(fit.unit.text)
        self._items += fit.unit.item
        self._places |= fit.places
        self._matching += bool(fit.own) or fit.unit.item
        self._likeness = max(self._likeness, fit.likeness)
        self._cue = max(self._cue, fit.cue)
        for mine, theirs in ((self._own, fit.own), (self._labelled, fit.labelled)):
            for word, weight in theirs.items():
                if weight > mine.get(word, 0.0):
                    mine[word] = weight
        for kind, how_well in fit.kinds.items():
            self._kinds.setdefault(kind, []).append(how_well)

    def span(self) -> Span:
        own = min(1.0, sum(self._own.values()))
        labelled = max(own, min(1.0, sum(self._labelled.values())))
        score = (
            OWN * own
            + LABELLED * (labelled - own)
            + AROUND * max(0.0, self._around - labelled)
            + VALUE * self._value()
            + CUE * self._cue
            + LIKENESS * self._likeness
            + PASSAGE * self._passage_score
            - LENGTH * self._price()
            - HEADING_ONLY * all(fit.unit.heading for fit in self.fits)
        )
        return Span(tuple(self.fits), score, own, labelled, self._likeness, frozenset(self._kinds), self._places)

    def _value(self) -> float:
        """How well the asked kinds are held; where a list of values is asked for, several hold it better."""
        wanted = self._question.values
        listing = Asked.LIST in self._question.asked
        if not wanted:
            return LISTING * min(1.0, self._matching / 4) if listing else 0.0
        held = 0.0
        for found in self._kinds.values():
            held += max(found) * (0.75 + 0.25 * min(1.0, (len(found) - 1) / 2) if listing else 1.0)
        return held / len(wanted)

    def _price(self) -> float:
        """Hundreds of characters beyond the free ones; the items of a list that is asked for cost a third."""
        beyond = max(0, self.chars - FREE) / 100 + INSIDE / LENGTH * min(self.chars, FREE) / 100
        return beyond / 3 if Asked.LIST in self._question.asked and self._items * 2 >= len(self.fits) else beyond
