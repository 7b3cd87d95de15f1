"""LangChain's `VectorStore` over a FAISS index and documents in memory. Immutable: a change is a new generation."""

# ruff: noqa: ARG002, ARG003 (the signatures are LangChain's)

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from knowledge.entities import Passage
from knowledge.errors import StoreError


def to_document(passage: Passage) -> Document:
    """A Passage as LangChain knows it: its words, everything else as metadata."""
    names = ("title", "section", "source", "page", "date", "publisher", "region", "url")
    metadata = {name: getattr(passage, name) for name in names}
    metadata |= {"kind": str(passage.kind), "status": str(passage.status), "header": list(passage.header)}
    return Document(id=passage.id, page_content=passage.text, metadata=metadata)


class FaissStore(VectorStore):
    """Exact search by inner product; row i of `index` belongs to `documents[i]`, rows are of unit length."""

    def __init__(self, index: Any, documents: Sequence[Document], embedding: Embeddings) -> None:
        if index.ntotal != len(documents):
            raise StoreError(f"ベクトル {index.ntotal} 件と文書 {len(documents)} 件が合いません。")
        self._index = index
        self._documents = documents
        self._embedding = embedding

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> "FaissStore":
        """A store in memory of at least one text; vectors are brought to unit length."""
        import faiss

        if not texts:
            raise StoreError("文が一つもありません。")
        vectors = np.asarray(embedding.embed_documents(texts), dtype=np.float32)
        faiss.normalize_L2(vectors)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        names = ids or [str(row) for row in range(len(texts))]
        extras = metadatas or [{} for _ in texts]
        rows = zip(texts, names, extras, strict=True)
        return cls(index, [Document(page_content=t, id=i, metadata=m) for t, i, m in rows], embedding)

    @property
    def embeddings(self) -> Embeddings:
        """The model that turns queries into vectors."""
        return self._embedding

    def add_texts(
        self, texts: Iterable[str], metadatas: list[dict[str, Any]] | None = None, **kwargs: Any
    ) -> list[str]:
        """Refused: readers share a generation, so it never changes."""
        raise StoreError("世代は書き換えられません。`renkei index` で新しく作ってください。")

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The `k` nearest documents, best first."""
        return [document for document, _ in self.similarity_search_with_score(query, k)]

    def similarity_search_with_score(self, query: str, k: int = 4, **kwargs: Any) -> list[tuple[Document, float]]:
        """The `k` nearest documents with their cosine in [-1, 1], best first."""
        return self.similarity_search_with_score_by_vector(self._embedding.embed_query(query), k)

    def similarity_search_by_vector(self, embedding: list[float], k: int = 4, **kwargs: Any) -> list[Document]:
        """The `k` documents nearest to a vector of any length, best first."""
        return [document for document, _ in self.similarity_search_with_score_by_vector(embedding, k)]

    def similarity_search_with_score_by_vector(
        self, embedding: Sequence[float], k: int = 4
    ) -> list[tuple[Document, float]]:
        """As `similarity_search_with_score`, for a vector of any length but 0."""
        rows, cosines = nearest(self._index, np.asarray(embedding, dtype=np.float32), k)
        return [(self._documents[row], float(cosine)) for row, cosine in zip(rows, cosines, strict=True)]

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The documents with these ids, in store order; unknown ids are left out."""
        wanted = set(ids)
        return [document for document in self._documents if document.id in wanted]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: min(1.0, max(0.0, (1.0 + cosine) / 2))


def nearest(index: Any, query: np.ndarray, k: int, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Rows and cosines of the `k` rows nearest to `query` ((dim,), of any length), best first.

    `among`: (n,) bool, the rows that may be found. One thread: with FAISS's default threads a single query on a busy
    machine takes sixty times as long.
    """
    import faiss

    faiss.omp_set_num_threads(1)
    unit = unit_vector(query)[None, :]
    parameters: Any = None
    if among is not None:
        library: Any = faiss  # its hints are those of C++, its calls take arrays
        selector = library.IDSelectorBitmap(np.packbits(among, bitorder="little"))
        parameters = library.SearchParameters(sel=selector)
    cosines, rows = index.search(unit, min(k, index.ntotal), params=parameters)
    found = rows[0] >= 0
    return rows[0][found], cosines[0][found]


def unit_vector(vector: np.ndarray) -> np.ndarray:
    """`vector` as float32 of unit length; zeros stay zeros, whose cosine with anything is 0."""
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)
