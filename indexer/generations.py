"""Publish, list, roll back and clean up Generations.

    STORE_DIR/generations/<id>/…      STORE_DIR/CURRENT (the id in use)      STORE_DIR/LOCK

A generation is written into `generations/.tmp-*`, reopened and tried, fsynced and renamed; then CURRENT is replaced
atomically. Whatever moment a run is killed at, CURRENT names a whole generation and the next run sweeps the rest.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.errors import LockedError, StoreError
from knowledge.store import CHOOSE_FOLDER, Generation, current_id, open_generation

KEEP = 5
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, None}  # numpy reports a short write without a number


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """One line of `renkei generations`. `problem`: why its manifest cannot be read, None if it can."""

    id: str
    current: bool
    created_at: str | None
    model: str | None
    passages: int | None
    documents: int | None
    problem: str | None = None


def new_id(digest: str, now: datetime | None = None) -> str:
    """Sorts by time: 20250331T091500123456Z-1a2b3c4d."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{digest[:8]}"


@contextlib.contextmanager
def lock(store_dir: Path) -> Iterator[None]:
    """Exclusive right to change the store; LockedError at once where another run holds it. Freed even by kill -9."""
    with _disk_errors(store_dir):
        store_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(store_dir / "LOCK", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(handle, 20, 0).decode(errors="replace").strip() or "不明"
            raise LockedError(
                f"別の実行(プロセス {pid})が {store_dir} の索引を書き換えています。"
                f"終わるのを待つか、`kill {pid}` で止めてから、もう一度実行してください。"
            ) from None
        with _disk_errors(store_dir):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def check_writable(store_dir: Path) -> None:
    """Try to make a folder where the store is or would be; nothing is left behind. Raises StoreError."""
    with _disk_errors(store_dir):
        existing = next(path for path in (store_dir.absolute(), *store_dir.absolute().parents) if path.exists())
        with tempfile.TemporaryDirectory(prefix=".tmp-", dir=existing):
            pass


def clean_leftovers(store_dir: Path) -> int:
    """Remove what killed runs left; how many folders and files went. Call under `lock`."""
    leftovers = [*(store_dir / "generations").glob(".tmp-*"), *store_dir.glob(".CURRENT-*")]
    for path in leftovers:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(leftovers)


def publish(store_dir: Path, name: str, write: Callable[[Path], None], keep: int = KEEP) -> Path:
    """Make the generation `name` of the files that `write(folder)` makes, and make it current. Call under `lock`.

    Raises StoreError where the disk is full or the result does not open; the old generation stays current then.
    """
    generations = store_dir / "generations"
    folder, final = generations / f".tmp-{name}", generations / name
    try:
        with _disk_errors(store_dir):
            folder.mkdir(parents=True)
            write(folder)
            _try_out(open_generation(folder))
            _sync_tree(folder)
            folder.rename(final)
            _sync(generations)
            _point_to(store_dir, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _prune(store_dir, keep)
    return final


def list_generations(store_dir: Path) -> list[GenerationInfo]:
    """The generations kept, newest first."""
    try:
        current = current_id(store_dir)
    except StoreError:
        current = ""
    return [_info(store_dir / "generations" / name, name == current) for name in reversed(_names(store_dir))]


def rollback(store_dir: Path, name: str | None = None) -> str:
    """Make `name` current again, or without it the generation before the current one; its id.

    The generation is opened and verified first. Raises StoreError where there is none, or it is damaged.
    """
    with lock(store_dir):
        names = _names(store_dir)
        if name is None:
            current = current_id(store_dir)
            earlier = [other for other in names if other < current]
            if not earlier:
                raise StoreError(f"{current} より前の世代はありません。`renkei generations` で一覧できます。")
            name = earlier[-1]
        if name not in names:
            raise StoreError(f"世代 {name} はありません。`renkei generations` で一覧できます。")
        _try_out(open_generation(store_dir / "generations" / name))
        with _disk_errors(store_dir):
            _point_to(store_dir, name)
        return name


def _names(store_dir: Path) -> list[str]:
    """The ids of finished generations, oldest first."""
    folder = store_dir / "generations"
    return sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name[0] != ".") if folder.is_dir() else []


def _info(folder: Path, current: bool) -> GenerationInfo:
    import json

    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return GenerationInfo(
            folder.name,
            current,
            manifest["created_at"],
            manifest["model"],
            manifest["passages"],
            len(manifest["sources"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        return GenerationInfo(folder.name, current, None, None, None, None, problem=f"manifest が壊れています({error})")


def _try_out(generation: Generation) -> None:
    """A few passages are found by their own vectors and their own words."""
    count = len(generation.passages)
    for row in {0, count // 2, count - 1}:
        vector = generation.index.reconstruct(row)
        scores, _ = generation.index.search(vector[None, :], 1)
        if not np.isfinite(scores[0][0]) or scores[0][0] < 0.99:
            raise StoreError(f"世代 {generation.id} は検索できません。`renkei index` をもう一度実行してください。")


def _point_to(store_dir: Path, name: str) -> None:
    temporary = store_dir / f".CURRENT-{os.getpid()}"
    try:
        temporary.write_text(name + "\n", encoding="utf-8")
        _sync(temporary)
        temporary.replace(store_dir / "CURRENT")
    finally:
        temporary.unlink(missing_ok=True)
    _sync(store_dir)


def _prune(store_dir: Path, keep: int) -> None:
    """Keep the newest `keep` and the current one."""
    kept = {*_names(store_dir)[-keep:], current_id(store_dir)}
    for name in _names(store_dir):
        if name not in kept:
            # Renamed first: a half-removed generation must not look like one.
            doomed = store_dir / "generations" / f".tmp-old-{name}"
            (store_dir / "generations" / name).rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _disk_errors(store_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(_trouble(store_dir, error)) from error


def _trouble(store_dir: Path, error: OSError) -> str:
    """Why the store cannot be written and what to do; that a generation is still in use only where there is one."""
    if error.errno in _FULL:
        why = f"{store_dir} に書き込めません(ディスクがいっぱいです)。空きを作り、もう一度実行してください。"
    elif isinstance(error, FileExistsError | NotADirectoryError):
        why = f"{store_dir} はフォルダーではありません。{CHOOSE_FOLDER}"
    else:
        why = f"{store_dir} に書き込めません({error.strerror or error})。権限を直すか、{CHOOSE_FOLDER}"
    try:
        return f"{why} 公開済みの世代 {current_id(store_dir)} はそのまま使えます。"
    except StoreError:
        return why
