"""For every test: no network beyond this machine, and no settings from the developer's own environment.

`database_url` and `database`: a database of a test's own, the test being run on SQLite and on PostgreSQL.
"""

import ipaddress
import itertools
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from adapters.database.engine import address
from adapters.database.opening import open_database
from adapters.database.work import Database
from adapters.settings import Settings
from bot.texts import Texts
from bot.triage import Triage
from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary

sys.path.insert(0, str(Path(__file__).parent))
import postgres_server


class NetworkRefusedError(OSError):
    """A test tried to reach beyond this machine."""


class Guard:
    """Refuses what leaves this machine and remembers it."""

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self.tolerated = False

    def check(self, host: object) -> None:
        if not is_local(host):
            self.attempts.append(str(host))
            raise NetworkRefusedError(f"tests may not reach {host}")


def is_local(host: object) -> bool:
    """Loopback addresses and names, and the empty host (listen on all)."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def network_guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    """Connections and look-ups beyond this machine are refused, and the test that tried fails."""
    guard = Guard()

    def guarded(original):
        def method(self: socket.socket, address):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                guard.check(address[0])
            return original(self, address)

        return method

    def look_up(host, *args, original=socket.getaddrinfo, **kwargs):
        guard.check(host)
        return original(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield guard
    if guard.attempts and not guard.tolerated:
        pytest.fail(f"the test tried to reach {', '.join(guard.attempts)}")


@pytest.fixture
def network_attempts(network_guard: Guard) -> list[str]:
    """For a test that shows what happens without a network: it may try; the hosts it tried are listed here."""
    network_guard.tolerated = True
    return network_guard.attempts


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are the defaults, whatever the developer's environment and `.env` say."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session")
def parts() -> dict[str, Any]:
    """The real parts of a Bot that need no index. Frozen, so all tests may share them."""
    directory, texts = Directory.load(), Texts.load()
    return {
        "directory": directory,
        "gazetteer": Gazetteer(directory),
        "triage": Triage.load(texts, directory),
        "texts": texts,
        "clock": lambda: datetime(2026, 11, 21, tzinfo=UTC),
        "glossary": Glossary.load(),
    }


_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running PostgreSQL, `{}` standing for the name of a database."""
    folder = postgres_server.programs()
    if folder is None:
        pytest.skip("no PostgreSQL server programs (initdb, pg_ctl) on this machine")
    with postgres_server.server(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that is not there yet (SQLite) or empty (PostgreSQL)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'renkei.db'}"
    return new_postgres(request.getfixturevalue("postgres"))


@pytest.fixture
def postgres_url(postgres: str) -> str:
    return new_postgres(postgres)


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(database_url, tmp_path)
    yield opened
    opened.close()


def new_postgres(postgres: str) -> str:
    """An empty schema on the tests' server: as good as a database, and made and gone much faster."""
    name = f"test_{next(_numbers)}"
    url = postgres.format("postgres")
    engine = create_engine(address(url, Path()))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"{url}&options=-csearch_path%3D{name}"
