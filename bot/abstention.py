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
    "score": 0.93,
    "dense": 2.61,
    "value": 2.31,
    "labelled": -1.12,
    "tied": 2.46,
    "counter": 1.16,
    "head": 0.61,
    "gap": -1.96,
    "future": -0.55,
    "spot": 1.92,
    "area": 3.79,
    "rival": -1.96,
    "not_yet": -3.27,
    "other_year": -3.83,
}
BIAS = -11.08


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
