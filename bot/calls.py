"""A call (募集, 申込み) in a source is as old as the source: it is never offered as open. Pure."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from knowledge.text import normalise
from knowledge.wareki import YearMention, years

_OPEN = re.compile(
    r"(募集|公募)(して(い|お)?(ます|る)|中|します|し(?=ました)|のお知らせ|案内)|(受付|受け付け)(中|て(い|お)?ます|ます)"
    r"|(応募|申し?込み?|参加)(を|は)?(お待ち|受け?付け|できます|ください)"
)
_UNTIL = re.compile(r"(まで|締め?切り?|〆切|期限|必着)")
_MONTHS_FRESH = 1
_NEAR = 6  # characters between a day and the word that makes it a last one


@dataclass(frozen=True, slots=True)
class Call:
    """`until`: the last day that the sources name, if it is over; else None: nobody knows whether it still runs."""

    until: date | None


def stale_call(texts: Iterable[tuple[str, str | None]], today: date) -> Call | None:
    """The call that one of `texts` (words, date of the source as YYYY[-MM[-DD]]) makes; None where none is made, or
    where the source is of these days and names no day that is over."""
    for text, written in texts:
        normal = normalise(text)
        if not _OPEN.search(normal):
            continue
        last = _last_day(normal)
        if last:
            if last < today:
                return Call(last)
        elif not _fresh(written, today):
            return Call(None)
    return None


def _last_day(normal: str) -> date | None:
    """The day beside まで or 締切, of those that are written with their year."""
    ends = [match.start() for match in _UNTIL.finditer(normal)]
    days = [
        _day(m)
        for m in years(normal)
        if m.month and any(min(abs(m.start - end), abs(m.end - end)) <= _NEAR for end in ends)
    ]
    return max((day for day in days if day), default=None)


def _day(mention: YearMention) -> date | None:
    month = mention.month or 12
    last = calendar.monthrange(mention.year, month)[1]
    return date(mention.year, month, min(mention.day or last, last))


def _fresh(written: str | None, today: date) -> bool:
    """Whether the source is of this month or the one before."""
    match = re.match(r"(\d{4})-(\d{2})", written or "")
    return match is not None and (today.year - int(match[1])) * 12 + today.month - int(match[2]) <= _MONTHS_FRESH
