"""The whole service with its threads, on both databases: what comes in is handled, what is to be said is sent."""

import sqlite3
import threading
import time
from datetime import timedelta
from itertools import count

import pytest
from fakes import FakePlatform
from sqlalchemy import event as events
from sqlalchemy import select, text

from adapters.database.letters import dead_letters, waiting
from adapters.database.opening import open_database
from adapters.database.schema import inbox, outbox
from adapters.dispatcher import Line
from adapters.pacing import Pace
from adapters.serve import KEEP, ClosingError, Service
from bot.post import Event, Outgoing, PermanentError
from knowledge.errors import DatabaseError

UNPACED = Pace(seconds=0.0, burst=1)


def answer(event, work):
    work.outbox.put(Outgoing(f"slack:{event.conversation}", f"re:{event.keys[0]}", {"text": "返事"}))


def service_of(database, platform, handle=answer, **options):
    return Service(database, handle, {"slack": Line(platform, lambda _: UNPACED)}, idle=0.02, **options)


@pytest.fixture
def platform():
    return FakePlatform()


@pytest.fixture
def service(database, platform):
    made = service_of(database, platform)
    made.start()
    yield made
    made.stop()


def event(key, conversation="c"):
    return Event("slack", (key,), conversation, {"text": "質問"})


def wait_for(condition, seconds=30.0):
    """Until `condition()` holds; fails after a time that only a fault takes."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.01)


def test_a_hundred_conversations_are_answered_each_in_order(service, platform):
    for number in range(300):
        assert service.receive(event(f"e{number}", f"c{number % 100}"))
        assert not service.receive(event(f"e{number}", f"c{number % 100}"))
    wait_for(lambda: len(platform.posts) == 300)
    for conversation in range(100):
        keys = [post.key for post in platform.posts if post.destination == f"slack:c{conversation}"]
        assert keys == [f"re:e{n}" for n in range(conversation, 300, 100)]


def test_one_of_a_hundred_is_poison_and_ninety_nine_are_done(database, platform):
    told = []

    def handle(event, work):
        if event.keys == ("e13",):
            raise ValueError
        answer(event, work)

    service = service_of(database, platform, handle, on_poison=lambda event, work: told.append(event.keys))
    service.start()
    for number in range(100):
        service.receive(event(f"e{number}", f"c{number % 5}"))
    now, ahead = database.now, count(step=0.1)
    database.now = lambda: now() + timedelta(seconds=next(ahead))  # so that its second and third try come soon
    wait_for(lambda: len(platform.posts) == 99 and told)
    service.stop()
    assert told == [("e13",)]
    with database.work() as work:
        assert [letter.where for letter in dead_letters(work)] == ["slack"]


def test_a_conversation_is_never_handled_twice_at_once(database, platform):
    busy, clashes = set(), []

    def handle(event, work):
        if event.conversation in busy:
            clashes.append(event.keys)
        busy.add(event.conversation)
        time.sleep(0.005)
        busy.discard(event.conversation)
        answer(event, work)

    service = service_of(database, platform, handle, workers=8)
    service.start()
    for number in range(60):
        service.receive(event(f"e{number}", f"c{number % 3}"))
    wait_for(lambda: len(platform.posts) == 60)
    service.stop()
    assert clashes == []


def test_while_one_thinks_others_are_received_and_answered(database, platform):
    thinking, thought = threading.Event(), threading.Event()

    def handle(event, work):
        if event.keys == ("slow",):
            work.memories.recall(event.conversation, database.now())
            thinking.set()
            assert thought.wait(30)
        answer(event, work)

    service = service_of(database, platform, handle)
    service.start()
    service.receive(event("slow", "a"))
    assert thinking.wait(30)
    service.receive(event("quick", "b"))
    wait_for(lambda: platform.keys == ["re:quick"])
    thought.set()
    wait_for(lambda: len(platform.posts) == 2)
    service.stop()


def test_a_stop_finishes_what_is_in_hand_and_takes_nothing_new(database, platform):
    begun, go_on = threading.Event(), threading.Event()

    def handle(event, work):
        begun.set()
        assert go_on.wait(30)
        answer(event, work)

    service = service_of(database, platform, handle, workers=1)
    service.start()
    service.receive(event("e1"))
    service.receive(event("e2"))
    assert begun.wait(30)
    stopped = []
    stopping = threading.Thread(target=lambda: stopped.append(service.stop()))
    stopping.start()
    wait_for(lambda: service.closing)
    with pytest.raises(ClosingError):
        service.receive(event("e3"))
    go_on.set()
    stopping.join()
    assert stopped == [True]
    assert platform.keys == ["re:e1"]
    again = service_of(database, platform)
    again.start()
    wait_for(lambda: platform.keys == ["re:e1", "re:e2"])
    again.stop()


def test_a_handler_that_hangs_does_not_hold_up_the_stop(database, platform):
    release = threading.Event()
    service = service_of(database, platform, lambda event, work: release.wait(30) and None)
    service.start()
    service.receive(event("e1"))
    wait_for(lambda: leased(database))
    assert not service.stop(seconds=0.2)
    release.set()
    assert service.stop()


def leased(database):
    with database.work() as work:
        return work.fetch(select(inbox.c.id).where(inbox.c.status == "leased"))


def test_what_cannot_be_delivered_is_told_to_the_case_in_the_same_transaction(database, platform):
    def on_undelivered(outgoing, fault, work):
        work.audit.note("bot", f"undelivered {fault}", outgoing.cause)
        work.outbox.put(Outgoing("slack:admin", f"lost:{outgoing.key}", {"text": "届きませんでした"}))

    platform.faults = [PermanentError("channel_not_found")]
    service = service_of(database, platform, on_undelivered=on_undelivered)
    service.start()
    with database.work() as work:
        work.outbox.put(Outgoing("slack:C1", "k1", {}, cause="AB12"))
    service.wake()
    wait_for(lambda: platform.keys == ["lost:k1"])
    service.stop()
    with database.work() as work:
        (note,) = work.audit.entries("AB12")
    assert note.what == "undelivered PermanentError: channel_not_found"


def test_a_message_for_no_platform_here_waits_and_disturbs_nobody(service, database, platform):
    with database.work() as work:
        work.outbox.put(Outgoing("telegram:1", "t1", {}))
        work.outbox.put(Outgoing("slack:C1", "k1", {}))
    service.wake()
    wait_for(lambda: left(database) == (0, 1))
    assert platform.keys == ["k1"]


def left(database):
    with database.work() as work:
        return waiting(work)


def test_one_service_on_a_file(tmp_path, platform):
    database = open_database(None, tmp_path)
    service = service_of(database, platform)
    service.start()
    with pytest.raises(DatabaseError, match="別の実行"):
        service_of(database, platform).start()
    assert service.stop()
    other = service_of(database, platform)
    other.start()
    assert other.stop()
    database.close()


def test_old_rows_go_and_words_go_at_once(database, platform):
    service = service_of(database, platform)
    service.take_over()
    service.receive(event("e1"))
    service.drain()
    with database.work() as work:
        assert work.fetch(select(inbox.c.payload)) == work.fetch(select(outbox.c.payload)) == [(None,)]
    now = database.now
    database.now = lambda: now() + KEEP
    service.clean()
    with database.work() as work:
        assert work.fetch(select(inbox.c.id)) == work.fetch(select(outbox.c.id)) == []
    service.stop()


# ── the database fails for a while ───────────────────────────────────────────────────────────────────────────────────


def test_a_locked_database_delays_and_loses_nothing(tmp_path, platform):
    database = open_database(None, tmp_path, busy_seconds=0.05)
    service = service_of(database, platform)
    service.start()
    service.receive(event("e1"))
    other = sqlite3.connect(tmp_path / "renkei.db", isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="混み合って"):  # no acknowledgement: the platform delivers it again
        service.receive(event("e2"))
    time.sleep(0.3)
    other.execute("ROLLBACK")
    other.close()
    assert service.receive(event("e2"))
    wait_for(lambda: sorted(set(platform.keys)) == ["re:e1", "re:e2"])
    service.stop()
    assert sorted(platform.keys) == ["re:e1", "re:e2"]
    database.close()


def test_a_full_disk_means_no_acknowledgement_and_no_half_of_an_effect(tmp_path, platform):
    database = open_database(None, tmp_path)
    pages = []

    def limit(connection, _record):
        if pages:
            connection.execute(f"PRAGMA max_page_count={pages[0]}")

    events.listen(database.engine, "connect", limit)

    def handle(event, work):
        answer(event, work)
        work.audit.note("bot", "x" * 200_000)  # more than the disk has room for

    service = service_of(database, platform, handle)
    service.take_over()
    assert service.receive(event("e1"))
    with database.engine.connect() as connection:
        pages.append(connection.execute(text("PRAGMA page_count")).scalar() + 10)
    database.engine.dispose()
    service.drain()
    assert platform.posts == []
    with database.work() as work:
        assert waiting(work) == (1, 0)
        assert work.audit.entries() == []
    pages.clear()
    database.engine.dispose()
    now = database.now
    database.now = lambda: now() + KEEP / 100
    service.drain()
    assert platform.keys == ["re:e1"]
    service.stop()
    database.close()


@pytest.mark.full
@pytest.mark.parametrize("seconds", [0.2, 2.0, 10.0, 60.0])
def test_a_database_locked_for_up_to_a_minute_delays_and_loses_nothing(tmp_path, platform, seconds):
    database = open_database(None, tmp_path, busy_seconds=1.0)
    service = service_of(database, platform)
    service.start()
    other = sqlite3.connect(tmp_path / "renkei.db", isolation_level=None, timeout=30)
    accepted = []

    def deliver(number):
        try:
            service.receive(event(f"e{number}", f"c{number}"))
            accepted.append(f"re:e{number}")
        except DatabaseError:
            pass

    for number in range(20):
        deliver(number)
    other.execute("BEGIN IMMEDIATE")
    until = time.monotonic() + seconds
    number = 20
    while time.monotonic() < until:
        deliver(number)
        number += 1
    other.execute("ROLLBACK")
    other.close()
    wait_for(lambda: sorted(platform.keys) == sorted(accepted), 300)
    service.stop()
    assert sorted(platform.keys) == sorted(accepted)
    database.close()
