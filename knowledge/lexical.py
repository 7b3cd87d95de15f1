"""The lexical leg: BM25 (bm25s) over the terms of each passage, as plain .npy and .json files."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge import text
from knowledge.entities import Passage

# Rises when `passage_terms` changes, so that an index made with other terms is rebuilt instead of misread.
VERSION = 1
FILES = ("data.csc.index.npy", "indices.csc.index.npy", "indptr.csc.index.npy", "params.index.json", "vocab.index.json")
_K1, _B = 1.5, 0.75


def passage_terms(passage: Passage) -> list[str]:
    """What lexical search counts in a passage: the terms of its context and of its very words."""
    return text.terms(f"{passage.context}\n{passage.text}")


def _library() -> Any:
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for DEBUG at import
    return bm25s


class LexicalIndex:
    """BM25 scores of terms over the passages of one Generation. Immutable; safe to read from many threads."""

    def __init__(self, bm25: Any) -> None:
        self._bm25 = bm25

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> "LexicalIndex":
        """`documents`: the terms of each passage, in passage order. At least one passage has a term."""
        bm25 = _library().BM25(k1=_K1, b=_B, method="lucene")
        bm25.index([list(terms) for terms in documents], show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """The index that `save` wrote; raises OSError, ValueError or KeyError where it is not one. Reads no pickle."""
        return cls(_library().BM25.load(folder, mmap=False, allow_pickle=False, show_progress=False))

    def save(self, folder: Path) -> None:
        """Write `FILES` into `folder`."""
        self._bm25.save(folder, allow_pickle=False, show_progress=False)

    def __len__(self) -> int:
        return int(self._bm25.scores["num_docs"])

    def scores(self, weights: Mapping[str, float]) -> np.ndarray:
        """(n,) float32: for every passage the sum of weight × BM25 over the terms; unknown terms count nothing."""
        known = self._bm25.vocab_dict
        groups: dict[float, list[int]] = defaultdict(list)
        for term, weight in weights.items():
            if term in known:
                groups[weight].append(known[term])
        total = np.zeros(len(self), dtype=np.float32)
        for weight, ids in groups.items():
            total += weight * self._bm25.get_scores_from_ids(ids)
        return total
