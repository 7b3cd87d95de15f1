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
from indexer.clean import clean
from indexer.files import Found, find_files
from indexer.loaders import MAX_BYTES, load
from indexer.metadata import describe
from indexer.split import SPLITTER_VERSION, split
from knowledge.entities import Passage
from knowledge.errors import DocumentError, StoreError
from knowledge.store import open_current, write_generation_files

BUNDLED = Path(__file__).parents[1] / "knowledge" / "documents"
_BATCH = 256

# Told the stage ("read", "embed", "publish"), how much is done, and of how much.
Progress = Callable[[str, int, int], None]


class Embedder(Protocol):
    """What the indexer needs of an embedding model."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def dimension(self) -> int: ...
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
    `removed`: passages of the generation before that are gone. `generation_id`: None where nothing was published."""

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
    published. Raises StoreError where another run is at work or the disk is full.
    """
    started, report, tell = time.monotonic(), IndexReport(), progress or _silent
    with generations.lock(store_dir):
        generations.clean_leftovers(store_dir)
        found = find_files(list(paths) if paths else [BUNDLED])
        report.skipped.extend(found.skipped)
        report.failed.extend(found.failed)
        passages, sources = _read(found, directory, report, tell, max_bytes)
        if sources:
            passages += directory.passages()
            vectors = _vectors(passages, store_dir, embedder, report, tell)
            report.generation_id = _publish(store_dir, embedder, passages, vectors, sources, keep, tell)
            report.passages = len(passages)
    report.seconds = time.monotonic() - started
    return report


def _silent(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(
    found: Found, directory: Directory, report: IndexReport, tell: Progress, max_bytes: int
) -> tuple[list[Passage], list[dict[str, Any]]]:
    """The passages of all readable files, and one manifest entry a file."""
    places = [municipality.name for municipality in directory.municipalities]
    passages: list[Passage] = []
    sources: dict[str, dict[str, Any]] = {}
    tell("read", 0, len(found.files))
    for number, (source, path) in enumerate(found.files, 1):
        try:
            digest, pieces = read_document(source, path, places, max_bytes)
        except DocumentError as error:
            report.failed.append((source, str(error)))
        else:
            if digest in sources:
                report.skipped.append((source, f"it is the same as {sources[digest]['path']}."))
            else:
                sources[digest] = {"path": source, "sha256": digest, "passages": len(pieces)}
                passages += pieces
        tell("read", number, len(found.files))
    report.files = len(sources)
    return passages, list(sources.values())


def read_document(
    source: str, path: Path, places: Sequence[str] = (), max_bytes: int = MAX_BYTES
) -> tuple[str, list[Passage]]:
    """The digest and the passages of one file. Raises DocumentError with the reason and what to do."""
    data, loaded = load(path, max_bytes)
    lines = clean(loaded.pages)
    pieces = split(describe(source, path, data, loaded, lines, places), lines)
    if not pieces:
        raise DocumentError("nothing but page frames and navigation is left of it. Index the page's own text.")
    return sha256(data).hexdigest(), pieces


# ── vectors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def embedded_text(passage: Passage) -> str:
    """What the model reads of a passage; equal texts have equal vectors."""
    return f"{passage.context}\n{passage.text}"


def _vectors(
    passages: Sequence[Passage], store_dir: Path, embedder: Embedder, report: IndexReport, tell: Progress
) -> np.ndarray:
    """(n, dim) float32 unit rows: from the current generation where the very text is in it, else from the model."""
    known = _known_vectors(store_dir, embedder)
    texts = [embedded_text(passage) for passage in passages]
    vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    missing = [row for row, text in enumerate(texts) if text not in known]
    for row, text in enumerate(texts):
        if text in known:
            vectors[row] = known[text]
    tell("embed", 0, len(missing))
    for start in range(0, len(missing), _BATCH):
        rows = missing[start : start + _BATCH]
        vectors[rows] = embedder.encode_documents([texts[row] for row in rows])
        tell("embed", start + len(rows), len(missing))
    report.embedded, report.reused = len(missing), len(texts) - len(missing)
    report.removed = len(known.keys() - set(texts))
    return vectors


def _known_vectors(store_dir: Path, embedder: Embedder) -> dict[str, np.ndarray]:
    """Embedded text → vector of the current generation; {} where it is absent, damaged, or another model's."""
    try:
        generation = open_current(store_dir, embedder)
    except StoreError:
        return {}
    if generation.manifest["splitter_version"] != SPLITTER_VERSION:
        return {}
    return dict(zip(map(embedded_text, generation.passages), generation.vectors(), strict=True))


# ── publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _publish(
    store_dir: Path,
    embedder: Embedder,
    passages: Sequence[Passage],
    vectors: np.ndarray,
    sources: list[dict[str, Any]],
    keep: int,
    tell: Progress,
) -> str:
    tell("publish", 0, 1)
    now = datetime.now(UTC)
    content = sha256("\n".join(passage.id for passage in passages).encode()).hexdigest()
    name = generations.new_id(content, now)
    manifest = {
        "id": name,
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
    generations.publish(
        store_dir, name, lambda folder: write_generation_files(folder, passages, vectors, manifest), keep
    )
    tell("publish", 1, 1)
    return name


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"renkei {version('renkei')}"
    except PackageNotFoundError:
        return "renkei"
