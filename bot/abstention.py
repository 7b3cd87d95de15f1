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
    "dense": 2.93,
    "value": 2.3,
    "labelled": -1.26,
    "tied": 2.59,
    "counter": 1.19,
    "head": 0.35,
    "gap": -2.33,
    "future": -0.58,
    "spot": 1.96,
    "area": 3.72,
    "rival": -1.99,
    "not_yet": -3.29,
    "other_year": -3.96,
}
BIAS = -10.62


# An answer must be this likely to be right: silence costs less than a wrong answer.
LIKELY = 0.55


def confidence(evidence: Evidence) -> float:
    """The log-odds that the evidence answers the question."""
    return BIAS + sum(weight * evidence.features.get(name, 0.0) for name, weight in WEIGHTS.items())


def judge(question: Question, evidence: Evidence) -> Outcome:
    """ENOUGH, PART where one of several kinds of value is missing, else NOTHING: also where what is so at this moment
    is asked, or more things than the evidence lists."""
    if question.momentary or evidence.features.get("short"):
        return Outcome.NOTHING
    if not evidence.units or confidence(evidence) < math.log(LIKELY / (1 - LIKELY)):
        return Outcome.NOTHING
    if not evidence.missing:
        return Outcome.ENOUGH
    return Outcome.PART if evidence.missing < question.values else Outcome.NOTHING
