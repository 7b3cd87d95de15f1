"""The outbox, on both databases: each message once, in the order of its thread, by one dispatcher at a time."""

from datetime import timedelta

import pytest
from fakes import HandClock
from sqlalchemy import select

from adapters.database.outbox import Letter, repeated
from adapters.database.schema import destinations, outbox
from adapters.pacing import LONGEST, Pace, after_post
from bot.post import Outgoing


@pytest.fixture
def clock(database):
    database.now = HandClock()
    return database.now


def message(key, destination="slack:C1", order="", cause="", **payload):
    return Outgoing(destination, key, payload, cause=cause, order=order)


def put(database, *messages):
    with database.work() as work:
        return [work.outbox.put(each) for each in messages]


def unpaced(_destination, _until, now):
    return now, now


def lease(database, *, platforms=("slack",), paced=unpaced, in_hand=()) -> Letter | None:
    with database.work() as work:
        return work.outbox.lease(60.0, platforms, paced, in_hand)


def sent(database, letter, message_id="m1"):
    with database.work() as work:
        work.outbox.sent(letter, message_id)


def rows(database, *columns):
    with database.work() as work:
        return [tuple(row) for row in work.fetch(select(*columns).order_by(outbox.c.id))]


def test_what_is_put_in_comes_out_as_it_was(database):
    put(database, message("k1", cause="AB12", text="返事\u0000\ud800"))
    letter = lease(database)
    assert letter.outgoing.payload == {"text": "返事\u0000\ud800"}
    assert (letter.outgoing.key, letter.outgoing.destination, letter.outgoing.cause) == ("k1", "slack:C1", "AB12")
    assert (letter.tries, letter.doubtful, letter.outgoing.repeated) == (1, False, False)


def test_the_same_key_twice_is_one_message(database):
    assert put(database, message("k1", text="a"), message("k1", text="b"), message("k2")) == [True, False, True]
    assert rows(database, outbox.c.key, outbox.c.payload) == [("k1", {"text": "a"}), ("k2", {})]


def test_a_thread_is_sent_in_order_and_threads_side_by_side(database):
    put(database, message("a1", order="a"), message("a2", order="a"), message("b1", order="b"))
    first, second = lease(database), lease(database)
    assert (first.outgoing.key, second.outgoing.key) == ("a1", "b1")
    assert lease(database) is None
    sent(database, first)
    assert lease(database).outgoing.key == "a2"


def test_without_a_thread_a_destination_is_sent_in_order(database):
    put(database, message("a1"), message("a2"), message("b1", "slack:C2"))
    assert [lease(database).outgoing.key, lease(database).outgoing.key] == ["a1", "b1"]
    assert lease(database) is None


def test_what_was_sent_keeps_its_id_and_no_words(database):
    put(database, message("k1", text="秘密"))
    sent(database, lease(database), "ts-1")
    assert rows(database, outbox.c.status, outbox.c.payload, outbox.c.message_id) == [("sent", None, "ts-1")]
    with database.work() as work:
        assert work.outbox.posted("k1") == "ts-1"
        assert work.outbox.posted("k2") is None


def test_a_message_waits_for_its_time_and_those_behind_it_too(database, clock):
    later = Outgoing("slack:C1", "k1", {}, not_before=clock() + timedelta(seconds=30))
    put(database, later, message("k2"))
    assert lease(database) is None
    clock.go(30)
    assert lease(database).outgoing.key == "k1"


def test_a_destination_has_its_pace_and_others_theirs(database, clock):
    pace = Pace(seconds=1.0, burst=3)
    put(database, *(message(f"a{n}", order=f"t{n}") for n in range(6)), message("b0", "slack:C2"))

    def paced(destination, until, now):
        return after_post(until, now, pace)

    def ready():
        keys = []
        while (letter := lease(database, paced=paced)) is not None:
            keys.append(letter.outgoing.key)
        return keys

    assert ready() == ["a0", "a1", "a2", "b0"]
    clock.go(1)
    assert ready() == ["a3"]
    clock.go(0.5)
    assert ready() == []
    clock.go(2.5)
    assert ready() == ["a4", "a5"]


def test_a_destination_on_hold_holds_up_nobody_else(database, clock):
    put(database, message("a1", order="x"), message("a2", order="y"), message("b1", "slack:C2"))
    with database.work() as work:
        letter = work.outbox.lease(60.0, ("slack",), unpaced)
        until = clock() + timedelta(seconds=30)
        work.outbox.put_back(letter, until, "RetryLaterError", doubtful=False)
        work.outbox.hold("slack:C1", until)
    assert lease(database).outgoing.key == "b1"
    assert lease(database) is None
    clock.go(30)
    again = lease(database)
    assert (again.outgoing.key, again.tries, again.doubtful) == ("a1", 2, False)


def test_a_dispatcher_that_is_no_more_leaves_doubt(database, clock):
    put(database, message("k1"))
    lost = lease(database)
    clock.go(61)
    assert lease(database, in_hand=[lost.id]) is None
    taken = lease(database)
    assert (taken.doubtful, taken.tries) == (True, 2)
    with database.work() as work:
        assert not work.outbox.put_back(lost, clock(), "late", doubtful=False)
        assert not work.outbox.bury(lost, "late")
        assert not work.outbox.repeat(lost)
    sent(database, lost, "m-first")
    assert rows(database, outbox.c.status, outbox.c.message_id) == [("sent", "m-first")]


def test_a_repeat_is_noted_before_it_is_made(database, clock):
    put(database, message("k1"))
    letter = lease(database)
    with database.work() as work:
        assert work.outbox.repeat(letter)
    assert repeated(letter).outgoing.repeated
    clock.go(61)
    again = lease(database)
    assert again.doubtful
    assert again.outgoing.repeated


def test_what_is_for_another_platform_is_left_to_it(database):
    put(database, message("k1", "telegram:123"))
    assert lease(database) is None
    assert lease(database, platforms=("slack", "telegram")).outgoing.platform == "telegram"


def test_a_dead_message_lets_the_others_go_on(database):
    put(database, message("k1"), message("k2"))
    with database.work() as work:
        work.outbox.bury(work.outbox.lease(60.0, ("slack",), unpaced), "PermanentError: channel_not_found")
    assert lease(database).outgoing.key == "k2"


def test_what_is_withdrawn_is_erased_and_never_sent(database):
    put(database, message("k1", cause="AB12", text="電話は"), message("k2", cause="CD34"))
    with database.work() as work:
        assert work.outbox.withdraw("AB12") == 1
    assert rows(database, outbox.c.status, outbox.c.payload) == [("dropped", None), ("pending", {})]
    assert lease(database).outgoing.key == "k2"


def test_what_is_withdrawn_while_it_is_sent_is_not_kept_for_another_try(database, clock):
    put(database, message("k1", cause="AB12", text="電話は"))
    letter = lease(database)
    with database.work() as work:
        assert work.outbox.withdraw("AB12") == 1
        assert not work.outbox.put_back(letter, clock(), "RetryLaterError", doubtful=False)
    assert rows(database, outbox.c.status, outbox.c.payload) == [("dropped", None)]
    clock.go(1000)
    assert lease(database) is None


@pytest.mark.parametrize("minutes", [1, 10, 60, 24 * 60])
def test_a_clock_that_is_set_back_delays_nothing_for_longer_than_a_platform_may_ask(database, clock, minutes):
    def paced(_destination, until, now):
        return after_post(until, now, Pace(1.0, 1))

    put(database, message("k1", order="a"))
    sent(database, lease(database, paced=paced))
    clock.go(-60 * minutes)
    put(database, message("k2", "slack:C2"), message("k3", order="b"), message("k4", order="c"))
    keys = []
    for seconds in (0, 1, 1, LONGEST - 2, 1, 1):
        clock.go(seconds)
        while letter := lease(database, paced=paced):
            keys.append(letter.outgoing.key)
            sent(database, letter)
    assert keys == ["k2", "k3", "k4"]


def test_purging_keeps_what_is_unsent_and_where_it_goes(database, clock):
    put(database, message("k1", "slack:C1"), message("k2", "slack:C2"))
    sent(database, lease(database))
    clock.go(3600)
    with database.work() as work:
        assert work.outbox.purge(clock()) == 1
        assert work.fetch(select(destinations.c.name)) == [("slack:C2",)]
    assert rows(database, outbox.c.key) == [("k2",)]


def test_a_destination_deleted_too_soon_comes_back(database, clock):
    put(database, message("k1"))
    with database.work() as work:
        work.write(destinations.delete())
    assert lease(database) is None
    with database.work() as work:
        work.outbox.purge(clock())
    assert lease(database).outgoing.key == "k1"
