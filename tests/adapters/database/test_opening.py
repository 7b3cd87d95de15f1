"""Opening: a new database is made once, a damaged one is refused with advice and left as it is."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text

from adapters.database import opening
from adapters.database.engine import address, place
from adapters.database.opening import open_database, serving, utc_now
from bot.post import Event
from knowledge.errors import DatabaseError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "renkei.db"


def make(tmp_path, events=1):
    """A database with some events in it, closed."""
    database = open_database(None, tmp_path)
    with database.work() as work:
        for number in range(events):
            work.inbox.receive(Event("slack", (f"e{number}",), "c", {"text": "x" * 500}))
    database.close()


def refused(tmp_path, *words):
    """Opening is refused with these words, and nothing in the folder changes."""
    before = files(tmp_path)
    with pytest.raises(DatabaseError) as caught:
        open_database(None, tmp_path)
    for word in words:
        assert word in str(caught.value)
    assert files(tmp_path) == before


def files(folder):
    """What lies there, but for the index of the log, which SQLite makes anew."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and not path.name.endswith("-shm")
    }


def test_a_new_database_lies_in_the_store_and_is_its_owners_alone(tmp_path):
    make(tmp_path / "store")
    assert (tmp_path / "store" / "renkei.db").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["renkei.db"]


def test_acknowledged_means_on_the_disk(tmp_path):
    database = open_database(None, tmp_path)
    with database.engine.connect() as connection:
        read = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")}
        read["foreign_keys"] = connection.execute(text("PRAGMA foreign_keys")).scalar()
    database.close()
    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_path_with_signs_of_an_address_is_a_path(tmp_path):
    folder = tmp_path / "100%? #1"
    make(folder)
    assert (folder / "renkei.db").exists()


@pytest.mark.parametrize("damage", ["header", "middle", "text", "cut"])
def test_a_damaged_file_is_refused(tmp_path, file, damage):
    make(tmp_path, events=200)
    data = bytearray(file.read_bytes())
    match damage:
        case "header":
            data[0:16] = b"\0" * 16
        case "middle":
            data[len(data) // 4 : len(data) // 2] = b"\x5a" * (len(data) // 2 - len(data) // 4)
        case "text":
            data = bytearray("これはデータベースではありません。".encode() * 100)
        case "cut":
            del data[len(data) // 2 :]
    file.write_bytes(data)
    refused(tmp_path, "renkei.db", "控え")


def test_an_emptied_file_is_refused_and_stays_empty(tmp_path, file):
    make(tmp_path)
    file.write_bytes(b"")
    refused(tmp_path, "控え")
    assert file.read_bytes() == b""


def test_a_database_of_something_else_is_refused(tmp_path, file):
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE notes (x)")
        other.execute("PRAGMA journal_mode=WAL")
    other.close()
    refused(tmp_path, "renkei のデータベースではありません")


def test_a_file_that_has_gone_while_its_log_is_there_is_refused(tmp_path, file):
    make(tmp_path)
    file.rename(tmp_path / "elsewhere")
    (tmp_path / "renkei.db-wal").write_bytes(b"log")
    refused(tmp_path, "renkei.db-wal", "新しいデータベースは作りません")


def test_what_cannot_be_written_is_refused():
    folder = Path(tempfile.mkdtemp(prefix="renkei-ro-"))
    try:
        make(folder)
        (folder / "renkei.db").chmod(0o444)
        folder.chmod(0o555)
        with pytest.raises(DatabaseError, match="権限"), as_nobody():
            open_database(None, folder)
        with pytest.raises(DatabaseError, match="権限"), as_nobody():
            open_database(None, folder / "new")
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


class as_nobody:  # noqa: N801 reads as a word
    """Without the rights of root, where the tests run as root."""

    def __enter__(self):
        if os.getuid() == 0:
            os.seteuid(65534)

    def __exit__(self, *_):
        if os.getuid() == 0:
            os.seteuid(0)


CRASHING = """
import os, signal, sys
from pathlib import Path
from adapters.database.opening import open_database
from bot.post import Event
database = open_database(None, Path(sys.argv[1]))
with database.serving():
    with database.work() as work:
        work.inbox.receive(Event("slack", ("late",), "c", {}))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def crash(tmp_path):
    """A process that serves is killed right after it has committed an event."""
    ended = subprocess.run([sys.executable, "-c", CRASHING, tmp_path], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL


def test_after_a_crash_what_was_committed_is_there(tmp_path):
    crash(tmp_path)
    database = open_database(None, tmp_path)
    with database.work() as work:
        assert not work.inbox.receive(Event("slack", ("late",), "c", {}))
    database.close()
    open_database(None, tmp_path).close()


def test_after_a_crash_without_the_log_the_start_is_refused_until_it_is_back(tmp_path):
    make(tmp_path)
    crash(tmp_path)
    log = tmp_path / "renkei.db-wal"
    log.rename(tmp_path / "taken")
    refused(tmp_path, "renkei.db-wal がありません", "renkei.db.lock")
    (tmp_path / "taken").rename(log)
    database = open_database(None, tmp_path)
    with database.work() as work:
        assert not work.inbox.receive(Event("slack", ("late",), "c", {}))
    database.close()


def test_one_process_serves_from_an_sqlite_file(tmp_path, file):
    database = open_database(None, tmp_path)
    with database.serving():
        with pytest.raises(DatabaseError, match=rf"プロセス {os.getpid()}.*PostgreSQL"), serving(file):
            pass
        beside = open_database(None, tmp_path)  # other commands may look and write beside it
        with beside.work() as work:
            work.audit.note("admin:cli", "looked")
        beside.close()
    with database.serving():
        pass
    database.close()


def test_tables_are_not_changed_under_a_serving_process(tmp_path):
    database = open_database(None, tmp_path)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v0000'"))
    with database.serving(), pytest.raises(DatabaseError, match="別の実行"):
        open_database(None, tmp_path)
    database.close()


def test_several_processes_serve_from_postgresql(postgres_url, tmp_path):
    database = open_database(postgres_url, tmp_path)
    with database.serving(), database.serving():
        pass
    database.close()


@pytest.mark.parametrize(
    "url", ["postgresql://me:hunter2@127.0.0.1:1/renkei", "postgres://me:hunter2@127.0.0.1:1/renkei?password=hunter2"]
)
def test_a_server_out_of_reach_is_said_without_the_password(tmp_path, url):
    with pytest.raises(DatabaseError, match=r"127\.0\.0\.1:1/renkei.*DATABASE_URL") as caught:
        open_database(url, tmp_path)
    assert "hunter2" not in str(caught.value)
    assert "me" not in place(address(url, tmp_path))


def test_a_postgresql_that_cannot_hold_japanese_is_refused(postgres, tmp_path):
    engine = create_engine(address(postgres.format("postgres"), tmp_path), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"))
    engine.dispose()
    with pytest.raises(DatabaseError, match="UTF8"):
        open_database(postgres.format("latin"), tmp_path)


def test_a_clock_that_differs_from_the_databases_is_reported(postgres_url, tmp_path, monkeypatch, caplog):
    open_database(postgres_url, tmp_path).close()
    assert "clock" not in caplog.text
    monkeypatch.setattr(opening, "utc_now", lambda: utc_now() + timedelta(minutes=10))
    open_database(postgres_url, tmp_path).close()
    assert "differs from the database's by 600 s" in caplog.text


def test_a_locked_database_says_so_and_goes_on_afterwards(tmp_path, file):
    make(tmp_path)
    database = open_database(None, tmp_path, busy_seconds=0.2)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="混み合って"), database.work() as work:
        work.inbox.receive(Event("slack", ("e9",), "c", {}))
    other.execute("ROLLBACK")
    other.close()
    with database.work() as work:
        assert work.inbox.receive(Event("slack", ("e9",), "c", {}))
    database.close()


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path, file):
    database = open_database(None, tmp_path)

    def limit(connection, _record):
        connection.execute(f"PRAGMA max_page_count={file.stat().st_size // 4096 + 20}")

    def receive_many():
        for number in range(1000):
            with database.work() as work:
                work.inbox.receive(Event("slack", (f"e{number}",), "c", {"text": "x" * 2000}))
            acknowledged.append(f"e{number}")

    database.engine.dispose()
    event.listen(database.engine, "connect", limit)
    acknowledged = []
    with pytest.raises(DatabaseError, match="いっぱい"):
        receive_many()
    assert 0 < len(acknowledged) < 1000
    event.remove(database.engine, "connect", limit)
    database.close()
    again = open_database(None, tmp_path)
    with again.work() as work:
        assert not any(work.inbox.receive(Event("slack", (key,), "c", {})) for key in acknowledged)
        assert work.inbox.receive(Event("slack", (f"e{len(acknowledged)}",), "c", {}))
    again.close()
