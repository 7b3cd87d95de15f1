"""Whether evidence is enough to answer: right or silent."""

from enum import Enum

from bot.evidence import Evidence
from bot.question import Question


class Outcome(Enum):
    """What the evidence allows."""

    ENOUGH = "enough"
    PART = "part"
    NOTHING = "nothing"


# Logistic regression on the development set and tests/eval/calibration: `pytest -m bench tests/bench/bench_abstention.py -s`.
WEIGHTS = {
    "score": 0.18,
    "dense": 1.26,
    "value": 3.26,
    "tied": 1.92,
    "counter": 1.07,
    "head": 0.88,
    "gap": -1.23,
    "future": -0.71,
    "spot": 2.02,
    "area": 2.84,
    "rival": -1.86,
    "other_year": -1.79,
}
BIAS = -10.26


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
