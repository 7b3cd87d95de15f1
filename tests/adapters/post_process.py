"""A whole serving process against `platform_server`, made to be killed: real database, real worker and dispatcher.

It fetches events, commits and acknowledges them, handles each (one note in the audit, one memory, one message to the
resident and one to the desk), and sends. `Kill` names the moment at which it kills itself with signal 9.
"""

import json
import os
import signal
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.database.opening import open_database, utc_now
from adapters.dispatcher import Line
from adapters.pacing import Pace
from adapters.serve import Service
from bot.conversation import Memory
from bot.post import Event, NoReadBackError, Outgoing

REFUSED = 3
"""Exit code where another process serves already."""


@dataclass(frozen=True)
class Kill:
    """Right before or after the `number`th ("commit" or "send")."""

    what: str
    number: int
    after: bool


class Trap:
    """Counts commits and sends, and kills the process at the chosen one."""

    def __init__(self, kill: Kill | None) -> None:
        self.kill = kill
        self.counts = {"commit": 0, "send": 0}

    def around(self, what: str, do: Any) -> Any:
        self.counts[what] += 1
        here = self.kill and (self.kill.what, self.kill.number) == (what, self.counts[what])
        if here and not self.kill.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = do()
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


class HttpPlatform:
    def __init__(self, url: str, reads_back: bool, trap: Trap) -> None:
        self.url, self.reads_back, self.trap = url, reads_back, trap

    def call(self, path: str, said: dict[str, Any]) -> Any:
        request = urllib.request.Request(f"{self.url}/{path}", json.dumps(said).encode())
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def send(self, outgoing: Outgoing) -> str:
        said = {"key": outgoing.key, "cause": outgoing.cause, "repeated": outgoing.repeated, "to": outgoing.destination}
        return self.trap.around("send", lambda: self.call("post", said))

    def find(self, outgoing: Outgoing) -> str | None:
        if not self.reads_back:
            raise NoReadBackError
        return self.call("find", {"key": outgoing.key})


def handle(event: Event, work: Any) -> None:
    name = event.payload["name"]
    work.memories.remember(event.conversation, Memory(said=(name,), at=work.now()))
    work.audit.note("bot", "handled", name)
    for to in ("resident", "desk"):
        work.outbox.put(Outgoing(f"fake:{to}-{event.conversation}", f"{name}:{to}", {"text": name}, cause=name))


def run(url: str, folder: Path, server: str, reads_back: bool, kill: Kill | None = None, later: float = 0.0) -> None:
    """Fetch, handle and send all there is, then exit. `later`: seconds by which the clock is ahead, so that leases of
    processes that were killed have run out."""
    database = open_database(url, folder, now=lambda: utc_now() + timedelta(seconds=later))
    trap = Trap(kill)
    commit = database.engine.dialect.do_commit
    database.engine.dialect.do_commit = lambda connection: trap.around("commit", lambda: commit(connection))
    platform = HttpPlatform(server, reads_back, trap)
    service = make(database, platform)
    service.take_over()
    fetch(service, platform)
    service.drain()
    database.close()


def serve(url: str, folder: Path, server: str, later: float) -> None:
    """As `renkei serve` would: threads, until killed or until nothing is left to do for a while."""
    database = open_database(url, folder, now=lambda: utc_now() + timedelta(seconds=later))
    platform = HttpPlatform(server, True, Trap(None))
    service = make(database, platform)
    service.start()
    quiet = time.monotonic() + 1.5
    while time.monotonic() < quiet:
        if fetch(service, platform) or busy(database):
            quiet = time.monotonic() + 1.5
        time.sleep(0.05)
    sys.exit(0 if service.stop() else 1)


def make(database: Any, platform: HttpPlatform) -> Service:
    return Service(database, handle, {"fake": Line(platform, lambda _destination: Pace(0.0, 1))}, idle=0.05)


def fetch(service: Service, platform: HttpPlatform) -> int:
    """Take what the platform delivers: commit, then acknowledge."""
    events = platform.call("events", {})
    for event in events:
        keys = tuple(event["keys"])
        service.receive(Event("fake", keys, event["conversation"], {"name": event["name"]}))
        platform.call("ack", {"key": event["keys"][0]})
    return len(events)


def busy(database: Any) -> bool:
    from adapters.database.letters import waiting

    with database.work() as work:
        return any(waiting(work))
