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
    "score": 0.77,
    "dense": 3.13,
    "value": 2.22,
    "labelled": -1.54,
    "tied": 2.71,
    "counter": 1.39,
    "head": 0.4,
    "gap": -2.24,
    "future": -0.6,
    "spot": 2.24,
    "area": 2.37,
    "rival": -1.76,
    "not_yet": -3.28,
    "other_year": -2.6,
}
BIAS = -9.68


# An answer must be this likely to be right: silence costs less than a wrong answer.
LIKELY = 0.55


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
