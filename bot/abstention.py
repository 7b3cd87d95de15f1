"""Whether evidence is enough to answer: right or silent."""

from enum import Enum

from bot.evidence import Evidence
from bot.question import Question


class Outcome(Enum):
    """What the evidence allows."""

    ENOUGH = "enough"
    PART = "part"
    NOTHING = "nothing"


# Logistic regression, fitted by `pytest -m bench tests/bench/bench_abstention.py -s` on tests/eval/calibration and,
# where it is at hand, the development set.
WEIGHTS = {
    "score": 0.12,
    "dense": 1.28,
    "value": 2.98,
    "tied": 2.36,
    "counter": 1.12,
    "head": 0.68,
    "gap": -1.51,
    "future": -0.66,
    "spot": 1.92,
    "area": 2.77,
    "rival": -2.07,
    "other_year": -3.85,
}
BIAS = -9.88


def confidence(evidence: Evidence) -> float:
    """The log-odds that the evidence answers the question."""
    return BIAS + sum(weight * evidence.features.get(name, 0.0) for name, weight in WEIGHTS.items())


def judge(question: Question, evidence: Evidence) -> Outcome:
    """ENOUGH, PART where one of several kinds of value is missing, else NOTHING."""
    if not evidence.units or confidence(evidence) < 0:
        return Outcome.NOTHING
    if not evidence.missing:
        return Outcome.ENOUGH
    return Outcome.PART if evidence.missing < question.values else Outcome.NOTHING
