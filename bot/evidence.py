"""Which words of which passages answer a question, and whether they are enough. Pure: no I/O, no wording.

Every unit of the retrieved passages is scored by what it shares with the question: its own words, the words above it
(title, section, lead line, column), the kind of value asked for, its likeness in meaning. Years and editions are not
scored but obeyed: a unit about another year than the one asked for is no evidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.question import Asked, Question, editions
from bot.units import Unit, units
from bot.values import holds, strictly_holds
from knowledge.entities import Hit, Passage
from knowledge.text import compact, normalise, words
from knowledge.wareki import YearMention, years

# Weights of a unit's score, chosen on the development set and the calibration set (tests/eval/calibration).
OWN_WORDS, LABEL_WORDS, PASSAGE_WORDS = 1.0, 0.55, 0.2
VALUE, PASSAGE_SCORE, LIKENESS = 0.45, 0.4, 0.6
EXPANSION = 0.5
HEADING = -0.12
MAX_PASSAGES = 6


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit and how well it fits. `own`, `labelled`, `around`: covered share of the question's weight, 0–1."""

    unit: Unit
    score: float
    own: float
    labelled: float
    around: float
    value: float
    likeness: float
    rank: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The chosen units in reading order, and what speaks for and against answering with them."""

    chosen: tuple[Scored, ...]
    missing: frozenset[Asked] = frozenset()
    other_years: tuple[YearMention, ...] = ()
    other_editions: tuple[tuple[str, str], ...] = ()
    features: dict[str, float] = field(default_factory=dict)

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(scored.unit for scored in self.chosen)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the scorer must know of words. `idf`: rarity of a word in the index; `likeness`: cosines of a text with
    texts ((n,), or None where no model is at hand); `places`: per place that the question names, the names that may
    stand for it in evidence (itself and the areas that hold it)."""

    idf: Callable[[str], float]
    likeness: Callable[[str, Sequence[str]], Sequence[float] | None] = lambda _q, _t: None
    places: Callable[[str], Sequence[frozenset[str]]] = lambda _q: ()


def find_evidence(question: Question, hits: Sequence[Hit], lexicon: Lexicon) -> Evidence:
    """The best evidence for `question` in `hits` (best first)."""
    scored = score_units(question, hits[:MAX_PASSAGES], lexicon)
    if not scored:
        return Evidence(())
    fitting = [s for s in scored if fits_years(question, s.unit) and fits_editions(question, s.unit)]
    others = [s for s in scored[:8] if s not in fitting]
    if not fitting:
        return _nothing(question, others, scored)
    chosen = choose(question, fitting)
    missing = frozenset(k for k in question.values if not any(_shows(c.unit, k, question) for c in chosen))
    features = _features(question, chosen, fitting, lexicon, hits)
    features["other_year"] = float(bool(others) and others[0].score > chosen[0].score + 0.05)
    return Evidence(tuple(chosen), missing, _years_of(others), _editions_of(others), features)


def _nothing(question: Question, others: Sequence[Scored], scored: Sequence[Scored]) -> Evidence:
    return Evidence((), question.values, _years_of(others or scored[:3]), _editions_of(others or scored[:3]), {})


# ── scoring ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=65536)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(words(text))


@lru_cache(maxsize=16384)
def _plain(text: str) -> str:
    return compact(normalise(text))


def score_units(question: Question, hits: Sequence[Hit], lexicon: Lexicon) -> list[Scored]:
    """All units of `hits`, best first."""
    weights = {w: x * lexicon.idf(w) for w, x in question.weights.items()}
    extra = {w: EXPANSION * lexicon.idf(w) for e in question.expansions for w in words(e) if w not in weights}
    total = sum(weights.values()) or 1.0
    found: list[Scored] = []
    for rank, hit in enumerate(hits):
        parts = units(hit.passage)
        cosines = lexicon.likeness(question.text, [_as_read(unit) for unit in parts]) if parts else None
        context = hit.passage.context + "\n" + hit.passage.text
        around = _covered(weights, extra, context) / total
        for unit in parts:
            own = _covered(weights, extra, unit.text) / total
            labelled = min(1.0, _covered(weights, extra, f"{unit.label_text} {unit.text}") / total)
            value = _value(question, unit)
            likeness = float(cosines[unit.order]) if cosines is not None else 0.0
            score = (
                OWN_WORDS * own
                + LABEL_WORDS * max(0.0, labelled - own)
                + PASSAGE_WORDS * max(0.0, around - labelled)
                + VALUE * value
                + PASSAGE_SCORE * hit.score
                + LIKENESS * max(0.0, likeness)
                + (HEADING if unit.heading else 0.0)
            )
            found.append(Scored(unit, score, own, labelled, around, value, likeness, rank))
    return sorted(found, key=lambda s: (-s.score, s.rank, s.unit.order))


def _as_read(unit: Unit) -> str:
    nearest = unit.labels[-1] if unit.labels else ""
    return f"{nearest} {unit.text}" if len(unit.text) < 40 else unit.text


def _covered(weights: dict[str, float], extra: dict[str, float], text: str) -> float:
    held, plain = _words_of(text), _plain(text)
    share = sum(x for w, x in weights.items() if w in held or (len(w) > 1 and w in plain))
    more = sum(x for w, x in extra.items() if w in held or (len(w) > 1 and w in plain))
    return min(sum(weights.values()), share + more)


def _value(question: Question, unit: Unit) -> float:
    """How much of the kinds of value asked for stands in `unit`, 0–1."""
    wanted = question.values
    score = 0.0
    if wanted:
        score = sum(
            1.0 if strictly_holds(unit.text, k, question.counters) else 0.5 * holds(unit.text, k, question.counters)
            for k in wanted
        ) / len(wanted)
    if Asked.PERSON in question.asked and holds(unit.text, Asked.PERSON):
        score = max(score, 0.6)
    if Asked.LIST in question.asked and (unit.item or unit.text.count("、") >= 2):
        score = max(score, 0.3)
    if Asked.REASON in question.asked and any(
        k in unit.text for k in ("ため", "ので", "から、", "目的", "理由", "より、")
    ):
        score = max(score, 0.4)
    if Asked.DEFINITION in question.asked and any(
        k in unit.text for k in ("とは", "です。", "である", "いう", "略", "都市", "こと")
    ):
        score = max(score, 0.25)
    if Asked.TARGET in question.asked and any(k in unit.text for k in ("→", "目標")):
        score = max(score, 0.6)
    return score


def _shows(unit: Unit, kind: Asked, question: Question) -> bool:
    return holds(unit.text, kind, question.counters) or holds(unit.label_text, kind, question.counters)


# ── years and editions ───────────────────────────────────────────────────────────────────────────────────────────────


def fits_years(question: Question, unit: Unit) -> bool:
    """False where the question names a year that neither the unit nor, if it names none, its surroundings have."""
    if not question.years:
        return True
    for text in (unit.text, " ".join(unit.labels[1:]), unit.passage.text, f"{unit.passage.title} {unit.passage.date}"):
        named = years(text)
        if named:
            return any(_same_year(asked, m) for asked in question.years for m in named)
    return False


def _same_year(asked: YearMention, named: YearMention) -> bool:
    if asked.month and named.month:
        return (asked.year, asked.month) == (named.year, named.month)
    if asked.fiscal:
        return asked.year == named.fiscal_year()
    if asked.month and named.fiscal:
        return asked.fiscal_year() == named.year
    return asked.year == named.year


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


def _years_of(scored: Sequence[Scored]) -> tuple[YearMention, ...]:
    found: dict[tuple[int, bool], YearMention] = {}
    for s in scored[:4]:
        for m in years(s.unit.text) or years(" ".join(s.unit.labels[1:])):
            found.setdefault((m.year, m.fiscal), m)
    return tuple(found.values())


def _editions_of(scored: Sequence[Scored]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(e for s in scored[:4] for e in editions(f"{s.unit.label_text} {s.unit.text}")))


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

MAX_UNITS, MAX_CHARS, MAX_LIST_CHARS = 4, 320, 700
KEEP = 0.72  # further units must reach this share of the best one's score


def choose(question: Question, scored: Sequence[Scored]) -> list[Scored]:
    """The units to show: the best one, the rest of its list where a list is asked for, then what else is asked for."""
    best = scored[0]
    chosen = [best]
    if Asked.LIST in question.asked or best.unit.heading:
        chosen = _block(best, scored)
    for candidate in scored[1:30]:
        if len(chosen) >= MAX_UNITS and not _adds_value(question, chosen, candidate):
            continue
        if sum(len(c.unit.text) for c in chosen) + len(candidate.unit.text) > MAX_CHARS:
            continue
        if candidate in chosen or any(candidate.unit.text in c.unit.text for c in chosen):
            continue
        same_place = candidate.unit.passage.id == best.unit.passage.id
        if (candidate.score >= KEEP * best.score and (same_place or candidate.score >= 0.85 * best.score)) or (
            _adds_value(question, chosen, candidate) and candidate.score >= 0.55 * best.score
        ):
            chosen.append(candidate)
    return sorted(chosen, key=lambda s: (s.rank, s.unit.order))


def _adds_value(question: Question, chosen: Sequence[Scored], candidate: Scored) -> bool:
    return any(
        strictly_holds(candidate.unit.text, kind, question.counters)
        and not any(holds(c.unit.text, kind, question.counters) for c in chosen)
        for kind in question.values
    )


def _block(best: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """The list or paragraph that `best` belongs to, or that it heads, as far as it is short enough to show."""
    same = [s for s in scored if s.unit.passage.id == best.unit.passage.id]
    if best.unit.heading or best.unit.text.rstrip().endswith((":", "：", "。", "です", "ます")):
        following = [s for s in same if s.unit.block in (best.unit.block, best.unit.block + 1)]
        group = [s for s in following if s.unit.order >= best.unit.order]
    else:
        group = [s for s in same if s.unit.block == best.unit.block]
    group.sort(key=lambda s: s.unit.order)
    taken, length = [], 0
    for s in group:
        length += len(s.unit.text)
        if length > MAX_LIST_CHARS and s.unit.order > best.unit.order:
            break
        taken.append(s)
    return taken if best in taken else [best]


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _features(
    question: Question, chosen: Sequence[Scored], scored: Sequence[Scored], lexicon: Lexicon, hits: Sequence[Hit]
) -> dict[str, float]:
    weights = {w: x * lexicon.idf(w) for w, x in question.weights.items()}
    total = sum(weights.values()) or 1.0
    shown = " ".join(f"{c.unit.label_text} {c.unit.text}" for c in chosen)
    extra = {w: EXPANSION * lexicon.idf(w) for e in question.expansions for w in words(e) if w not in weights}
    focus = {w: weights[w] for w in question.focus if w in weights}
    return {
        "covered": _covered(weights, extra, shown) / total,
        "around": max(s.around for s in chosen),
        "focus": _covered(focus, extra, shown) / (sum(focus.values()) or 1.0) if focus else 1.0,
        "value": float(all(any(_shows(c.unit, k, question) for c in chosen) for k in question.values)),
        "asks_value": float(bool(question.values)),
        "likeness": max(s.likeness for s in chosen),
        "best": scored[0].score,
        "passage": hits[0].score,
        "dense": max(h.dense for h in hits[:3]),
        "quoted": float(all(any(_plain(q) in _passage_plain(h.passage) for h in hits[:5]) for q in question.quoted)),
        "place": float(
            all(
                any(_plain(n) in _passage_plain(c.unit.passage) for n in names for c in chosen)
                for names in lexicon.places(question.text)
            )
        ),
    }


@lru_cache(maxsize=4096)
def _passage_plain(passage: Passage) -> str:
    return compact(normalise(f"{passage.context} {passage.text}"))
