"""The embedding models, side by side: the embedded one, untrained vectors, all-MiniLM-L6-v2, and words alone.

`pytest -m bench -s tests/bench/bench_embedding.py`. Public data is taken from the shared folder (RENKEI_SHARED, else
../shared). What the vectors are worth beside words: bench_vectors.py.
"""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from knowledge.embedding import BUNDLED, load_encoder
from knowledge.features import features
from knowledge.text import terms
from tests.bench.models import models
from tests.bench.tables import ROOT, SHARED, show

JSQUAD = SHARED / "data/jsquad-v1.3__valid-v1.3.json.gz"
JSTS = SHARED / "data/jsts-v1.3__valid-v1.3.json.gz"
pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not JSQUAD.exists(), reason="the shared benchmark data is not there"),
]

Matrix = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Matrix]


@dataclass(frozen=True)
class Reading:
    """JSQuAD: every question belongs to one paragraph."""

    paragraphs: list[str]
    questions: list[str]
    owners: npt.NDArray[np.int64]


@cache
def jsquad() -> Reading:
    rows = [
        row for article in json.loads(gzip.decompress(JSQUAD.read_bytes()))["data"] for row in article["paragraphs"]
    ]
    asked = [(question["question"], number) for number, row in enumerate(rows) for question in row["qas"]]
    return Reading([row["context"] for row in rows], [text for text, _ in asked], np.array([at for _, at in asked]))


def ranks(scores: Matrix) -> npt.NDArray[np.int64]:
    """(questions,) how many paragraphs stand before the right one."""
    right = scores[np.arange(len(scores)), jsquad().owners]
    return (scores > right[:, None]).sum(axis=1)


def retrieval(scores: Matrix) -> tuple[str, str]:
    found = ranks(scores)
    gain = np.where(found < 10, 1 / np.log2(found + 2), 0)
    return f"{np.mean(found == 0):.3f}", f"{gain.mean():.3f}"


def spearman(encode: Encode) -> str:
    from scipy.stats import spearmanr

    rows = [json.loads(line) for line in gzip.decompress(JSTS.read_bytes()).decode().splitlines() if line]
    left, right = (encode([row[key] for row in rows]) for key in ("sentence1", "sentence2"))
    return f"{spearmanr((left * right).sum(axis=1), [row['label'] for row in rows])[0]:.3f}"


def dense(name: str, questions: Encode, paragraphs: Encode) -> list[str]:
    scores = questions(jsquad().questions) @ paragraphs(jsquad().paragraphs).T
    return [name, *retrieval(scores), spearman(paragraphs)]


# -- the systems -----------------------------------------------------------------------------------------------------


def words_alone(label: str) -> list[str]:
    import bm25s

    known: dict[str, int] = {}
    rows = [[known.setdefault(term, len(known)) for term in terms(text)] for text in jsquad().paragraphs]
    index = bm25s.BM25()
    index.index((rows, known), show_progress=False)
    asked = [[known[term] for term in terms(text) if term in known] for text in jsquad().questions]
    return [label, *retrieval(np.stack([index.get_scores(row) for row in asked])), "–"]


def test_quality() -> None:
    found = models()
    found["embedded, 128 dimensions"] = found["embedded"].shortened(128)
    rows = [dense(label, model.encode_queries, model.encode_documents) for label, model in found.items()]
    rows.append(words_alone("words alone (bm25s)"))
    show("Quality", ("model", "JSQuAD recall@1", "nDCG@10", "JSTS Spearman"), rows)
    assert float(rows[0][1]) >= 0.68
    assert float(rows[0][3]) >= 0.76


# -- speed and size --------------------------------------------------------------------------------------------------


def per_second(work: Callable[[], object], count: int) -> str:
    """The best of three, so that what else runs on the machine counts least."""
    spans = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        spans.append(time.perf_counter() - start)
    return f"{count / min(spans):,.0f}"


def test_speed() -> None:
    encoder = load_encoder()
    questions = jsquad().questions
    long_text = "".join(jsquad().paragraphs)
    passages = [long_text[start : start + 500] for start in range(0, 500_000, 500)]
    rows = []
    for name, texts in (("questions/s", questions), ("passages of 500 characters/s", passages)):
        cut = [features(text) for text in texts]
        alone = per_second(lambda cut=cut: [encoder.vector(names) for names in cut], len(texts))
        whole = per_second(lambda texts=texts: encoder.encode(texts[:500]), len(texts[:500]))
        rows.append([name, alone, whole])
    show("Speed of the embedded model, one core", ("", "features → vector", "text → vector"), rows)


MEASURE = """
import time
import knowledge.embedding, safetensors.numpy
peak = lambda: int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
before, start = peak(), time.perf_counter()
embedder = knowledge.embedding.load_embedder()
loaded = time.perf_counter() - start
embedder.embed_query("人口减少 vacant house 空き家")
print(f"{loaded:.2f} s", f"{peak() - before:.0f} MB", sep="\\t")
"""


def test_load() -> None:
    """In a process of its own, above the imports; SudachiPy's dictionary included."""
    command = [sys.executable, "-c", MEASURE]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    size = sum(path.stat().st_size for path in BUNDLED.rglob("*") if path.is_file())
    show(
        "Load of the embedded model",
        ("time", "memory", "folder"),
        [[*printed.strip().split("\t"), f"{size / 1e6:.1f} MB"]],
    )
