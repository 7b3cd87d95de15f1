"""The settings of the recipe. What was settled by measuring; the model card has the figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Weights are those of the tasks in the loss; 0 leaves a task out."""

    dimension: int = 368
    least: int = 3  # texts that a feature must stand in
    residual: float = 0.5  # length of the random part beside a word's starting vector
    passes: int = 4  # over the articles
    paragraphs: int = 160  # in a step, whole articles
    pairs: int = 512  # in a step, of each kind
    rate: float = 3e-3
    weight_rate: float = 2e-2
    dropout: float = 0.3  # of the features of a text; none of JSTS, whose sentences are compared as they are
    questions: float = 1.0
    synonyms: float = 0.3
    glosses: float = 0.5
    similarity: float = 0.15
    halves: float = 0.5
    answers: float = 1.0
    facts: float = 0.1
    regional: float = 1.0
    regional_passages: int = 64  # in a step
    variants: float = 0.5  # of the questions come in other clothes too
    seed: int = 1
