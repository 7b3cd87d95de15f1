"""Which words of which passages answer a question, and what speaks for and against them. Pure: no I/O, no wording.

Years and editions are not scored but obeyed: a unit about another year than the one asked for is no evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.question import Asked, Question, editions
from bot.scoring import Fit, Lexicon, Terms, fit_units, has, plain, terms_of
from bot.spans import Span, best_spans, choose
from bot.units import Unit
from knowledge.entities import Hit
from knowledge.wareki import YearMention, years

MAX_PASSAGES = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """The chosen units in reading order, what of the asked values they lack, which other years or editions the
    sources have instead, and the features that `abstention` judges by."""

    units: tuple[Unit, ...]
    missing: frozenset[Asked] = frozenset()
    other_years: tuple[YearMention, ...] = ()
    other_editions: tuple[tuple[str, str], ...] = ()
    features: dict[str, float] = field(default_factory=dict)


def find_evidence(question: Question, hits: Sequence[Hit], lexicon: Lexicon) -> Evidence:
    """The best evidence for `question` in `hits` (best first); no units where none may be used."""
    hits = hits[:MAX_PASSAGES]
    fits = fit_units(question, hits, lexicon)
    if not fits:
        return Evidence((), question.values)
    fitting = [f for f in fits if fits_years(question, f.unit) and fits_editions(question, f.unit)]
    all_spans = best_spans(question, fits, hits)
    others = _others(fits, fitting, all_spans)
    if not fitting:
        return Evidence((), question.values, _years_of(others), _editions_of(others))
    spans = best_spans(question, fitting, hits) if len(fitting) < len(fits) else all_spans
    chosen = choose(question, spans)
    held = frozenset().union(*(span.kinds for span in chosen))
    return Evidence(
        tuple(fit.unit for span in chosen for fit in span.fits),
        question.values - held,
        _years_of(others),
        _editions_of(others),
        _features(question, chosen, spans[0], all_spans[0], lexicon, hits),
    )


def _others(fits: Sequence[Fit], fitting: Sequence[Fit], spans: Sequence[Span]) -> list[Unit]:
    """The units that would have answered but for their year or edition, best first."""
    allowed = {id(f.unit) for f in fitting}
    best = [f.unit for span in spans[:12] for f in span.fits]
    return list(dict.fromkeys(u for u in best if id(u) not in allowed))[:6] if len(fitting) < len(fits) else []


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


def _years_of(units: Sequence[Unit]) -> tuple[YearMention, ...]:
    found: dict[tuple[int, bool], YearMention] = {}
    for unit in units:
        for mention in years(unit.text) or years(" ".join(unit.labels[1:])):
            found.setdefault((mention.year, mention.fiscal), mention)
    return tuple(found.values())


def _editions_of(units: Sequence[Unit]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(e for unit in units for e in editions(f"{unit.label_text} {unit.text}")))


# ── features ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _features(
    question: Question, chosen: Sequence[Span], best: Span, unbound: Span, lexicon: Lexicon, hits: Sequence[Hit]
) -> dict[str, float]:
    """Numbers in about [0, 1] that tell an answerable question from one that the sources leave open."""
    terms = terms_of(question, lexicon)
    units = [f.unit for span in chosen for f in span.fits]
    shown = " ".join(f"{u.label_text} {u.text}" for u in units)
    focus = Terms({w: x for w, x in terms.weights.items() if w in question.focus}, terms.extra)
    open_words = [w for w in terms.weights if not has(shown, w)]
    held = frozenset().union(*(span.kinds for span in chosen))
    passages = [plain(f"{h.passage.context} {h.passage.text}") for h in hits]
    places = lexicon.places(question.text)
    return {
        "covered": terms.share(shown),
        "own": best.own,
        "labelled": best.labelled,
        "focus": focus.share(shown) if focus.weights else terms.share(shown),
        "open": max((terms.weights[w] for w in open_words), default=0.0),
        "unknown": sum(lexicon.idf(w) >= 1.0 and not has(" ".join(passages), w) for w in open_words) / 4,
        "value": float(question.values <= held),
        "asks_value": float(bool(question.values)),
        "likeness": max(span.likeness for span in chosen),
        "score": best.score,
        "dense": max((h.dense for h in hits[:3]), default=0.0),
        "lexical": min(2.0, hits[0].lexical / (10 * terms.total)),
        "quoted": float(all(any(plain(q) in p for p in passages) for q in question.quoted)),
        "place": float(
            all(any(plain(n) in plain(shown) or plain(n) in passages[0] for n in names) for names in places)
        ),
        "other_year": float(unbound.score > best.score + 0.08),
    }
