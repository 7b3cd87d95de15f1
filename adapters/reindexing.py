"""The process of a job: `python -m adapters.reindexing reindex|rollback STORE [GENERATION]`, JSON lines on stdout.

{"stage", "done", "total"} while it goes on; at the end {"same", "report"} or {"id"}, {"failed": why} or {"unknown"}.
Which files `reindex` reads was noted when an admin ran `renkei index`: an office never loses its own documents by it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.errors import RenkeiError, StoreError

if TYPE_CHECKING:
    from indexer.build import IndexReport

NOTE = "SOURCES"
"""In STORE_DIR: the files and folders last indexed, as JSON; [] are the bundled documents."""


def note_sources(store_dir: Path, paths: Sequence[Path] | None) -> None:
    """Remember what was indexed."""
    found = [str(path.absolute()) for path in paths or ()]
    temporary = store_dir / f".{NOTE}-new"
    temporary.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    temporary.replace(store_dir / NOTE)


def known_sources(store_dir: Path) -> list[Path] | None:
    """What was indexed last, [] for the bundled documents; None where nobody knows and it was not these alone."""
    try:
        return [Path(path) for path in json.loads((store_dir / NOTE).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return [] if _bundled_alone(store_dir) else None


def _bundled_alone(store_dir: Path) -> bool:
    from indexer.build import BUNDLED
    from knowledge.manifest import read_manifest
    from knowledge.store import current_id

    try:
        manifest = read_manifest(store_dir / "generations" / current_id(store_dir))
    except StoreError:
        return False
    return {str(row["path"]) for row in manifest["sources"]} <= {path.name for path in BUNDLED.iterdir()}


def run(kind: str, store_dir: Path, argument: str | None) -> dict[str, Any]:
    """Do it; what came of it."""
    if kind == "rollback":
        from indexer.generations import rollback

        return {"id": rollback(store_dir, argument)}
    return _reindex(store_dir)


def _reindex(store_dir: Path) -> dict[str, Any]:
    from adapters import wiring
    from adapters.settings import load_settings
    from knowledge.store import current_id

    paths = known_sources(store_dir)
    if paths is None:
        return {"unknown": True}
    before = current_id(store_dir)
    report = wiring.build_index(load_settings(store_dir=store_dir), paths or None, _tell)
    if report.generation_id is None:
        return {"failed": _report(report)}
    return {"same": report.generation_id == before and not report.failed, "report": _report(report)}


def _report(report: "IndexReport") -> str:
    import io

    from rich.console import Console

    from adapters.tables import show_index_report

    words = io.StringIO()
    show_index_report(Console(file=words, width=200), report)
    return words.getvalue().strip()


def _tell(stage: str, done: int, total: int) -> None:
    _write({"stage": stage, "done": done, "total": total})


def _write(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    kind, store_dir, *rest = sys.argv[1:]
    try:
        _write(run(kind, Path(store_dir), rest[0] if rest else None))
    except RenkeiError as error:
        _write({"failed": str(error)})


if __name__ == "__main__":
    main()
