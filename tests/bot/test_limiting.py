"""At most 15 messages a minute, counted in a sliding window, for each person apart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.limiting import PER_MINUTE, WINDOW, RateLimit

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_the_sixteenth_in_a_minute_waits_until_the_first_is_a_minute_old():
    limit = RateLimit()
    assert all(limit.admits("a", NOW + timedelta(seconds=s)) for s in range(PER_MINUTE))
    assert not limit.admits("a", NOW + timedelta(seconds=59))
    assert limit.admits("a", NOW + timedelta(seconds=60))
    assert not limit.admits("a", NOW + timedelta(seconds=60))
    assert limit.admits("a", NOW + timedelta(seconds=61))


def test_a_person_is_not_limited_by_another():
    limit = RateLimit(per_minute=1)
    assert limit.admits("a", NOW)
    assert limit.admits("b", NOW)
    assert not limit.admits("a", NOW)


def test_memory_is_bounded():
    limit = RateLimit(max_people=10)
    for number in range(1000):
        limit.admits(f"person-{number}", NOW)
    assert len(limit._times) == 10
    for _ in range(1000):
        limit.admits("person-999", NOW)
    assert len(limit._times["person-999"]) == PER_MINUTE


def test_threads_do_not_let_more_through():
    limit = RateLimit()
    with ThreadPoolExecutor(8) as threads:
        admitted = list(threads.map(lambda _: limit.admits("a", NOW), range(400)))
    assert sum(admitted) == PER_MINUTE


@given(st.lists(st.integers(0, 300), max_size=80).map(sorted))
def test_no_window_holds_more_than_the_limit(seconds):
    limit = RateLimit()
    admitted = [s for s in seconds if limit.admits("a", NOW + timedelta(seconds=s))]
    for end in admitted:
        assert sum(end - WINDOW.total_seconds() < s <= end for s in admitted) <= PER_MINUTE
