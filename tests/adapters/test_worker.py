"""The worker, on both databases: one effect an event, poison laid aside, the database's faults not held against it."""

import pytest
from fakes import HandClock
from sqlalchemy import select

from adapters.database.letters import dead_letters
from adapters.database.schema import inbox, outbox
from adapters.worker import MAX_DEATHS, MAX_TRIES, Worker
from bot.post import Event, Outgoing
from knowledge.errors import DatabaseError


@pytest.fixture
def clock(database):
    database.now = HandClock()
    return database.now


def answer(event, work):
    work.outbox.put(Outgoing("slack:C1", f"re:{event.keys[0]}", dict(event.payload)))


def receive(database, *keys, conversation="c"):
    with database.work() as work:
        for key in keys:
            work.inbox.receive(Event("slack", (key,), conversation, {"text": key}))


def written(database):
    with database.work() as work:
        return [key for (key,) in work.fetch(select(outbox.c.key).order_by(outbox.c.id))]


def statuses(database):
    with database.work() as work:
        return [status for (status,) in work.fetch(select(inbox.c.status).order_by(inbox.c.id))]


def test_an_event_is_handled_and_ended_in_one_transaction(database):
    receive(database, "e1", "e2")
    worker = Worker(database, answer)
    assert [worker.step(), worker.step(), worker.step()] == [True, True, False]
    assert written(database) == ["re:e1", "re:e2"]
    assert statuses(database) == ["done", "done"]


def test_a_poison_event_is_laid_aside_and_the_others_go_on(database, clock, caplog):
    receive(database, "good1", "bad", "good2")
    told = []

    def handle(event, work):
        answer(event, work)
        if event.keys == ("bad",):
            raise ValueError("電話は090-0000-0000")

    worker = Worker(database, handle, on_dead=lambda event, work: told.append(event.keys))
    for _ in range(20):
        if not worker.step():
            clock.go(60)
    assert written(database) == ["re:good1", "re:good2"]
    assert statuses(database) == ["done", "dead", "done"]
    assert told == [("bad",)]
    with database.work() as work:
        (letter,) = dead_letters(work)
    assert (letter.id, letter.where, letter.tries) == ("i2", "slack", MAX_TRIES)
    assert "ValueError" in letter.fault
    assert "090" not in letter.fault + caplog.text


def test_an_event_that_kills_the_process_is_laid_aside_too(database, clock):
    receive(database, "deadly", "good")
    for _ in range(MAX_DEATHS):
        with database.work() as work:
            assert work.inbox.lease(60).event.keys == ("deadly",)
        clock.go(61)  # the process is gone, its lease runs out
    worker = Worker(database, answer)
    assert worker.step()
    assert worker.step()
    assert written(database) == ["re:good"]
    assert statuses(database) == ["dead", "done"]


def test_an_innocent_event_outlives_the_death_of_its_worker(database, clock):
    receive(database, "e1")
    for _ in range(MAX_TRIES + 2):
        with database.work() as work:
            assert work.inbox.lease(60)
        clock.go(61)
    assert Worker(database, answer).step()
    assert written(database) == ["re:e1"]


def test_a_hook_that_fails_does_not_keep_poison_alive(database, clock):
    receive(database, "bad")

    def fail(event, work):
        raise KeyError

    worker = Worker(database, fail, on_dead=fail)
    for _ in range(10):
        worker.step()
        clock.go(60)
    assert statuses(database) == ["dead"]


def test_faults_of_the_database_are_not_held_against_an_event(database, clock):
    receive(database, "e1")
    faults = [DatabaseError("busy")] * 7

    def handle(event, work):
        answer(event, work)
        if faults:
            raise faults.pop()

    worker = Worker(database, handle)
    for _ in range(8):
        assert worker.step()
        clock.go(10)
    assert written(database) == ["re:e1"]
    assert statuses(database) == ["done"]


def test_who_was_too_slow_leaves_no_effect(database, clock):
    receive(database, "e1")

    def slow(event, work):
        clock.go(1000)
        assert Worker(database, answer).step()
        work.outbox.put(Outgoing("slack:C1", "late", {}))

    Worker(database, slow).step()
    assert written(database) == ["re:e1"]
