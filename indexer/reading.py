"""Files → passages. A file that is as it was keeps the passages that the current generation has of it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from indexer.clean import clean
from indexer.files import Found
from indexer.loaders import MAX_BYTES, parse, read
from indexer.metadata import describe, known_originals, sidecar_path, without_misread_lines
from indexer.split import SPLITTER_VERSION, split
from knowledge.entities import Passage
from knowledge.errors import DocumentError
from knowledge.store import Generation


@dataclass(slots=True)
class Read:
    """`passages` of all readable files in order; `sources`: one manifest entry a file; the rest: (path, reason)."""

    passages: list[Passage] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def read_files(
    found: Found,
    places: Sequence[str],
    previous: Generation | None,
    tell: Callable[[int, int], None],
    max_bytes: int = MAX_BYTES,
) -> Read:
    """Read what `found` holds. `places`: region names beside the built-in ones. `previous`: made by this splitter."""
    result = Read(skipped=list(found.skipped), failed=list(found.failed))
    known = _known_passages(previous)
    rules = _rules(places)
    first: dict[str, str] = {}
    tell(0, len(found.files))
    for number, (source, path) in enumerate(found.files, 1):
        try:
            data = read(path, max_bytes)
            digest = sha256(data).hexdigest()
            inputs = _digest(rules, source, digest, _sidecar_bytes(path))
            pieces = known.get(inputs) or passages_of(source, path, data, places)
        except DocumentError as error:
            result.failed.append((source, str(error)))
        else:
            if digest in first:
                result.skipped.append((source, f"{first[digest]} と同じ内容です。"))
            else:
                first[digest] = source
                result.passages += pieces
                result.sources.append({"path": source, "sha256": digest, "passages": len(pieces), "inputs": inputs})
        tell(number, len(found.files))
    return result


def passages_of(source: str, path: Path, data: bytes, places: Sequence[str] = ()) -> list[Passage]:
    """The passages of one file, at least one. Raises DocumentError with the reason and what to do."""
    loaded, digest = parse(path, data), sha256(data).hexdigest()
    lines = clean(without_misread_lines(loaded.pages, digest))
    pieces = split(describe(source, path, digest, loaded, lines, places), lines)
    if not pieces:
        raise DocumentError("本文がなく、ページの枠とメニューだけです。本文のあるページを索引に入れてください。")
    return pieces


def _known_passages(previous: Generation | None) -> dict[str, list[Passage]]:
    """Digest of a file's inputs → its passages in the generation before."""
    if previous is None:
        return {}
    of_source = defaultdict(list)
    for passage in previous.passages:
        of_source[passage.source].append(passage)
    entries = previous.manifest["sources"]
    return {e["inputs"]: of_source[e["path"]] for e in entries if len(of_source[e["path"]]) == e["passages"]}


def _rules(places: Sequence[str]) -> str:
    """All beside the file itself and its sidecar that its passages depend on."""
    return _digest(str(SPLITTER_VERSION), repr(known_originals().rows), *places)


def _sidecar_bytes(path: Path) -> bytes:
    beside = sidecar_path(path)
    return read(beside) if beside else b""


def _digest(*parts: str | bytes) -> str:
    whole = sha256()
    for part in parts:
        whole.update(sha256(part.encode() if isinstance(part, str) else part).digest())
    return whole.hexdigest()
