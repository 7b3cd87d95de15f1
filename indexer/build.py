"""Files → one published Generation. Unchanged passages keep their vectors; a bad file is reported, the rest goes on."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from indexer import generations
from indexer.files import find_files
from indexer.loaders import MAX_BYTES, read
from indexer.reading import passages_of, read_files
from indexer.split import SPLITTER_VERSION
from knowledge.entities import Passage
from knowledge.errors import StoreError
from knowledge.manifest import Model
from knowledge.pieces import PieceVectors, encoded
from knowledge.store import Generation, open_current, write_generation_files

BUNDLED = Path(__file__).parents[1] / "knowledge" / "documents"
_BATCH = 256

# Told the stage ("read", "embed", "publish"), how much is done, and of how much.
Progress = Callable[[str, int, int], None]


class Embedder(Model, Protocol):
    """What the indexer needs of an embedding model."""

    @property
    def prefixes(self) -> tuple[str, str]: ...
    def encode_documents(self, texts: list[str]) -> np.ndarray: ...


class Directory(Protocol):
    """What the indexer needs of the contact directory."""

    @property
    def municipalities(self) -> tuple[Any, ...]: ...
    def passages(self) -> list[Passage]: ...


@dataclass(slots=True)
class IndexReport:
    """`files`: documents indexed. `passages`: all in the new generation, those of the directory included.
    `removed`: passages of the generation before that are gone. `generation_id`: the current one; None where no file
    could be read, so that nothing was published. Where nothing changed, the generation before stays."""

    files: int = 0
    passages: int = 0
    reused: int = 0
    embedded: int = 0
    removed: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    generation_id: str | None = None


def build_index(
    paths: Sequence[Path] | None,
    store_dir: Path,
    embedder: Embedder,
    directory: Directory,
    progress: Progress | None = None,
    *,
    keep: int = generations.KEEP,
    max_bytes: int = MAX_BYTES,
) -> IndexReport:
    """Index `paths` (files and folders; None: the bundled documents) and the contact directory, and publish.

    Files that fail are in the report and do not stop the rest; where no file at all could be read nothing is
    published. Raises LockedError where another run is at work, StoreError where the disk is full.
    """
    started, report, tell = time.monotonic(), IndexReport(), progress or _silent
    with generations.lock(store_dir):
        generations.clean_leftovers(store_dir)
        previous = _previous(store_dir, embedder)
        found = find_files(list(paths) if paths else [BUNDLED])
        places = [municipality.name for municipality in directory.municipalities]
        documents = read_files(found, places, previous, lambda done, total: tell("read", done, total), max_bytes)
        report.skipped, report.failed, report.files = documents.skipped, documents.failed, len(documents.sources)
        if documents.sources:
            passages = documents.passages + directory.passages()
            report.passages = len(passages)
            if previous and _is_same(previous, passages, documents.sources):
                report.reused, report.generation_id = len(passages), previous.id
            else:
                vectors, of_pieces = _vectors(passages, previous, embedder, report, tell)
                manifest = _manifest(embedder, passages, documents.sources)
                tell("publish", 0, 1)
                generations.publish(
                    store_dir,
                    manifest["id"],
                    lambda folder: write_generation_files(folder, passages, vectors, of_pieces, manifest),
                    keep,
                )
                tell("publish", 1, 1)
                report.generation_id = manifest["id"]
    report.seconds = time.monotonic() - started
    return report


def read_document(source: str, path: Path) -> list[Passage]:
    """The passages that one file would give. Raises DocumentError with the reason and what to do."""
    return passages_of(source, path, read(path))


def _silent(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


# ── the generation before ────────────────────────────────────────────────────────────────────────────────────────────


def _previous(store_dir: Path, embedder: Embedder) -> Generation | None:
    """The current generation, if it is whole and of this model and splitter."""
    try:
        generation = open_current(store_dir, embedder)
    except StoreError:
        return None
    return generation if generation.manifest["splitter_version"] == SPLITTER_VERSION else None


def _is_same(previous: Generation, passages: Sequence[Passage], sources: list[dict[str, Any]]) -> bool:
    """Nothing changed: a further generation would only push an older one out."""
    return previous.manifest["sources"] == sources and previous.passages == tuple(passages)


# ── vectors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def embedded_text(passage: Passage) -> str:
    """What the model reads of a passage; equal texts have equal vectors."""
    return f"{passage.context}\n{passage.text}"


def _vectors(
    passages: Sequence[Passage], previous: Generation | None, embedder: Embedder, report: IndexReport, tell: Progress
) -> tuple[np.ndarray, PieceVectors]:
    """(n, dim) float32 unit rows and those of the pieces: as in `previous` where the very text is in it, else from the
    model."""
    texts = [embedded_text(passage) for passage in passages]
    rows = {embedded_text(passage): row for row, passage in enumerate(previous.passages)} if previous else {}
    vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    parts: list[np.ndarray] = [vectors[:0]] * len(texts)
    kept = [at for at, text in enumerate(texts) if text in rows]
    if previous and kept:
        vectors[kept] = previous.vectors()[[rows[texts[at]] for at in kept]]
        for at in kept:
            parts[at] = previous.pieces[rows[texts[at]]]
    missing = [at for at, text in enumerate(texts) if text not in rows]
    tell("embed", 0, len(missing))
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        vectors[batch] = embedder.encode_documents([texts[at] for at in batch])
        for at, part in zip(batch, encoded([passages[at] for at in batch], embedder.encode_documents), strict=True):
            parts[at] = part
        tell("embed", start + len(batch), len(missing))
    report.embedded, report.reused, report.removed = len(missing), len(kept), len(rows.keys() - set(texts))
    return vectors, PieceVectors.of(parts)


# ── publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _manifest(embedder: Embedder, passages: Sequence[Passage], sources: list[dict[str, Any]]) -> dict[str, Any]:
    """What a new generation says of itself."""
    now = datetime.now(UTC)
    content = sha256("\n".join(passage.id for passage in passages).encode()).hexdigest()
    return {
        "id": generations.new_id(content, now),
        "created_at": now.isoformat(timespec="seconds"),
        "created_by": _version(),
        "model": embedder.name,
        "model_digest": embedder.digest,
        "dimension": embedder.dimension,
        "prefixes": list(embedder.prefixes),
        "splitter_version": SPLITTER_VERSION,
        "passages": len(passages),
        "sources": sources,
    }


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"renkei {version('renkei')}"
    except PackageNotFoundError:
        return "renkei"
