"""Whether evidence is enough to answer: right or silent."""

import math
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
    "score": -0.09,
    "dense": 4.68,
    "value": 2.91,
    "tied": 1.57,
    "counter": 1.43,
    "head": 0.62,
    "gap": -1.91,
    "future": -0.64,
    "spot": 2.83,
    "area": 4.6,
    "rival": -3.39,
    "other_year": -4.32,
}
BIAS = -13.16


# An answer must be this likely to be right: silence costs less than a wrong answer.
LIKELY = 0.6


def confidence(evidence: Evidence) -> float:
    """The log-odds that the evidence answers the question."""
    return BIAS + sum(weight * evidence.features.get(name, 0.0) for name, weight in WEIGHTS.items())


def judge(question: Question, evidence: Evidence) -> Outcome:
    """ENOUGH, PART where one of several kinds of value is missing, else NOTHING."""
    if not evidence.units or confidence(evidence) < math.log(LIKELY / (1 - LIKELY)):
        return Outcome.NOTHING
    if not evidence.missing:
        return Outcome.ENOUGH
    return Outcome.PART if evidence.missing < question.values else Outcome.NOTHING
