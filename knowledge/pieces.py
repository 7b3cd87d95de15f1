"""The pieces of a passage, each with a vector of its own: a question is compared with the best of them.

A vector of a whole passage blurs: alone, the best piece puts the right passage of `tests/eval` first for two questions
in three, the whole passage for one in two. A change of the cut is a new `FORMAT` of the store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.entities import Passage
from knowledge.text import sentences

_LEAST = 80  # characters of a piece; runs of two sentences are as good and three times as many


def pieces(passage: Passage) -> list[str]:
    """What stands above the passage, then its sentences and lines in runs of at least 80 characters; at least one."""
    found, run = [passage.context], ""
    for sentence in sentences(passage.text):
        run += sentence
        if len(run) >= _LEAST:
            found.append(run)
            run = ""
    return [piece for piece in [*found, run] if piece.strip()] or [passage.text]


def encoded(passages: Sequence[Passage], encode: Callable[[list[str]], np.ndarray]) -> list[np.ndarray]:
    """For each passage the vectors of its pieces, (pieces, dim); what several have, such as a title, is read once.

    `encode`: texts → (n, dim) unit rows.
    """
    cut = [pieces(passage) for passage in passages]
    rows = {text: row for row, text in enumerate(dict.fromkeys(text for texts in cut for text in texts))}
    vectors = encode(list(rows))
    return [vectors[[rows[text] for text in texts]] for texts in cut]


@dataclass(frozen=True)
class PieceVectors:
    """The pieces of all passages, in order. `rows`: (pieces, dim) float16, of unit length. `starts`: (passages + 1,)
    int64; the pieces of passage i are the rows from `starts[i]` to `starts[i + 1]`."""

    rows: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, passages: Sequence[np.ndarray]) -> "PieceVectors":
        """From the vectors of each passage's pieces, (pieces, dim) each, at least one a passage."""
        starts = np.cumsum([0, *map(len, passages)], dtype=np.int64)
        return cls(np.concatenate([vectors.astype(np.float16) for vectors in passages]), starts)

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self.starts) - 1

    def __getitem__(self, passage: int) -> np.ndarray:
        """(pieces, dim) of one passage."""
        return self.rows[self.starts[passage] : self.starts[passage + 1]]

    def fits(self, passages: int, dimension: int) -> bool:
        """Whether these are the vectors of so many passages, with at least one piece each."""
        return (
            self.rows.dtype == np.float16
            and self.starts.dtype == np.int64
            and self.starts.shape == (passages + 1,)
            and self.starts[0] == 0
            and bool((np.diff(self.starts) > 0).all())
            and self.rows.shape == (self.starts[-1], dimension)
        )

    def best(self, passages: np.ndarray, query: np.ndarray) -> np.ndarray:
        """(n,) float32: of each of `passages` ((n,) rows) the best piece's cosine with the unit vector `query`."""
        if not len(passages):
            return np.zeros(0, np.float32)
        counts = self.starts[passages + 1] - self.starts[passages]
        firsts = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(self.starts[passages] - firsts, counts)
        return np.maximum.reduceat(self.rows[rows].astype(np.float32) @ query, firsts)
