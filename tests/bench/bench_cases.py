"""1,000 consultations in a burst on SQLite and on PostgreSQL: how soon each has its receipt and its card."""

import time
from types import SimpleNamespace

import pytest
from case_interleavings import QuickBot, heard, place
from case_office import Office

from bot.message import Message
from tests.bench.tables import milliseconds, show

pytestmark = pytest.mark.bench

CONSULTATIONS = 1_000
TURNS = ("余市町で朝市を開きたいです", "担当に相談したい", "この会話で", "送る")


def test_a_burst_of_consultations(database):
    quick = SimpleNamespace(read=lambda text, _history=(): heard(text), place=lambda *given: place(*given[:2]))
    office = Office(database, bot=QuickBot(), reader=quick)
    for text in TURNS:
        heard(text)  # reading is measured by bench_reply
    times: dict[str, list[float]] = {text: [] for text in TURNS}
    started = time.perf_counter()
    for text in TURNS:
        for n in range(CONSULTATIONS):
            begun = time.perf_counter()
            with database.work() as work:
                office.reception.receive(Message(text, f"telegram:{n}", f"telegram:{n}", key=f"{n}{text}"), work)
            times[text].append(time.perf_counter() - begun)
    took = time.perf_counter() - started
    with database.work() as work:
        assert len(work.cases.active()) == CONSULTATIONS
    rows = [(text, *(f"{ms} ms" for ms in milliseconds(seconds))) for text, seconds in times.items()]
    rate = f"{CONSULTATIONS / took:.0f} consultations/s"
    show(f"{CONSULTATIONS} consultations, {database.engine.dialect.name}: {rate}", ("turn", "p50", "p95"), rows)
