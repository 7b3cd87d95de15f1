"""When an office works: opening hours, Japanese holidays, the turn of the year. Pure; the clock is an argument.

Hours are confirmed for no office of the directory: what is computed here is a 目安 and is called one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count, islice

import jpholiday

WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` to `closes` on working days."""

    opens: time = time(8, 45)
    closes: time = time(17, 30)

    def __str__(self) -> str:
        return "〜".join(f"{moment.hour}:{moment.minute:02}" for moment in (self.opens, self.closes))


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The hours of every office: those of its own, else the default. `closed`: further days off.

    Moments carry a time zone, which is the offices'; results are in the same zone.
    """

    default: Hours = field(default_factory=Hours)
    own: Mapping[str, Hours] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()

    def hours(self, office: str) -> Hours:
        return self.own.get(office, self.default)

    def is_working_day(self, day: date) -> bool:
        """Not a weekend, a holiday, 12/29 to 1/3 (行政機関の休日に関する法律 第1条), or a day off of our own."""
        turn_of_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
        return not (day.weekday() >= 5 or turn_of_year or day in self.closed or jpholiday.is_holiday(day))

    def is_open(self, moment: datetime, office: str = "") -> bool:
        hours = self.hours(office)
        return self.is_working_day(moment.date()) and hours.opens <= moment.time() < hours.closes

    def next_opening(self, moment: datetime, office: str = "") -> datetime:
        """`moment` itself while the office is open, else when it opens next."""
        return next(max(opens, moment) for opens, closes in self._spans(moment, office) if moment < closes)

    def next_working_day(self, day: date, nth: int = 1) -> date:
        """The `nth` working day after `day` (from 1)."""
        working = (later for later in _days(day + timedelta(days=1)) if self.is_working_day(later))
        return next(islice(working, nth - 1, None))

    def due(self, moment: datetime, hours: float, office: str = "") -> datetime:
        """When `hours` of opening time have passed since `moment`."""
        left = timedelta(hours=hours)
        for opens, closes in self._spans(moment, office):
            begins = max(opens, moment)
            if begins < closes and begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta(0))
        raise AssertionError("unreachable")

    def _spans(self, moment: datetime, office: str) -> Iterator[tuple[datetime, datetime]]:
        """(opens, closes) of every working day from the day of `moment`."""
        hours = self.hours(office)
        for day in _days(moment.date()):
            if self.is_working_day(day):
                yield (
                    datetime.combine(day, hours.opens, moment.tzinfo),
                    datetime.combine(day, hours.closes, moment.tzinfo),
                )


def _days(first: date) -> Iterator[date]:
    """`first` and all days after it."""
    return (first + timedelta(days=n) for n in count())


def spoken_day(day: date) -> str:
    """ "11月24日(火)"."""
    return f"{day.month}月{day.day}日({WEEKDAYS[day.weekday()]})"
