"""Which files of the given paths are documents, and under which name each is indexed."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.loaders import LOADERS
from indexer.metadata import is_sidecar


@dataclass(slots=True)
class Found:
    """`files`: (source, path) in a stable order. `skipped` and `failed`: (path, reason)."""

    files: list[tuple[str, Path]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def find_files(paths: Sequence[Path]) -> Found:
    """Named files are taken as they are; folders are walked, what cannot be a document is skipped with its reason.

    A source is the path below the folder named, or the name of the file named; where two would be equal, the name of
    the folder stands before it. A file that is reached twice is taken once.
    """
    found = Found()
    entries: dict[Path, tuple[str, str]] = {}  # of each file its short and its longer name
    for path in paths:
        if not path.exists():
            found.failed.append((readable(str(path)), "ファイルもフォルダーもありません。パスを確かめてください。"))
        elif not path.is_dir():
            entries.setdefault(path.resolve(), (path.name, f"{path.resolve().parent.name}/{path.name}"))
        else:
            for inside in _walk(path, path, found):
                name = inside.relative_to(path).as_posix()
                entries.setdefault(inside.resolve(), (name, f"{path.resolve().name}/{name}"))
    short = Counter(name for name, _ in entries.values())
    longer = Counter(long for _, long in entries.values())
    for path, (name, long) in entries.items():
        source = name if short[name] == 1 else long if longer[long] == 1 else path.as_posix()
        found.files.append((readable(source), path))
    found.files.sort()
    return found


def readable(name: str) -> str:
    """A file name as text: names that an old Windows machine wrote in Shift_JIS arrive as stray bytes."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="backslashreplace")


def _walk(folder: Path, root: Path, found: Found) -> Iterator[Path]:
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        found.failed.append(
            (
                readable(folder.relative_to(root).as_posix()),
                f"フォルダーを読み取れません({error.strerror})。権限を確かめてください。",
            )
        )
        return
    for path in children:
        name = readable(path.relative_to(root).as_posix())
        if path.name.startswith((".", "~$")) or is_sidecar(path):
            continue
        if path.is_symlink():
            found.skipped.append((name, "シンボリックリンクです。文書そのものをフォルダーに置いてください。"))
        elif path.is_dir():
            yield from _walk(path, root, found)
        elif not path.is_file():
            found.skipped.append((name, "通常のファイルではありません(パイプ、ソケット、デバイス)。"))
        elif path.suffix.lower() not in LOADERS:
            known = " ".join(sorted(LOADERS))
            found.skipped.append(
                (name, f"{path.suffix or path.name} は対象外の形式です。{known} のどれかで保存してください。")
            )
        else:
            yield path
