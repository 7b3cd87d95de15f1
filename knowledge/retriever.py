"""Question → ranked passages: vectors and words, fused by weighted scores, each passage once.

Weighted scores and not ranks: with equal-weight rank fusion the better leg loses at the top.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import PrivateAttr

from knowledge import query
from knowledge.entities import Hit, PassageKind, Status
from knowledge.homophones import mended
from knowledge.query import TermWeights
from knowledge.sounds import sounds
from knowledge.text import compact
from knowledge.vectorstore import nearest, to_document, unit_vector

# Long enough that the names of plans and projects, which passages share by nature, do not count as a repetition.
_SHINGLE = 12
_MAX_SHARED = 0.2


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """How the parts are weighed. `dense`: share of the vectors, the rest is the words'. `depth`: candidates per leg.
    `superseded`: factor for passages of a plan that has a successor. `reranked`: candidates the reranker reads.
    Tuned on JSQuAD, the development set and the questions on the bundled digests together.
    """

    dense: float = 0.15
    depth: int = 100
    superseded: float = 0.99
    reranked: int = 30
    terms: TermWeights = field(default_factory=TermWeights)


class HybridRetriever(BaseRetriever):
    """LangChain retriever over one Generation. Cheap to build; safe to share between threads."""

    generation: Any
    embedder: Any
    glossary: Any = None
    gazetteer: Any = None
    reranker: Any = None
    weights: FusionWeights = FusionWeights()
    k: int = 10

    _rows: dict[PassageKind | None, np.ndarray] = PrivateAttr(default_factory=dict)
    _superseded: np.ndarray = PrivateAttr()
    _readings: dict[str, str] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any, /) -> None:
        """Note which rows are of which kind and which are superseded, and how the words sound."""
        del context
        self._readings = {**self.generation.lexical.readings, **sounds(self.glossary, self.gazetteer)}
        kinds = np.array([passage.kind for passage in self.generation.passages])
        self._rows = {kind: kinds == kind for kind in PassageKind} | {None: np.ones(len(kinds), dtype=bool)}
        statuses = np.array([passage.status for passage in self.generation.passages])
        self._superseded = statuses == Status.SUPERSEDED

    def search(self, question: str, k: int = 10, kind: PassageKind | None = PassageKind.DOCUMENT) -> list[Hit]:
        """The `k` best passages of `kind` (None: of any), best first, no two sharing over a fifth of their text."""
        among = self._rows[kind]
        if not question.strip() or not among.any():
            return []
        asked = self._understood(question)
        words = self.generation.lexical.scores(asked.terms)
        rows, cosines = self._candidates(asked.text, words, among)
        scores = self._fused(cosines, words[rows], rows)
        rows, cosines, scores = self._reranked(question, rows, cosines, scores)
        hits = (
            Hit(self.generation.passages[row], float(score), float(cosine), float(words[row]))
            for row, score, cosine in zip(rows, scores, cosines, strict=True)
        )
        return distinct(hits, k)

    def read(self, question: str) -> str:
        """`question` in Japanese characters (from kana or simplified Chinese), as the search reads it; in English with
        the official terms and Japanese names of what it speaks of."""
        read = query.japanese(self._mended(question), self._readings)
        if self.glossary is not None and question.isascii():
            read = self.glossary.in_official(read)
        return query.with_places(read, question, self.gazetteer) if self.gazetteer is not None else read

    def _mended(self, question: str) -> str:
        """`question` with kanji of the right sound put right."""
        lexical = self.generation.lexical
        if question.isascii():
            return question
        return mended(
            question,
            lexical.readings,
            lambda word: lexical.frequency(word) > 0,
            lambda words: any(words in passage.text for passage in self.generation.passages),
        )

    def idf(self, word: str) -> float:
        """How rare `word` is in the documents, in (0, 1]; 1.0 for a word that none of their passages has."""
        count = max(1, int(self._rows[PassageKind.DOCUMENT].sum()))
        return math.log1p(count / (1 + self.generation.lexical.frequency(word))) / math.log1p(count)

    def likeness(self, question: str, texts: Sequence[str]) -> list[float]:
        """The cosine of `question` with each of `texts`, in meaning."""
        asked = self._vector(self._understood(question).text)
        return [float(_piece_vector(self.embedder, text) @ asked) for text in texts]

    def _vector(self, asked: str) -> np.ndarray:
        return unit_vector(np.asarray(self.embedder.embed_query(asked), dtype=np.float32))

    def _understood(self, question: str) -> query.Query:
        return query.understand(
            self._mended(question), self._readings, self.glossary, self.gazetteer, self.weights.terms
        )

    def _candidates(self, asked: str, words: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows that either leg ranks high, in row order, and the cosines of their best pieces."""
        vector, depth = self._vector(asked), self.weights.depth
        near, _ = nearest(self.generation.index, vector, depth, among)
        rows = np.union1d(near, highest(words, np.flatnonzero((words > 0) & among), depth))
        return rows, self.generation.pieces.best(rows, vector)

    def _fused(self, cosines: np.ndarray, words: np.ndarray, rows: np.ndarray) -> np.ndarray:
        share = self.weights.dense
        scores = share * dense_strength(cosines) + (1 - share) * word_strength(words)
        return scores * np.where(self._superseded[rows], self.weights.superseded, 1.0)

    def _reranked(
        self, question: str, rows: np.ndarray, cosines: np.ndarray, scores: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All candidates, best first; with a reranker only those that it has read, by its own score."""
        order = np.argsort(-scores, kind="stable")
        if self.reranker is not None:
            order = order[: self.weights.reranked]
            texts = [
                f"{passage.context}\n{passage.text}"
                for passage in map(self.generation.passages.__getitem__, rows[order])
            ]
            scores[order] = self.reranker.scores(question, texts)
            order = order[np.argsort(-scores[order], kind="stable")]
        return rows[order], cosines[order], scores[order]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        found = []
        for hit in self.search(query, self.k):
            document = to_document(hit.passage)
            document.metadata |= {"score": hit.score}
            found.append(document)
        return found


@lru_cache(maxsize=65536)
def _piece_vector(embedder: Any, text: str) -> np.ndarray:
    """(dim,) float32 unit row of a piece of a passage; the same few pieces are compared with many questions."""
    return unit_vector(np.asarray(embedder.embed_documents([text])[0], dtype=np.float32))


def highest(scores: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """The `k` of `rows` (ascending) with the highest scores, of equal ones the earlier; not sorted by score."""
    if len(rows) <= k:
        return rows
    limit = np.partition(scores[rows], -k)[-k]
    above, equal = rows[scores[rows] > limit], rows[scores[rows] == limit]
    return np.concatenate([above, equal[: k - len(above)]])


def dense_strength(cosines: np.ndarray) -> np.ndarray:
    """Cosines of the candidates → [0, 1]: the best is 1, the least 0."""
    low, high = cosines.min(), cosines.max()
    return (cosines - low) / (high - low) if high > low else np.ones_like(cosines)


def word_strength(words: np.ndarray) -> np.ndarray:
    """BM25 scores of the candidates → [0, 1]: the best is 1, none of the words is 0."""
    high = words.max()
    return words / high if high > 0 else np.zeros_like(words)


def distinct(hits: Iterator[Hit], k: int) -> list[Hit]:
    """The first `k` hits, leaving out any that shares more than a fifth of the shorter text with a better one."""
    kept: list[Hit] = []
    seen: list[frozenset[str]] = []
    for hit in hits:
        if len(kept) == k:
            break
        pieces = shingles(hit.passage.text)
        if all(shared(pieces, other) <= _MAX_SHARED for other in seen):
            kept.append(hit)
            seen.append(pieces)
    return kept


@lru_cache(maxsize=512)
def shingles(content: str) -> frozenset[str]:
    """All runs of twelve characters of `content`, without white space."""
    text = compact(content)
    return frozenset(text[start : start + _SHINGLE] for start in range(max(1, len(text) - _SHINGLE + 1)))


def shared(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of the shorter text's pieces that the other has too."""
    return len(a & b) / min(len(a), len(b))
