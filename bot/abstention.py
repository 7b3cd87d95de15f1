"""Whether evidence is enough to answer: right or silent."""

from enum import Enum

from bot.evidence import Evidence
from bot.question import Question


class Outcome(Enum):
    """What the evidence allows."""

    ENOUGH = "enough"
    PART = "part"
    NOTHING = "nothing"


# Logistic regression, fitted by `pytest -m bench -s tests/bench/bench_abstention.py` on tests/eval/calibration and,
# where it is at hand, the development set.
WEIGHTS = {
    "score": 0.23,
    "dense": 3.53,
    "value": 2.31,
    "tied": 1.94,
    "counter": 1.42,
    "head": 0.62,
    "gap": -1.35,
    "future": -0.55,
    "spot": 1.65,
    "area": 3.53,
    "rival": -1.76,
    "other_year": -3.99,
}
BIAS = -10.21


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
