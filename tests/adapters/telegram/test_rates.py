"""20 posts a minute in a group, whatever its threads; time goes only when it is told to."""

import pytest

from adapters.telegram.platform import Telegram
from adapters.telegram.rates import GROUP, PRIVATE, Rates
from bot.post import RetryLaterError


class Clock:
    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


@pytest.fixture
def clock():
    return Clock()


def play(rates, clock, messages, seconds):
    """Try every message as the dispatcher does; when each went."""
    went, due = [], dict.fromkeys(messages, clock.time)
    end = clock.time + seconds
    while due and clock.time < end:
        for key, at in list(due.items()):
            if at <= clock.time:
                try:
                    rates.take(-100, key)
                except RetryLaterError as error:
                    due[key] = clock.time + error.seconds
                else:
                    went.append(clock.time)
                    del due[key]
        clock.time += 0.25
    return went


def test_a_group_gets_at_most_twenty_in_any_minute(clock):
    went = play(Rates(GROUP, clock, clock.sleep), clock, [f"k{n}" for n in range(60)], 600)
    assert len(went) == 60
    assert all(sum(1 for other in went if at <= other < at + 60) <= 20 for at in went)
    assert went[2] - went[0] < 1  # a burst of three


def test_each_message_is_put_back_once(clock):
    rates, refused = Rates(GROUP, clock, clock.sleep), 0
    for n in range(10):
        try:
            rates.take(-100, f"k{n}")
        except RetryLaterError:
            refused += 1
    assert refused == 7
    clock.time += 60
    for n in range(3, 10):
        rates.take(-100, f"k{n}")  # its place was kept


def test_other_chats_go_on(clock):
    rates = Rates(GROUP, clock, clock.sleep)
    for n in range(3):
        rates.take(-100, f"k{n}")
    with pytest.raises(RetryLaterError):
        rates.take(-100, "k4")
    rates.take(-200, "x")
    for n in range(50):
        rates.take(5, f"p{n}")


def test_a_chat_that_wants_to_be_left_alone_is(clock):
    rates = Rates(GROUP, clock, clock.sleep)
    rates.hold(7001, 30)
    with pytest.raises(RetryLaterError) as caught:
        rates.take(7001, "k")
    assert caught.value.seconds == pytest.approx(30)
    clock.time += 30
    rates.take(7001, "k")


def test_all_chats_together_get_less_than_thirty_a_second(clock):
    rates, began = Rates(GROUP, clock, clock.sleep), clock.time
    for n in range(100):
        rates.take(n + 1, "k")
    assert 100 / (clock.time - began) < 30


def test_the_dispatcher_is_told_how_fast_each_thread_may_go(api):
    telegram = Telegram(api, None)
    assert telegram.pace("telegram:-100777/topics") == telegram.pace("telegram:-100777/0/5") == GROUP
    assert telegram.pace("telegram:7001") == telegram.pace("telegram:7001/45") == PRIVATE
    assert GROUP.burst + 60 / GROUP.seconds <= 20.2
