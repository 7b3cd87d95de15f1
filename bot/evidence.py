"""Which words of which passages answer a question, and what speaks for and against them. Pure: no I/O, no wording.

Years and editions are not scored but obeyed: a unit about another year than the one asked for is no evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.answerability import features
from bot.asking import Asked
from bot.question import Question, asking_sentence, editions
from bot.scoring import Fit, Lexicon, PlaceNames, fit_units, plain
from bot.spans import Span, best_spans, choose
from bot.units import Unit
from bot.values import of_another_year
from knowledge.entities import Hit
from knowledge.wareki import YearMention, same_year, years

MAX_PASSAGES = 6
SAME_MATTER = 0.2  # share of the question that a document must have to be about the same matter
NEAR = 0.4  # units that share this much of what the best one shares speak of the same matter


@dataclass(frozen=True, slots=True)
class Evidence:
    """The chosen units in reading order, what of the asked values they lack, which other years or editions the
    sources have instead, the features that `abstention` judges by, and `matter`: how much of the question stands
    with the best of it, 0–1."""

    units: tuple[Unit, ...]
    missing: frozenset[Asked] = frozenset()
    other_years: tuple[YearMention, ...] = ()
    other_editions: tuple[tuple[str, str], ...] = ()
    features: dict[str, float] = field(default_factory=dict)
    matter: float = 0.0


def find_evidence(question: Question, hits: Sequence[Hit], lexicon: Lexicon) -> Evidence:
    """The best evidence for `question` in `hits` (best first); no units where none may be used."""
    hits = hits[:MAX_PASSAGES]
    fits = fit_units(question, hits, lexicon)
    if not any(fit.labelled for fit in fits):  # not one word of the question: nothing to go by
        return Evidence((), question.values)
    asked, roles = lexicon.places(asking_sentence(question.text)), _roles_named(question, fits)
    fits = [f for f in fits if fits_places(asked, f, lexicon) and fits_roles(roles, f.unit)]
    if not fits:
        return Evidence((), question.values)
    around = _surroundings(fits)
    fitting = [f for f in fits if _admissible(question, f.unit, around[f.unit.passage.id, f.unit.head])]
    all_spans = best_spans(question, fits, hits)
    others = _others(question, fits, fitting, all_spans)
    if not fitting:
        return Evidence((), question.values, _years_of(others), _editions_of(others), matter=all_spans[0].labelled)
    spans = best_spans(question, fitting, hits) if len(fitting) < len(fits) else all_spans
    chosen = choose(question, spans, fitting)
    held = frozenset().union(*(span.kinds for span in chosen))
    return Evidence(
        tuple(fit.unit for span in chosen for fit in span.fits),
        question.values - held,
        _years_of(others),
        _editions_of(others),
        features(question, chosen, all_spans[0] if _bound_in_time(question) else spans[0], lexicon, hits),
        spans[0].labelled,
    )


def _bound_in_time(question: Question) -> bool:
    """Whether a year or an edition is named; a numbered step is neither."""
    return bool(question.years or question.literals or any(unit != "ステップ" for _, unit in question.editions))


def _others(question: Question, fits: Sequence[Fit], fitting: Sequence[Fit], spans: Sequence[Span]) -> list[Unit]:
    """The units that would have answered but for their year or edition, best first: none where the year asked for
    stands somewhere, or where the matter is another one."""
    if len(fitting) == len(fits) or spans[0].labelled < SAME_MATTER or not spans[0].places >= _places(fits):
        return []
    best_share = max(_share(fit) for fit in fits)
    on_matter = "\n".join(f"{f.unit.label_text} {f.unit.text}" for f in fits if _share(f) >= NEAR * best_share)
    if any(same_year(asked, named) for asked in question.years for named in years(on_matter)):
        return []
    if not set(question.editions).isdisjoint(editions(on_matter)):
        return []
    allowed = {id(f.unit) for f in fitting}
    best = [f.unit for span in spans[:12] for f in span.fits]
    return list(dict.fromkeys(u for u in best if id(u) not in allowed))[:6]


def _share(fit: Fit) -> float:
    return sum(fit.labelled.values())


def _places(fits: Sequence[Fit]) -> frozenset[str]:
    return frozenset().union(*(fit.places for fit in fits))


# ── years and editions ───────────────────────────────────────────────────────────────────────────────────────────────


def _admissible(question: Question, unit: Unit, around: str) -> bool:
    return fits_years(question, unit, around) and fits_editions(question, unit) and _has_literals(question, unit)


def _surroundings(fits: Sequence[Fit]) -> dict[tuple[str, str], str]:
    """(passage id, heading) → all that stands under that heading."""
    found: dict[tuple[str, str], list[str]] = {}
    for fit in fits:
        found.setdefault((fit.unit.passage.id, fit.unit.head), []).append(fit.unit.text)
    return {key: "\n".join(lines) for key, lines in found.items()}


def _has_literals(question: Question, unit: Unit) -> bool:
    text = plain(f"{unit.passage.title} {unit.passage.text}")
    return all(plain(literal) in text for literal in question.literals)


def fits_years(question: Question, unit: Unit, around: str = "") -> bool:
    """False where the question names a year that the unit does not have; where it names none, its labels, what stands
    under the same heading (`around`), its passage and its document decide, the nearest that names a year."""
    if not question.years or question.literals:
        return True
    if of_another_year(unit.text, question.values, question.counters, question.years):
        return False
    passage = unit.passage
    for text in (unit.text, " ".join(unit.labels[1:]), around, passage.text, f"{passage.title} {passage.date}"):
        named = years(text)
        if named:
            return any(same_year(asked, m) for asked in question.years for m in named)
    return False


def fits_editions(question: Question, unit: Unit) -> bool:
    """False where the question names an edition (第12回, 第10期) that the unit's surroundings do not have."""
    for edition in question.editions:
        for text in (unit.text, " ".join(unit.labels[1:]), f"{unit.passage.title} {unit.passage.text}"):
            same_kind = [e for e in editions(text) if e[1] == edition[1]]
            if same_kind:
                if edition not in same_kind:
                    return False
                break
        else:
            return False
    return True


_ROLE = re.compile(r"[<＜‹]([^<>＜＞‹›]{2,20})[>＞›]$")


def _roles_named(question: Question, fits: Sequence[Fit]) -> frozenset[str]:
    """The roles over people's names (<コーディネーター>) that the question names."""
    asked = plain(question.text)
    found = {match[1] for fit in fits if (match := _ROLE.search(fit.unit.head))}
    return frozenset(role for role in found if plain(role) in asked)


def fits_roles(named: frozenset[str], unit: Unit) -> bool:
    """False under another role than the one asked about."""
    match = _ROLE.search(unit.head)
    return not (named and match) or match[1] in named


def fits_places(asked: Sequence[PlaceNames], fit: Fit, lexicon: Lexicon) -> bool:
    """False where the nearest label that names regions (before it, the unit itself where it holds the value asked for)
    names none that shares a town with a place asked about: a row of 道央 says nothing about 道南."""
    towns = frozenset().union(*(place.towns for place in asked))
    if not towns:
        return True
    unit = fit.unit
    for label in reversed((*unit.labels[1:], unit.text) if unit.heading or fit.kinds else unit.labels[1:]):
        regions = [place.towns for place in lexicon.named(label) if place.wide]
        if regions:
            return any(region & towns for region in regions)
    return True


def _years_of(units: Sequence[Unit]) -> tuple[YearMention, ...]:
    found: dict[tuple[int, bool], YearMention] = {}
    for unit in units:
        for mention in years(unit.text) or years(" ".join(unit.labels[1:])):
            found.setdefault((mention.year, mention.fiscal), mention)
    return tuple(found.values())


def _editions_of(units: Sequence[Unit]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(e for unit in units for e in editions(f"{unit.label_text} {unit.text}")))
