"""Opening hours, holidays, the turn of the year: checked against the calendar on the wall and by counting."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import BusinessCalendar, Hours, spoken_day

TOKYO = ZoneInfo("Asia/Tokyo")
PLAIN = BusinessCalendar()
OTARU = BusinessCalendar(own={"小樽": Hours(time(9), time(16))}, closed=frozenset({date(2026, 8, 13)}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),  # Saturday
        ("2026-11-23", False),  # 勤労感謝の日
        ("2026-09-22", False),  # 国民の休日 between two holidays
        ("2026-05-06", False),  # 振替休日
        ("2026-12-28", True),
        ("2026-12-29", False),
        ("2027-01-03", False),
        ("2027-01-04", True),
        ("2026-08-13", True),
    ],
)
def test_working_days(day, works):
    assert PLAIN.is_working_day(date.fromisoformat(day)) is works


def test_days_off_of_our_own():
    assert not OTARU.is_working_day(date(2026, 8, 13))
    assert OTARU.next_working_day(date(2026, 8, 12)) == date(2026, 8, 14)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-20T10:00", "2026-11-20T10:00"),
        ("2026-11-20T08:00", "2026-11-20T08:45"),
        ("2026-11-20T17:30", "2026-11-24T08:45"),  # Friday evening, then a weekend and a holiday
        ("2026-12-28T18:00", "2027-01-04T08:45"),
    ],
)
def test_the_next_opening(moment, opens):
    assert PLAIN.next_opening(at(moment)) == at(opens)
    assert PLAIN.is_open(at(moment)) is (moment == opens)


def test_an_office_has_its_own_hours():
    assert OTARU.is_open(at("2026-11-20T16:30"))
    assert not OTARU.is_open(at("2026-11-20T16:30"), "小樽")
    assert str(OTARU.hours("小樽")) == "9:00〜16:00"


@pytest.mark.parametrize(
    ("moment", "hours", "due"),
    [
        ("2026-11-19T10:00", 4, "2026-11-19T14:00"),
        ("2026-11-19T10:00", 8, "2026-11-20T09:15"),
        ("2026-11-20T17:00", 4, "2026-11-24T12:15"),
        ("2026-11-21T03:00", 4, "2026-11-24T12:45"),
        ("2026-11-19T08:45", 8.75, "2026-11-19T17:30"),
    ],
)
def test_hours_of_opening(moment, hours, due):
    assert PLAIN.due(at(moment), hours) == at(due)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(TOKYO)),
    st.integers(1, 40 * 60),
)
def test_due_is_what_counting_minutes_gives(moment, minutes):
    moment = moment.replace(second=0, microsecond=0)
    due = PLAIN.due(moment, minutes / 60)
    counted, now = 0, PLAIN.next_opening(moment)
    while counted < minutes:  # day by day, which is minute by minute with fewer steps
        closes = now.replace(hour=17, minute=30)
        left = int((closes - now).total_seconds() // 60)
        step = min(left, minutes - counted)
        counted, now = counted + step, now + timedelta(minutes=step)
        if counted < minutes:
            now = PLAIN.next_opening(now)
    assert abs(due - now) < timedelta(seconds=1)


def test_the_nth_working_day():
    assert PLAIN.next_working_day(date(2026, 11, 20)) == date(2026, 11, 24)
    assert PLAIN.next_working_day(date(2026, 11, 20), 3) == date(2026, 11, 26)
    assert spoken_day(date(2026, 11, 24)) == "11月24日(火)"
