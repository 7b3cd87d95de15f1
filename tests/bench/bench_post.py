"""A burst of 1,000 events on SQLite and on PostgreSQL: how soon each is acknowledged, answered and sent."""

import time

import numpy as np
import pytest
from fakes import FakePlatform

from adapters.dispatcher import Line
from adapters.pacing import Pace
from adapters.serve import Service
from bot.conversation import Memory
from bot.post import Event, Outgoing
from tests.bench.tables import milliseconds, show

pytestmark = pytest.mark.bench

EVENTS, CONVERSATIONS = 1_000, 200


def handle(event, work):
    """What a consultation writes: a memory, a note, a message to the resident and one to the desk."""
    work.memories.remember(event.conversation, Memory(said=("相談",), at=work.now()))
    work.audit.note("bot", "handled", event.keys[0])
    work.outbox.put(Outgoing(f"fake:{event.conversation}", f"{event.keys[0]}:resident", {"text": "受け付けました"}))
    work.outbox.put(Outgoing(f"fake:desk{event.conversation}", f"{event.keys[0]}:desk", {"text": "相談です"}))


def test_a_burst_of_events(database):
    platform, begun, sent, acknowledged = FakePlatform(), {}, {}, []
    platform.on_post = lambda outgoing: sent.setdefault(outgoing.key.partition(":")[0], time.perf_counter())
    service = Service(database, handle, {"fake": Line(platform, lambda _destination: Pace(0.0, 1))})
    service.start()
    started = time.perf_counter()
    for number in range(EVENTS):
        key = begun.setdefault(f"e{number}", time.perf_counter()) and f"e{number}"
        service.receive(Event("fake", (key,), f"c{number % CONVERSATIONS}", {"text": "相談"}))
        acknowledged.append(time.perf_counter() - begun[key])
    received = time.perf_counter() - started
    while len(platform.posts) < 2 * EVENTS:
        time.sleep(0.01)
    took = time.perf_counter() - started
    service.stop()
    assert sorted(platform.keys) == sorted(f"e{n}:{to}" for n in range(EVENTS) for to in ("resident", "desk"))
    middle, high = milliseconds(acknowledged)
    waits = np.percentile([sent[key] - begun[key] for key in begun], [50, 95])
    show(
        f"{EVENTS} events of {CONVERSATIONS} conversations at once, {database.engine.dialect.name}",
        ("", "events/s", "p50", "p95"),
        [
            ("acknowledged", f"{EVENTS / received:.0f}", f"{middle} ms", f"{high} ms"),
            ("answer sent", f"{EVENTS / took:.0f}", f"{waits[0]:.1f} s", f"{waits[1]:.1f} s"),
        ],
    )
