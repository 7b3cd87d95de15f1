"""和暦 ⇄ 西暦: find years and dates in text, compare them. An era year and its western year are the same year."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_ERA_START = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "R": 2018, "H": 1988, "S": 1925}
_KANJI_DIGIT = {"元": 1, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = r"(?:\d{1,2}|元|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_ERA = rf"(?:(?P<era>令和|平成|昭和|大正)\s*(?P<n>{_NUMBER})|(?<![A-Za-z])(?P<era1>[RHS])\.?(?P<n1>\d{{1,2}})(?!\d))"
_WESTERN = r"(?<![\d,.])(?P<west>(?:18|19|20)\d{2})(?![\d,])"
_YEAR = rf"(?:{_ERA}|{_WESTERN})"
_TAIL = (
    r"(?:\s*[((](?:(?:令和|平成|昭和)?\s*\d{1,4}\s*年?)[))])?"
    r"\s*(?P<unit>年度|年)?"
    r"(?:\s*[((][^))]{0,12}[))](?:\s*(?P<unit2>年度))?)?"
    r"(?:\s*(?P<month>\d{1,2})\s*月(?:\s*(?P<day>\d{1,2})\s*日)?)?"
)
_DATED = re.compile(_YEAR + _TAIL)
_DOTTED = re.compile(rf"(?:{_ERA}|{_WESTERN})[./-](?P<month>\d{{1,2}})(?:[./-](?P<day>\d{{1,2}}))?(?!\d)")
_FISCAL_EN = re.compile(r"\b(?:FY|fiscal\s+(?:year\s+)?)\s*(?P<west>20\d{2})", re.I)


@dataclass(frozen=True, slots=True, order=True)
class YearMention:
    """A year that a text names. `year` is western. `fiscal`: 年度 (April to March). `start`/`end`: where, in NFKC."""

    year: int
    fiscal: bool
    month: int | None
    day: int | None
    start: int
    end: int

    def fiscal_year(self) -> int:
        """The 年度 that this date or year lies in (a bare year counts as its own 年度)."""
        if not self.fiscal and self.month is not None and self.month < 4:
            return self.year - 1
        return self.year


def kanji_number(text: str) -> int | None:
    """ "六" → 6, "十二" → 12, "元" → 1, "12" → 12; None if `text` is not such a number (0–99)."""
    if text.isdigit():
        return int(text)
    if text in _KANJI_DIGIT:
        return _KANJI_DIGIT[text]
    match = re.fullmatch(r"([一二三四五六七八九])?十([一二三四五六七八九])?", text)
    if not match:
        return None
    return _KANJI_DIGIT.get(match[1] or "一", 1) * 10 + _KANJI_DIGIT.get(match[2] or "", 0)


def years(text: str) -> list[YearMention]:
    """The years and dates named in `text`, in order of appearance, without overlaps."""
    text = unicodedata.normalize("NFKC", text)
    found: list[YearMention] = []
    for pattern in (_FISCAL_EN, _DOTTED, _DATED):
        for match in pattern.finditer(text):
            if any(match.start() < m.end and m.start < match.end() for m in found):
                continue
            mention = _mention(match, fiscal_always=pattern is _FISCAL_EN)
            if mention is not None:
                found.append(mention)
    return sorted(found, key=lambda m: m.start)


def _mention(match: re.Match[str], *, fiscal_always: bool) -> YearMention | None:
    groups = match.groupdict()
    if groups.get("west"):
        year = int(groups["west"])
    else:
        number = kanji_number(groups.get("n") or groups.get("n1") or "")
        era = groups.get("era") or groups.get("era1") or ""
        if number is None or era not in _ERA_START:
            return None
        year = _ERA_START[era] + number
    month = int(groups["month"]) if groups.get("month") else None
    day = int(groups["day"]) if groups.get("day") else None
    if month is not None and not 1 <= month <= 12:
        month = day = None
    fiscal = fiscal_always or groups.get("unit") == "年度" or groups.get("unit2") == "年度"
    return YearMention(year, fiscal, month, day, match.start(), match.end())


def fiscal_year(day: date) -> int:
    """The Japanese fiscal year (April to March) of `day`."""
    return day.year if day.month >= 4 else day.year - 1


def wareki(year: int, *, fiscal: bool = False) -> str:
    """2024 → "令和6年" (or "令和6年度"); the first year of an era is 元年."""
    unit = "年度" if fiscal else "年"
    for era in ("令和", "平成", "昭和"):
        if year > _ERA_START[era]:
            n = year - _ERA_START[era]
            return f"{era}{'元' if n == 1 else n}{unit}"
    return f"{year}{unit}"


def same_year(asked: YearMention, named: YearMention) -> bool:
    """Whether `named` is the year that `asked` means: months count where both have one, a date lies in its 年度."""
    if asked.month and named.month:
        return (asked.year, asked.month) == (named.year, named.month)
    if asked.fiscal:
        return asked.year == named.fiscal_year()
    if asked.month and named.fiscal:
        return asked.fiscal_year() == named.year
    return asked.year == named.year
