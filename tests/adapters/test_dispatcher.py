"""The dispatcher, on both databases: each message once, whatever the platform answers."""

import pytest
from fakes import FakePlatform, HandClock
from sqlalchemy import select

from adapters.database.letters import dead_letters, drop, resend
from adapters.database.schema import outbox
from adapters.dispatcher import MAX_TRIES, Dispatcher, Line
from adapters.pacing import Pace
from bot.post import Outgoing, PermanentError, RetryLaterError, UncertainError, UnreachableError
from knowledge.errors import DatabaseError

UNPACED = Pace(seconds=0.0, burst=1)


@pytest.fixture
def clock(database):
    database.now = HandClock()
    return database.now


class Desk:
    """A dispatcher, its platform, and what the hooks were told."""

    def __init__(self, database, clock, *, reads_back=True, pace=UNPACED):
        self.platform = FakePlatform(reads_back=reads_back)
        self.sent, self.undelivered, self.database, self.clock = [], [], database, clock
        self.dispatcher = Dispatcher(
            database,
            {"slack": Line(self.platform, lambda _destination: pace)},
            on_sent=lambda outgoing, number, work: self.sent.append((outgoing.key, number)),
            on_dead=lambda outgoing, fault, work: self.undelivered.append((outgoing.key, fault)),
            lease=60.0,
            chance=lambda: 0.5,
            pause=lambda _seconds: None,
        )

    def put(self, *keys, destination="slack:C1", order=""):
        with self.database.work() as work:
            for key in keys:
                work.outbox.put(Outgoing(destination, key, {"text": key}, order=order or key))

    def send_all(self):
        while self.dispatcher.step():
            pass

    def run(self, seconds):
        """All that happens within that time."""
        steps = min(60, seconds)
        for _ in range(steps):
            self.send_all()
            self.clock.go(seconds / steps)
        self.send_all()

    def rows(self, *columns):
        with self.database.work() as work:
            return [tuple(row) for row in work.fetch(select(*columns).order_by(outbox.c.id))]


@pytest.fixture
def desk(database, clock):
    return Desk(database, clock)


@pytest.fixture
def blind(database, clock):
    """A platform that cannot say what was posted."""
    return Desk(database, clock, reads_back=False)


def test_messages_are_sent_once_and_their_case_is_told(desk):
    desk.put("k1", "k2")
    desk.send_all()
    assert desk.platform.keys == ["k1", "k2"]
    assert desk.sent == [("k1", "m1"), ("k2", "m2")]
    assert desk.rows(outbox.c.status, outbox.c.payload) == [("sent", None)] * 2


def test_a_permanent_fault_is_final_and_told_and_others_go_on(desk):
    desk.platform.faults = [PermanentError("channel_not_found")]
    desk.put("k1", "k2", order="thread")
    desk.send_all()
    assert desk.platform.keys == ["k2"]
    assert desk.undelivered == [("k1", "PermanentError: channel_not_found")]


@pytest.mark.parametrize(("asked", "waits"), [(30, 30), (0, 1), (-7, 1), (86400, 300), (None, 2), (float("nan"), 2)])
def test_a_platform_that_wants_to_be_left_alone_is_left_alone(desk, asked, waits):
    desk.platform.faults = [RetryLaterError("ratelimited", asked)]
    desk.put("k1", "k2")
    desk.put("b1", destination="slack:C2")
    desk.send_all()
    assert desk.platform.keys == ["b1"]
    desk.clock.go(waits - 0.5)
    desk.send_all()
    assert desk.platform.keys == ["b1"]
    desk.clock.go(0.5)
    desk.send_all()
    assert desk.platform.keys == ["b1", "k1", "k2"]


def test_an_outage_is_waited_out_and_nothing_is_doubled(desk):
    desk.platform.faults = [UnreachableError("refused") for _ in range(MAX_TRIES - 1)]
    desk.put("k1", "k2", order="thread")
    desk.run(1400)
    assert desk.platform.keys == ["k1", "k2"]
    assert desk.undelivered == []


def test_after_eight_tries_a_message_is_dead_and_can_be_resent(desk):
    desk.platform.faults = [UnreachableError("refused") for _ in range(MAX_TRIES)]
    desk.put("k1")
    desk.run(2500)
    assert desk.platform.keys == []
    assert desk.undelivered == [("k1", "UnreachableError: refused")]
    with desk.database.work() as work:
        (letter,) = dead_letters(work)
        assert (letter.id, letter.tries, letter.where) == ("o1", MAX_TRIES, "slack:C1")
        resend(work, "o1")
        assert dead_letters(work) == []
    desk.send_all()
    assert desk.platform.keys == ["k1"]
    assert desk.platform.looked_up == []


def test_a_dead_message_can_be_dropped_and_only_a_dead_one(desk):
    desk.platform.faults = [PermanentError("is_archived")]
    desk.put("k1", "k2")
    desk.send_all()
    with desk.database.work() as work:
        drop(work, "o1")
    assert desk.rows(outbox.c.status, outbox.c.payload) == [("dropped", None), ("sent", None)]
    for wrong in ("o1", "o2", "o99", "i1", "x", "o", "o1; DROP TABLE outbox", "o" + "9" * 40):
        with pytest.raises(DatabaseError, match="renkei outbox"), desk.database.work() as work:
            resend(work, wrong)


# ── what may have been posted ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", [UncertainError("timeout"), TimeoutError(), ValueError("<html>090-0000-0000")])
def test_what_was_posted_before_the_connection_broke_is_found_and_not_sent_again(desk, fault, caplog):
    desk.platform.after = [fault]
    desk.put("k1")
    desk.run(10)
    assert desk.platform.keys == ["k1"]
    assert desk.platform.looked_up == ["k1"]
    assert desk.sent == [("k1", "m1")]
    assert "090" not in caplog.text + str(desk.rows(outbox.c.fault))


def test_what_was_not_posted_is_sent_after_a_look(desk):
    desk.platform.faults = [UncertainError("timeout")]
    desk.put("k1")
    desk.run(10)
    assert desk.platform.keys == ["k1"]
    assert not desk.platform.posts[0].repeated


def test_where_nobody_can_look_it_is_repeated_once_and_marked(blind):
    blind.platform.after = [UncertainError("timeout"), UncertainError("timeout")]
    blind.put("k1")
    blind.run(3000)
    assert [(post.key, post.repeated) for post in blind.platform.posts] == [("k1", False), ("k1", True)]
    ((key, fault),) = blind.undelivered
    assert key == "k1"
    assert fault.startswith("uncertain")


def test_a_repeat_that_surely_was_not_posted_may_be_tried_again(blind):
    blind.platform.after = [UncertainError("timeout")]
    blind.put("k1")
    blind.send_all()
    blind.platform.faults = [UnreachableError("refused"), RetryLaterError("ratelimited", 5)]
    blind.run(200)
    assert [post.repeated for post in blind.platform.posts] == [False, True]
    assert blind.sent == [("k1", "m2")]


def test_an_admin_may_have_an_uncertain_message_sent_once_more_marked_as_a_repeat(blind):
    blind.platform.after = [UncertainError("timeout"), UncertainError("timeout")]
    blind.put("k1")
    blind.run(3000)
    with blind.database.work() as work:
        resend(work, "o1")
    blind.run(10)
    assert [post.repeated for post in blind.platform.posts] == [False, True, True]
    assert blind.sent == [("k1", "m3")]


def test_a_platform_that_cannot_be_asked_now_is_asked_later(desk):
    desk.platform.after = [UncertainError("timeout")]
    desk.put("k1")
    desk.send_all()
    find, desk.platform.find = desk.platform.find, lambda outgoing: (_ for _ in ()).throw(UnreachableError("refused"))
    desk.run(10)
    assert desk.platform.keys == ["k1"]
    desk.platform.find = find
    desk.run(300)
    assert desk.platform.keys == ["k1"]
    assert desk.sent == [("k1", "m1")]


# ── the database and the hooks fail ──────────────────────────────────────────────────────────────────────────────────


def test_an_outcome_that_the_database_does_not_take_at_once_is_written_later(desk):
    desk.put("k1")
    real, faults = desk.database.work, [DatabaseError("busy")] * 3
    posted = []

    def work():
        if posted and faults:
            raise faults.pop()
        return real()

    desk.database.work = work
    desk.platform.on_post = posted.append
    desk.send_all()
    assert desk.platform.keys == ["k1"]
    assert desk.rows(outbox.c.status) == [("sent",)]


def test_a_hook_that_fails_does_not_send_a_message_twice(database, clock):
    desk = Desk(database, clock)

    def fail(*_):
        raise KeyError

    desk.dispatcher._on_sent = desk.dispatcher._on_dead = fail
    desk.platform.faults = [PermanentError("x")]
    desk.put("k1", "k2")
    desk.send_all()
    assert desk.rows(outbox.c.status) == [("dead",), ("sent",)]
    assert desk.platform.keys == ["k2"]


def test_a_destination_is_paced(database, clock):
    desk = Desk(database, clock, pace=Pace(1.0, 3))
    desk.put(*(f"k{n}" for n in range(10)))
    desk.send_all()
    assert len(desk.platform.posts) == 3
    desk.run(4)
    assert len(desk.platform.posts) == 7
