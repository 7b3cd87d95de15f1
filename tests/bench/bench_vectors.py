"""What the vectors are worth beside words, for each kind of question and each model, in one run.

`pytest -m bench -s tests/bench/bench_vectors.py`. Every system ranks the same passages: BM25 of the very words asked,
the same with vectors, vectors alone, and renkei (words with glossary, places and readings) with and without vectors.
A difference of the mean reciprocal rank stands with its 95 % interval (paired bootstrap over the questions).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from indexer.build import build_index
from knowledge.directory import Directory
from knowledge.embedding import Embedder
from knowledge.entities import PassageKind
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary
from knowledge.retriever import FusionWeights, HybridRetriever, dense_strength, word_strength
from knowledge.store import Generation, open_current
from knowledge.text import compact, terms
from tests.bench.models import models
from tests.bench.tables import ROOT, SHARED, show

pytestmark = pytest.mark.bench
_LIMIT = 900
_DRAWS = 5_000
_EVAL = ROOT / "tests/eval"
_DIGESTS = ROOT / "knowledge/documents"
_SHARE = FusionWeights().dense

Ranks = npt.NDArray[np.int64]  # (questions,) place of the evidence from 0; 999 where it is not found
Search = Callable[[str], Sequence[str]]  # question → texts, best first


@dataclass(frozen=True)
class Model:
    """A model with the passages that it has read."""

    embedder: Embedder
    generation: Generation

    def bare(self, question: str, share: float) -> list[str]:
        """BM25 of the question's own words, with `share` of vectors: no glossary, no place, no reading."""
        passages = self.generation.passages
        rows = np.array([row for row, passage in enumerate(passages) if passage.kind is PassageKind.DOCUMENT])
        words = self.generation.lexical.scores({term: 0.5 if term[0] == "\x02" else 1.0 for term in terms(question)})
        cosines = self.generation.pieces.best(rows, self.embedder.encode_queries([question])[0])
        scores = share * dense_strength(cosines) + (1 - share) * word_strength(words[rows])
        return [passages[row].text for row in rows[np.argsort(-scores, kind="stable")]]

    def renkei(self, share: float) -> Search:
        retriever = HybridRetriever(
            generation=self.generation,
            embedder=self.embedder,
            glossary=Glossary.load(),
            gazetteer=Gazetteer(Directory.load()),
            weights=FusionWeights(dense=share),
        )
        return lambda question: [hit.passage.text for hit in retriever.search(question)]


# -- the sets --------------------------------------------------------------------------------------------------------


def sets() -> Iterator[tuple[str, Path, Path]]:
    """Name, documents, questions."""
    yield "own", _DIGESTS, _EVAL
    for kind in ("english", "chinese", "kana", "colloquial"):
        yield kind, _DIGESTS, _EVAL / "kinds" / kind
    yield "calibration", _DIGESTS, _EVAL / "calibration"
    if SHARED.exists():
        yield "development", SHARED / "seeds", SHARED / "eval/dev"


def questions_of(folder: Path) -> list[tuple[str, str]]:
    rows = map(json.loads, (folder / "qa.jsonl").read_text(encoding="utf-8").splitlines())
    return [(row["question"], compact(row["passage"])) for row in rows]


# -- the measure -----------------------------------------------------------------------------------------------------


def ranks(search: Search, questions: Sequence[tuple[str, str]]) -> Ranks:
    return np.array([_rank(search(question), evidence) for question, evidence in questions])


def _rank(found: Sequence[str], evidence: str) -> int:
    return next((at for at, text in enumerate(found) if evidence in compact(text)[:_LIMIT]), 999)


def gain(ours: Ranks, theirs: Ranks) -> str:
    """Difference of the mean reciprocal rank with its 95 % interval."""
    each = 1 / (ours + 1) - 1 / (theirs + 1)
    draws = np.random.default_rng(0).integers(len(each), size=(_DRAWS, len(each)))
    low, high = np.percentile(each[draws].mean(axis=1), [2.5, 97.5])
    return f"{each.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def row(name: str, found: Ranks, against: Ranks | None = None) -> list[str]:
    shares = [np.mean(found == 0), np.mean(found < 5), np.mean(1 / (found + 1))]
    return [name, *(f"{share:.3f}" for share in shares), "" if against is None else gain(found, against)]


def test_words_and_vectors(tmp_path: Path) -> None:
    read: dict[tuple[Path, str], Model] = {}
    known, directory, pooled = models(), Directory.load(), dict[str, list[Ranks]]()
    for name, documents, folder in sets():
        for label, embedder in known.items():
            if (documents, label) not in read:
                store = tmp_path / str(len(read))
                build_index([documents], store, embedder, directory)
                read[documents, label] = Model(embedder, open_current(store, embedder))
        asked, ours = questions_of(folder), read[documents, "embedded"]
        found = {
            "BM25": ranks(lambda text, ours=ours: ours.bare(text, 0), asked),
            "BM25 + vectors": ranks(lambda text, ours=ours: ours.bare(text, _SHARE), asked),
            "renkei, words alone": ranks(ours.renkei(0), asked),
            "renkei": ranks(ours.renkei(_SHARE), asked),
        }
        for label in known:
            model = read[documents, label]
            found[f"vectors alone: {label}"] = ranks(lambda text, model=model: model.bare(text, 1), asked)
        found["vectors alone: embedded, with the glossary"] = ranks(ours.renkei(1), asked)
        report(f"{name}: {len(asked)} questions", found)
        for label, places in found.items():
            pooled.setdefault(label, []).append(places)
    report("all together", {label: np.concatenate(places) for label, places in pooled.items()})


def report(title: str, found: dict[str, Ranks]) -> None:
    against = {"BM25 + vectors": "BM25", "renkei": "renkei, words alone"}
    rows = [row(label, places, found.get(against.get(label, ""))) for label, places in found.items()]
    show(title, ["", "hit@1", "hit@5", "MRR", "MRR gained over the line above"], rows)
