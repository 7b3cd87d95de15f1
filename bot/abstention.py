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
    "score": 0.21,
    "dense": 1.13,
    "value": 3.0,
    "tied": 2.27,
    "counter": 1.27,
    "head": 0.67,
    "gap": -1.49,
    "future": -0.71,
    "spot": 1.89,
    "area": 2.87,
    "rival": -2.03,
    "other_year": -3.76,
}
BIAS = -10.19


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
