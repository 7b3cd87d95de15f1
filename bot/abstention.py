"""Whether evidence is enough to answer: right or silent."""

from enum import Enum

from bot.evidence import Evidence
from bot.question import Question


class Outcome(Enum):
    """What the evidence allows."""

    ENOUGH = "enough"
    PART = "part"
    NOTHING = "nothing"


# Logistic weights of the features and the threshold on their sum.
WEIGHTS = {
    "covered": 3.0,
    "around": 1.5,
    "focus": 2.0,
    "value": 1.5,
    "likeness": 2.0,
    "place": 1.5,
    "quoted": 1.0,
    "other_year": -2.0,
}
BIAS = -5.0


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
