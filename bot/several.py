"""Several questions in one message → one body of evidence, and the questions that stay open. Pure.

Each part is judged by itself; the whole message may hold what a part alone, short of words, does not find.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.abstention import Outcome, judge
from bot.evidence import Evidence, find_evidence
from bot.question import Question
from bot.scoring import Lexicon
from bot.units import Unit
from bot.values import holds
from knowledge.entities import Hit


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions in a message, as it was said, and what was found for it."""

    said: str
    question: Question
    hits: Sequence[Hit]


def together(
    whole: Evidence, outcome: Outcome, parts: Sequence[Part], lexicon: Lexicon
) -> tuple[Evidence, Outcome, tuple[str, ...]]:
    """(evidence, outcome, questions left open) for a message of `parts`, its evidence taken as one being `whole`."""
    found = [(part, find_evidence(part.question, part.hits, lexicon)) for part in parts]
    told = [(part, evidence) for part, evidence in found if judge(part.question, evidence) is not Outcome.NOTHING]
    untold = [part for part, _ in found if all(part is not other for other, _ in told)]
    if not told:
        return whole, outcome, ()
    units = dict.fromkeys(unit for _, evidence in told for unit in evidence.units)
    if untold and outcome is not Outcome.NOTHING:
        units |= dict.fromkeys(whole.units)
        untold = [part for part in untold if not _held(part.question, list(units))]
    missing = frozenset().union(*(evidence.missing for _, evidence in told)) if not untold else frozenset()
    merged = replace(whole if whole.units else told[0][1], units=tuple(units), missing=missing)
    return merged, Outcome.PART if untold or missing else Outcome.ENOUGH, tuple(part.said for part in untold)


def _held(question: Question, units: Sequence[Unit]) -> bool:
    """Whether values of all kinds asked for stand in `units`."""
    kinds = question.values
    return bool(kinds) and all(any(holds(u.text, kind, question.counters) for u in units) for kind in kinds)
