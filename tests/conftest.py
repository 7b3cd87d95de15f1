"""For every test: no network beyond this machine, and no settings from the developer's own environment."""

import ipaddress
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.settings import Settings
from bot.texts import Texts
from bot.triage import Triage
from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary


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
