"""Which features get a vector, and from where each starts."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.features import UNKNOWN

Ids = npt.NDArray[np.int64]
PAIR_WEIGHT = 0.5  # a character pair starts at half a word's weight


@dataclass(frozen=True)
class Vocabulary:
    """Feature → row; `idf` (rows,) in (0, 1], the lower of that in paragraphs and that in questions and glosses.

    English words are rare in Japanese paragraphs, and "how many" is not: both would count too much by one of the two.
    """

    rows: dict[str, int]
    idf: npt.NDArray[np.float32]

    def ids(self, features: Iterable[str]) -> Ids:
        """The rows of the features known here; the unknown feature's row where none is."""
        known = [self.rows[feature] for feature in features if feature in self.rows]
        return np.array(known or [self.rows[UNKNOWN]], np.int64)


def build_vocabulary(
    paragraphs: Sequence[str], others: Iterable[str], features: Callable[[str], list[str]], least: int
) -> Vocabulary:
    """The features that stand in at least `least` of all texts."""
    written = _counts(paragraphs, features)
    asked = _counts(others, features)
    counts = {name: written.get(name, 0) + asked.get(name, 0) for name in {**written, **asked}}
    kept = [UNKNOWN, *sorted(name for name, count in counts.items() if count >= least and name not in (UNKNOWN, ""))]
    idf = [min(_idf(written, name), _idf(asked, name)) * (PAIR_WEIGHT if is_pair(name) else 1) for name in kept]
    return Vocabulary({name: row for row, name in enumerate(kept)}, np.array(idf, np.float32))


def _counts(texts: Iterable[str], features: Callable[[str], list[str]]) -> Counter[str]:
    """How many of the texts have each feature; under "" how many texts there are."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(features(text))
        counts[""] += 1
    return counts


def _idf(counts: Counter[str], name: str) -> float:
    """1 for a feature of one text, near 0 for one of all, 1 for one of none."""
    total = math.log(counts[""] + 1)
    return max(1 - math.log(max(counts.get(name, 0), 1)) / total, 0.02)


def is_pair(feature: str) -> bool:
    return feature.startswith("#") and len(feature) > 1


Lookup = Callable[[str], npt.NDArray[np.float32] | None]


def start(
    vocabulary: Vocabulary, lookup: Lookup, dimension: int, residual: float, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """(rows, dimension) unit rows: the word's vector on its main axes, plus `residual` times a random direction.

    The random part lets the model tell words of one meaning apart; it is all that features without a vector have.
    """
    found = {row: vector for name, row in vocabulary.rows.items() if (vector := _meaning(lookup, name)) is not None}
    rows = rng.standard_normal((len(vocabulary.rows), dimension)).astype(np.float32) / math.sqrt(dimension)
    if found:
        known = np.array(sorted(found))
        meaning = np.stack([found[row] for row in known])
        meaning = _unit(_on_main_axes(meaning - meaning.mean(axis=0))[:, :dimension])
        rows[known] *= residual
        rows[known, : meaning.shape[1]] += meaning
    return _unit(rows)


def _on_main_axes(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`rows` turned so that the first columns vary most. By torch, whose threads the command sets: numpy's would make
    the result depend on the machine's cores."""
    import torch

    centred = torch.from_numpy(rows)
    _, axes = torch.linalg.eigh(centred.T @ centred)
    turned: npt.NDArray[np.float32] = (centred @ axes.flip(1)).numpy()
    return turned


def _meaning(lookup: Lookup, feature: str) -> npt.NDArray[np.float32] | None:
    """The vector of a word; that of its characters where it has none of its own."""
    if is_pair(feature):
        return None
    whole = lookup(feature)
    if whole is not None or feature.isascii():
        return whole
    pieces = [vector for character in feature if (vector := lookup(character)) is not None]
    return np.mean(pieces, axis=0) if pieces else None


def _unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6).astype(np.float32)
