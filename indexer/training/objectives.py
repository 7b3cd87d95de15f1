"""What the vectors should do: each objective draws texts for a step and scores the vectors that they got.

An objective never sees the model: the trainer looks up all texts of a step in one pass, which is most of its time.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import log_softmax, normalize

from indexer.training.vocabulary import Ids

Read = Callable[[str], Ids]
TEMPERATURE = 0.05
DEPTHS = ((None, 1.0), (128, 0.25))  # dimensions, weight


class Objective(Protocol):
    """`draw` gives texts as rows of the table; `loss` gets their vectors (texts, dim) in the same order."""

    def draw(self) -> list[Ids]: ...

    def loss(self, vectors: Tensor) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Task:
    """An objective, its weight in the loss, and the share of features that its texts lose in training."""

    weight: float
    objective: Objective
    dropout: float = 0.0


def contrast(left: Tensor, right: Tensor, positive: Tensor) -> Tensor:
    """InfoNCE in both directions; `positive` (left, right) is 1 where two belong together, several in a row allowed.

    The first dimensions are asked to do it alone as well (Matryoshka), so that a shorter vector still serves.
    """
    losses = [weight * _contrast(left[:, :depth], right[:, :depth], positive) for depth, weight in DEPTHS]
    return torch.stack(losses).sum()


def _contrast(left: Tensor, right: Tensor, positive: Tensor) -> Tensor:
    scores = normalize(left, dim=1) @ normalize(right, dim=1).T / TEMPERATURE
    return (_towards(scores, positive) + _towards(scores.T, positive.T)) / 2


def _towards(scores: Tensor, positive: Tensor) -> Tensor:
    counts = positive.sum(dim=1)
    each = -(log_softmax(scores, dim=1) * positive).sum(dim=1) / counts.clamp(min=1)
    return each[counts > 0].mean()


Question = Sequence[Ids]  # the question as it was asked, then in other clothes
Article = Sequence[tuple[Ids, Sequence[Question]]]


class Retrieval:
    """Questions find their paragraph among all paragraphs of a few whole articles: the hardest negatives there are.

    Each question comes as it was asked, and `variants` of the time in other clothes too.
    """

    def __init__(
        self,
        articles: Sequence[Article],
        size: int,
        variants: float,
        rng: random.Random,
    ) -> None:
        self._articles = list(articles)
        self._size = size
        self._variants = variants
        self._rng = rng
        self._queue: list[Article] = []
        self._owner: list[int] = []
        self._paragraphs = 0

    def draw(self) -> list[Ids]:
        chosen: list[tuple[Ids, Sequence[Question]]] = []
        while len(chosen) < self._size:
            if not self._queue:
                self._queue = self._rng.sample(self._articles, len(self._articles))
            chosen.extend(self._queue.pop())
        asked = [
            (at, text) for at, (_, questions) in enumerate(chosen) for each in questions for text in self._ask(each)
        ]
        self._paragraphs = len(chosen)
        self._owner = [at for at, _ in asked]
        return [text for text, _ in chosen] + [text for _, text in asked]

    def _ask(self, question: Question) -> list[Ids]:
        original, *others = question
        return [original, self._rng.choice(others)] if others and self._rng.random() < self._variants else [original]

    def loss(self, vectors: Tensor) -> Tensor:
        paragraphs, questions = vectors[: self._paragraphs], vectors[self._paragraphs :]
        positive = torch.zeros(len(questions), len(paragraphs))
        positive[torch.arange(len(questions)), torch.tensor(self._owner)] = 1
        return contrast(questions, paragraphs, positive)


class Pairs:
    """The two texts of a pair find each other among the other pairs of the step."""

    def __init__(self, draw_pair: Callable[[], tuple[Ids, Ids]], size: int) -> None:
        self._draw_pair = draw_pair
        self._size = size

    def draw(self) -> list[Ids]:
        pairs = [self._draw_pair() for _ in range(self._size)]
        return [left for left, _ in pairs] + [right for _, right in pairs]

    def loss(self, vectors: Tensor) -> Tensor:
        return contrast(vectors[: self._size], vectors[self._size :], torch.eye(self._size))


class Similarity:
    """Sentence pairs that people found more alike get a higher cosine (CoSENT)."""

    SCALE = 20.0

    def __init__(self, rows: Sequence[tuple[Ids, Ids, float]], size: int, rng: random.Random) -> None:
        self._rows = rows
        self._size = min(size, len(rows))
        self._rng = rng
        self._labels = torch.zeros(0)

    def draw(self) -> list[Ids]:
        chosen = self._rng.sample(self._rows, self._size)
        self._labels = torch.tensor([label for _, _, label in chosen])
        return [left for left, _, _ in chosen] + [right for _, right, _ in chosen]

    def loss(self, vectors: Tensor) -> Tensor:
        unit = normalize(vectors, dim=1)
        cosine = (unit[: self._size] * unit[self._size :]).sum(dim=1)
        gaps = (cosine[:, None] - cosine[None, :])[self._labels[:, None] < self._labels[None, :]]
        return torch.logsumexp(torch.cat([torch.zeros(1), gaps * self.SCALE]), dim=0)
