"""Opens the database, or says why not: never a new, empty one in the place of one that was there.

Beside an SQLite file lies `….lock`. Its lock is held by the one process that serves; its content is that process's id
as long as it serves. So a process that was killed leaves its id behind, and with it the write-ahead log `…-wal`, which
holds what was committed last: where the id is there and the log is not, somebody has removed the log.
"""

import fcntl
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Engine, func, select

from adapters.database import migrating
from adapters.database.engine import (
    BUSY_SECONDS,
    READ_ONLY,
    address,
    damaged,
    explained,
    make_engine,
    place,
    sqlite_file,
)
from adapters.database.work import Database
from knowledge.errors import DatabaseError

_log = logging.getLogger(__name__)

SKEW = 60.0
"""Seconds by which two clocks may differ: leases of several processes are times of each one's own clock."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_database(
    url: str | None,
    folder: Path,
    now: Callable[[], datetime] = utc_now,
    busy_seconds: float = BUSY_SECONDS,
) -> Database:
    """The database at `url` (None: the SQLite file in `folder`), whole and with the tables of this program.

    Raises DatabaseError with the remedy where it is out of reach, damaged, read-only or newer than the program.
    """
    where = address(url, folder)
    file = sqlite_file(where)
    with explained(where):
        if file is not None:
            _look_at(file)
        engine = make_engine(where, busy_seconds)
        try:
            _verify(engine, where)
            _upgrade(engine, where)
        except BaseException:
            engine.dispose()
            raise
    if file is not None:
        _forgive(file)
    return Database(engine, where, now, lambda: serving(file))


@contextmanager
def serving(file: Path | None) -> Iterator[Callable[[], None]]:
    """The right to serve from this SQLite file; on PostgreSQL several processes may. Freed even by kill -9.

    What it yields is called where the process ends of its own will, before SQLite tidies up the log. Raises
    DatabaseError where another process has the right.
    """
    if file is None:
        yield lambda: None
        return
    handle = _open_lock(file)
    try:
        _take(handle, file)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield lambda: os.truncate(_beside(file, ".lock"), 0)
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _look_at(file: Path) -> None:
    """What can be seen before SQLite opens the file; a missing one is made, if it is the first."""
    if file.exists():
        if file.stat().st_size == 0:
            raise DatabaseError(damaged(str(file)))
        if _was_serving(file) and not _beside(file, "-wal").exists():
            raise DatabaseError(
                f"{_beside(file, '-wal')} がありません。前の実行は途中で止まり、最後に受け付けたものはそこにあります。"
                "消したり移したりしたのなら元に戻してください。戻せないときは控えに戻すか、最後の分が失われてもよいことを"
                f"確かめたうえで {_beside(file, '.lock')} を消してから起動してください。"
            )
        return
    left = next((path for path in (_beside(file, "-wal"), _beside(file, ".lock")) if path.exists()), None)
    if left is not None:
        raise DatabaseError(
            f"{file} がありませんが、その隣に {left.name} が残っています。新しいデータベースは作りません。"
            f"控えを元の場所に戻すか、初めから始めるなら {left} を消してから起動してください。"
        )
    _create(file)


def _create(file: Path) -> None:
    """A new database, whole from its first moment: made under another name, then linked into its place."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".tmp-", dir=file.parent) as folder:
            made = Path(folder) / file.name
            made.touch(mode=0o600)
            engine = make_engine(URL.create("sqlite", database=str(made)))
            try:
                migrating.upgrade(engine, str(file))
            finally:
                engine.dispose()
            os.link(made, file)
    except FileExistsError:
        return  # another first run was faster
    except OSError as error:
        raise DatabaseError(
            f"{file} を作れません({error.strerror})。フォルダーの権限とディスクの空きを確かめてください。"
        ) from error


def _verify(engine: Engine, where: URL) -> None:
    """Raises DatabaseError for a damaged file, or for a PostgreSQL database that cannot hold Japanese."""
    with engine.connect().execution_options(**READ_ONLY) as connection:
        if engine.dialect.name == "sqlite":
            if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                raise DatabaseError(damaged(place(where)))
            return
        if connection.exec_driver_sql("SHOW server_encoding").scalar() != "UTF8":
            raise DatabaseError(f"{place(where)} の文字コードが UTF8 ではありません。UTF8 で作り直してください。")
        ahead = (utc_now() - connection.execute(select(func.now())).scalar_one()).total_seconds()
        if abs(ahead) > SKEW:
            _log.warning("this machine's clock differs from the database's by %.0f s; set both by NTP", ahead)


def _upgrade(engine: Engine, where: URL) -> None:
    """To the newest tables. The tables of an SQLite file are not changed under a process that serves from it."""
    with engine.connect().execution_options(**READ_ONLY) as connection:
        found = migrating.version(connection)
    if found is None and sqlite_file(where):
        raise DatabaseError(f"{place(where)} は renkei のデータベースではありません。別の場所を指定してください。")
    if found == migrating.head() and sqlite_file(where):
        with engine.begin():  # says at once where the file cannot be written to
            return
    with serving(sqlite_file(where)):
        migrating.upgrade(engine, place(where))


def _was_serving(file: Path) -> bool:
    """Whether a process that served is gone without having closed."""
    if not _beside(file, ".lock").exists():
        return False
    handle = _open_lock(file)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(handle).st_size > 0
    except BlockingIOError:
        return False  # it is still there
    finally:
        os.close(handle)


def _forgive(file: Path) -> None:
    """The log of a killed process has been read: its id goes, unless another process serves by now."""
    if _was_serving(file):
        with serving(file):
            pass


def _take(handle: int, file: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(handle, 20, 0).decode(errors="replace").strip() or "不明"
        raise DatabaseError(
            f"別の実行(プロセス {pid})が {file} を使って動いています。SQLite では一つの実行だけが動けます。"
            f"`kill {pid}` で止めるか、いくつも動かすときは DATABASE_URL に PostgreSQL を指定してください。"
        ) from None


def _open_lock(file: Path) -> int:
    path = _beside(file, ".lock")
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseError(f"{path} を開けません({error.strerror})。権限を確かめてください。") from error


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)
