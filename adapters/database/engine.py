"""DATABASE_URL → an engine that keeps what it has acknowledged: SQLite with a write-ahead log, or PostgreSQL.

On SQLite every transaction that writes begins with BEGIN IMMEDIATE: one that reads first and writes later would fail
at once where another has written in between. Readers never wait.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from knowledge.errors import DatabaseError

FILE = "renkei.db"
BUSY_SECONDS = 5.0
"""How long a connection waits for another process that writes to the same SQLite file."""
READ_ONLY = {"renkei_reads": True}
"""Execution option of a connection that will not write."""

FULL = "データベースを置くディスクがいっぱいです。空きを作ってください。受け付けたものは失われていません。"
BUSY = "データベースが混み合っています。ほかに書き込み中の実行があれば終わるのを待ち、もう一度お試しください。"


def address(url: str | None, folder: Path) -> URL:
    """`url` as SQLAlchemy reads it, PostgreSQL through psycopg 3; without one, the SQLite file of `folder`."""
    if not url:
        return URL.create("sqlite", database=str(folder / FILE))
    parsed = make_url(url)
    driver = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return parsed.set(drivername=driver)


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite database, None for PostgreSQL."""
    return Path(str(url.database)).absolute() if url.get_backend_name() == "sqlite" else None


def place(url: URL) -> str:
    """Where the database is, for messages: never a user or a password."""
    return str(sqlite_file(url) or f"PostgreSQL({url.host or 'localhost'}:{url.port or 5432}/{url.database or ''})")


def make_engine(url: URL, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for `url`; nothing is opened yet. Raises DatabaseError where the driver is not installed."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, busy_seconds)
    try:
        return create_engine(
            url, pool_pre_ping=True, pool_size=20, connect_args={"connect_timeout": 10}, hide_parameters=True
        )
    except ModuleNotFoundError:
        raise DatabaseError(
            'PostgreSQL を使う部品がありません。`pip install "renkei[postgres]"` を実行してください。'
        ) from None


def _sqlite_engine(url: URL, busy_seconds: float) -> Engine:
    file = f"file:{_quoted(str(sqlite_file(url)))}"
    engine = create_engine(
        # mode=rw: SQLite never makes a new, empty file in the place of one that has gone
        URL.create("sqlite", database=file, query={"mode": "rw", "uri": "true"}),
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
        pool_size=20,
        hide_parameters=True,  # errors are logged; what people wrote is not
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            raise DatabaseError(
                f"{place(url)} のあるディスクでは WAL(書き込みの記録)が使えません。ネットワークのフォルダーではなく、"
                "この機械のディスクを STORE_DIR か DATABASE_URL で指定してください。"
            )
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("renkei_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _quoted(path: str) -> str:
    """A path in an SQLite address: only these characters mean something there."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Faults of the database itself become DatabaseError with the remedy; mistakes of the program stay."""
    try:
        yield
    except (exc.OperationalError, exc.DatabaseError, exc.TimeoutError, sqlite3.Error) as error:
        if isinstance(error, (exc.IntegrityError, exc.ProgrammingError, exc.DataError)):
            raise
        raise DatabaseError(advice(error, url)) from error


def advice(error: Exception, url: URL) -> str:
    """What is wrong with the database at `url`, and what to do."""
    cause = getattr(error, "orig", None) or error
    if not isinstance(cause, sqlite3.Error):
        return f"{place(url)} が使えません。動いていること、DATABASE_URL の利用者名と合言葉、回線を確かめてください。"
    code = (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(cause, "sqlite_errorname", "") == "SQLITE_IOERR_WRITE":
        return f"{place(url)}: {FULL}"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{place(url)}: {BUSY}"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"{place(url)} に書き込めません。ファイルとフォルダーの持ち主と権限を確かめてください。"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(place(url))
    return f"{place(url)} が使えません({type(cause).__name__})。ディスクの状態と権限を確かめてください。"


def damaged(where: str) -> str:
    return (
        f"{where} が壊れています。新しいデータベースは作りません。このファイルを別の名前で残し、控えを同じ場所に戻して"
        "から起動してください。控えがなければ、`sqlite3 壊れたファイル .recover` で取り出せることがあります。"
    )
