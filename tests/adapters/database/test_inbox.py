"""The inbox, on both databases: each event once, in the order of its conversation, by one worker at a time."""

import threading
from datetime import timedelta

import pytest
from fakes import HandClock
from sqlalchemy import exc, select

from adapters.database.inbox import Leased, LostLeaseError
from adapters.database.opening import open_database
from adapters.database.schema import inbox, inbox_keys
from bot.post import Event


@pytest.fixture
def clock(database):
    database.now = HandClock()
    return database.now


def event(key, conversation="c", *more, **payload):
    return Event("slack", (key, *more), conversation, payload)


def receive(database, *events):
    with database.work() as work:
        return [work.inbox.receive(each) for each in events]


def lease(database, seconds=60.0) -> Leased | None:
    with database.work() as work:
        return work.inbox.lease(seconds)


def done(database, leased):
    with database.work() as work:
        work.inbox.done(leased)


def test_what_is_received_comes_out_as_it_went_in(database):
    payload = {"text": "倶知安町で空き家を\u0000\ud800<!channel>", "deep": [{"a": None, "b": 1.5}]}
    receive(database, event("e1", "c", "ts1", **payload))
    leased = lease(database)
    assert leased.event == Event("slack", ("e1", "ts1"), "c", payload)
    assert leased.tries == 1


def test_an_event_that_shares_a_key_is_the_same_event(database):
    assert receive(database, event("e1", "c", "ts1"), event("e2", "c", "ts1"), event("e1")) == [True, False, False]
    assert receive(database, event("e2", "c", "ts2")) == [True]
    with database.work() as work:
        assert len(work.fetch(select(inbox.c.id))) == 2
        assert sorted(key for (key,) in work.fetch(select(inbox_keys.c.key))) == ["e1", "e2", "ts1", "ts2"]


def test_a_conversation_is_handled_one_event_at_a_time_in_order(database, clock):
    receive(database, event("a1", "a"), event("a2", "a"), event("b1", "b"), event("a3", "a"))
    first, second = lease(database), lease(database)
    assert (first.event.keys, second.event.keys) == (("a1",), ("b1",))
    assert lease(database) is None
    done(database, first)
    third = lease(database)
    assert third.event.keys == ("a2",)
    done(database, second)
    assert lease(database) is None
    done(database, third)
    assert lease(database).event.keys == ("a3",)


def test_a_done_event_keeps_no_words_and_is_still_known(database):
    receive(database, event("e1", text="秘密"))
    done(database, lease(database))
    with database.work() as work:
        assert work.fetch(select(inbox.c.status, inbox.c.payload)) == [("done", None)]
    assert receive(database, event("e1")) == [False]


def test_a_lease_that_ran_out_goes_to_another_and_the_first_can_end_nothing(database, clock):
    receive(database, event("e1"), event("e2"))
    slow = lease(database, seconds=60)
    clock.go(61)
    quick = lease(database)
    assert (quick.event.keys, quick.tries) == (("e1",), 2)
    with pytest.raises(LostLeaseError):
        done(database, slow)
    done(database, quick)
    with pytest.raises(LostLeaseError):
        done(database, quick)
    assert lease(database).event.keys == ("e2",)


def test_what_is_put_back_holds_its_conversation_until_its_time(database, clock):
    receive(database, event("a1", "a"), event("a2", "a"), event("b1", "b"))
    with database.work() as work:
        work.inbox.put_back(work.inbox.lease(60), clock() + timedelta(seconds=5), "KeyError")
    assert lease(database).event.keys == ("b1",)
    assert lease(database) is None
    clock.go(5)
    again = lease(database)
    assert (again.event.keys, again.tries) == (("a1",), 2)
    with database.work() as work:
        work.inbox.put_back(again, clock(), "storage", spent=False)
    assert lease(database).tries == 2


def test_a_buried_event_lets_the_others_go_on(database):
    receive(database, event("a1"), event("a2"))
    with database.work() as work:
        work.inbox.bury(work.inbox.lease(60), "KeyError")
    assert lease(database).event.keys == ("a2",)


def test_what_fails_leaves_nothing(database):
    with pytest.raises((TypeError, exc.StatementError)):
        receive(database, event("e1"), event("e2", text=object()))
    assert lease(database) is None
    assert receive(database, event("e1")) == [True]


def test_a_clock_that_is_set_back_delays_no_event(database, clock):
    receive(database, event("e1"))
    clock.go(-600)
    assert lease(database).event.keys == ("e1",)


def test_purging_keeps_what_is_undone(database, clock):
    receive(database, event("e1", "a"), event("e2", "b"), event("e3", "c"))
    done(database, lease(database))
    with database.work() as work:
        work.inbox.bury(work.inbox.lease(60), "KeyError")
    clock.go(3600)
    with database.work() as work:
        assert work.inbox.purge(clock()) == 2
        assert sorted(work.fetch(select(inbox_keys.c.key))) == [("e3",)]
    assert lease(database).event.keys == ("e3",)


def test_forgetting_a_conversation_erases_what_waits(database):
    receive(database, event("e1", "a", text="電話は"), event("e2", "b"))
    with database.work() as work:
        assert work.inbox.forget("a") == 1
    assert lease(database).event.keys == ("e2",)
    with database.work() as work:
        assert work.fetch(select(inbox.c.payload).where(inbox.c.conversation == "a")) == [(None,)]


def test_each_event_four_times_at_once_from_two_openings_is_one(database, database_url, tmp_path):
    """Four threads of two openings of the same database deliver the same fifty events, and take them out again."""
    other, news, taken = open_database(database_url, tmp_path), [], []

    def deliver(opened):
        for number in range(50):
            news.extend(receive(opened, event(f"e{number}", f"c{number % 7}", f"ts{number}")))

    def work_off(opened):
        while (leased := lease(opened)) is not None or undone(opened):
            if leased is not None:
                taken.append((leased.event.conversation, leased.id))
                done(opened, leased)

    run_at_once(deliver, [database, other] * 2)
    assert news.count(True) == 50
    assert len(news) == 200
    run_at_once(work_off, [database, other] * 2)
    other.close()
    assert len(taken) == len(set(taken)) == 50
    for conversation in {name for name, _ in taken}:
        numbers = [number for name, number in taken if name == conversation]
        assert numbers == sorted(numbers)


def undone(database):
    with database.work() as work:
        return work.fetch(select(inbox.c.id).where(inbox.c.status.in_(("new", "leased"))).limit(1))


def run_at_once(do, arguments):
    failed = []

    def guarded(argument):
        try:
            do(argument)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_what_was_given_up_is_forgotten_without_what_waits(database):
    receive(database, event("e1", "a", text="電話は"), event("e2", "a"))
    with database.work() as work:
        work.inbox.bury(work.inbox.lease(60), "KeyError")
    with database.work() as work:
        assert work.inbox.forget("a", waiting=False) == 1
        assert work.fetch(select(inbox.c.payload).order_by(inbox.c.id))[0] == (None,)
    assert lease(database).event.keys == ("e2",)
