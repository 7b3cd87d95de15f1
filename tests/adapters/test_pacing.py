"""When something may be sent, or tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pacing import LONGEST, SHORTEST, Pace, after_post, backoff, bounded, retry_after

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@given(st.integers(1, 5), st.sampled_from([0.5, 1.0, 3.0]), st.lists(st.floats(0, 10), min_size=1, max_size=60))
def test_no_stretch_of_time_holds_more_posts_than_the_pace_allows(burst, seconds, waits):
    """Posts as early as allowed, after pauses of any length: in any window at most burst + window/seconds."""
    pace, paced_until, ready, now, posts = Pace(seconds, burst), START, START, START, []
    for wait in waits:
        now = max(ready, now + timedelta(seconds=wait))
        posts.append(now)
        paced_until, ready = after_post(paced_until, now, pace)
    for first in range(len(posts)):
        for last in range(first, len(posts)):
            window = (posts[last] - posts[first]).total_seconds()
            assert last - first + 1 <= burst + window / seconds + 1e-3


def test_a_burst_goes_at_once_and_comes_back_with_time():
    pace, paced_until, now, ready = Pace(1.0, 3), START, START, []
    for _ in range(4):
        paced_until, at = after_post(paced_until, now, pace)
        ready.append((at - START).total_seconds())
        now = max(now, at)
    assert ready == [0, 0, 1, 2]
    _, at = after_post(paced_until, START + timedelta(seconds=60), pace)
    assert at == START + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *[("30", 30), ("1.5", 1.5), ("0", 1), ("-5", 1), ("86400", 300), ("inf", 300)],
        *[("nan", None), ("abc", None), ("", None), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
    ],
)
def test_odd_values_of_retry_after_stay_within_bounds(header, seconds):
    assert retry_after(header) == seconds


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_wait_is_out_of_bounds(seconds):
    wait = bounded(seconds)
    assert wait is None or SHORTEST <= wait <= LONGEST


def test_waits_grow_and_spread():
    assert [backoff(tries, 0.5) for tries in range(1, 7)] == [2, 8, 32, 128, 300, 300]
    assert {backoff(1, chance) for chance in (0.0, 0.5, 0.99)} == {1.0, 2.0, 2.98}
    assert backoff(10_000, 0.99) == LONGEST
