"""Figures in a text, each with its unit, in a form that can be compared: 七千二百五十人 = 7,250名 = 0.725万人.

Dates and years are compared as dates: 令和7年2月18日 = 2025年2月18日 = 18 February 2025; 令和6年度 is not 令和6年.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from knowledge.wareki import YearMention, kanji_number, years

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12}
_KANJI = "〇一二三四五六七八九十百千万億亿兆"
_NUMBER = re.compile(rf"(?:\d[\d,]*(?:\.\d+)?|[{_KANJI}])(?:\s*[\d,]*(?:\.\d+)?[{_KANJI}]|(?<=[{_KANJI}])\d[\d,]*)*")
_MONTH_DAY = re.compile(r"(?<![\d.])(\d{1,2})\s*月(?:\s*(\d{1,2})\s*日)?|(?<=月)(\d{1,2})日")
_CLOCK = re.compile(r"(午前|午後|am|pm)?\s*(\d{1,2})(?:\s*時\s*(?:(\d{1,2})\s*分|(半))?|:(\d{2})(?!\d))", re.I)
_SCALED_HEAD = re.compile(r"[((](?:単位[::]?)?\s*(百|千|百万|億|万|十億)(円|人|名|t|トン|件)[))]")
_SHARES = re.compile(r"(\d+|[一二三四五六七八九])割(?:(\d|[一二三四五六七八九])分)?")
_FRACTION = re.compile(r"(\d+|[二三四五六七八九十])分の(\d+|[一二三四五六七八九十])")
_KANJI_DAY = re.compile(r"[一二三四五六七八九十]+(?=[月日時分](?![間の]))")
ANY = "*"
"""The unit of a number that stands without one: it may be any."""
OTHER = "?"
"""The unit of a number before a word that the table does not know: 14振興局 are 14, but no 14市."""
_WORD = re.compile(r"\s?[一-龥々ァ-ヴA-Za-z]")


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` with its `unit` as the table names it. `words`: as it stands in the text."""

    value: Decimal
    unit: str
    words: str


def unsupported_figures(sentence: str, evidence: str) -> list[str]:
    """The dates, times and figures of `sentence` that `evidence` does not hold, as they are written."""
    said, held = _read(sentence), _read(evidence)
    missing = [words for words, date in said.dates if not any(_same_date(words, date, *other) for other in held.dates)]
    missing += [words for words, day in said.days if not _has_day(day, held)]
    missing += [words for words, time in said.times if time not in {t for _, t in held.times}]
    units: dict[Decimal, set[str]] = {}
    for figure in held.figures:
        units.setdefault(figure.value, set()).add(figure.unit)
    for figure in said.figures:
        known = units.get(figure.value, set())
        if not (figure.unit in known or ANY in known or (figure.unit in (ANY, OTHER) and known)):
            missing.append(figure.words)
    return missing


def figures_of(text: str) -> Iterator[tuple[str, str, object]]:
    """The dates and figures of `text`: as written, of what kind (a date, a unit), and a value to compare."""
    read = _read(text)
    yield from ((words, "time", time) for words, time in read.times)
    yield from ((words, "date", (m.year, m.month, m.day)) for words, m in read.dates if m.month)
    yield from ((figure.words, figure.unit, figure.value) for figure in read.figures)


def dates_of(text: str) -> list[str]:
    """The years, days and dates of `text`, as they are written."""
    read = _read(text)
    return [words for words, _ in (*read.dates, *read.days)]


def years_of(text: str) -> Iterator[tuple[str, tuple[int | None, ...]]]:
    """The years and dates of `text`: as written, and (year, month, day)."""
    yield from ((words, (m.year, m.month, m.day)) for words, m in _read(text).dates)


class _Read:
    """The dates, days without a year, times of day and figures of a text; each character counts for one of them."""

    def __init__(self, text: str) -> None:
        rest = _english_dates(unicodedata.normalize("NFKC", text))
        rest = re.sub(r"(?<=[^\x00-\x7f]) +(?=\d)|(?<=\d) +(?=[^\x00-\x7f])", "", rest)
        rest = _KANJI_DAY.sub(lambda m: str(kanji_number(m[0]) or m[0]), rest)
        scales = {(m[1], m[2]) for m in _SCALED_HEAD.finditer(rest)}
        self.dates: list[tuple[str, YearMention]] = []
        for mention in years(rest):
            words = rest[mention.start : mention.end]
            if not _counts_things(rest, mention):
                self.dates.append((words, mention))
                rest = rest[: mention.start] + "\0" * len(words) + rest[mention.end :]
        self.days: list[tuple[str, tuple[int, int | None]]] = []
        month = 0
        for match in _MONTH_DAY.finditer(rest):
            month = int(match[1]) if match[1] else month
            self.days.append((match[0], (month, int(match[2] or match[3] or 0) or None)))
        rest = _blank(_MONTH_DAY, rest)
        self.times = [
            (match[0], _time(match)) for match in _CLOCK.finditer(rest) if not rest[match.end() :].startswith("間")
        ]
        for match in reversed(list(_CLOCK.finditer(rest))):
            if not rest[match.end() :].startswith("間"):
                rest = rest[: match.start()] + "\0" * len(match[0]) + rest[match.end() :]
        self.figures = list(_figures(rest, scales))


@lru_cache(maxsize=2048)
def _read(text: str) -> _Read:
    return _Read(text)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda m: "\0" * len(m[0]), text)


def _counts_things(text: str, mention: YearMention) -> bool:
    """Whether 2000 is no year: 「2000人」「2000.5万人」."""
    words, rest = text[mention.start : mention.end], text[mention.end :]
    if not re.fullmatch(r"\d{4}(?:\.\d+)?", words):
        return False
    return bool(re.match(r"\.\d|[十百千万億兆]", rest)) or _unit_at(text, mention.end) not in (ANY, "年")


def _same_date(said_words: str, said: YearMention, held_words: str, held: YearMention) -> bool:
    if said.year != held.year or (said.month and said.month != held.month) or (said.day and said.day != held.day):
        return False
    if said.fiscal == held.fiscal or said.month:
        return True
    # of the two, the one that is no 年度: R6 alone may mean either, 令和6年 may not
    return not held.month and "年" not in (held_words if said.fiscal else said_words)


def _has_day(day: tuple[int, int | None], held: _Read) -> bool:
    known = {d for _, d in held.days} | {(m.month, m.day) for _, m in held.dates if m.month}
    return day in known or (day[1] is None and any(month == day[0] for month, _ in known))


def _time(match: re.Match[str]) -> tuple[int, int]:
    hour, minute = int(match[2]), 30 if match[4] else int(match[3] or match[5] or 0)
    half = (match[1] or "").lower()
    return hour + 12 if half in ("午後", "pm") and hour < 12 else hour, minute


def _figures(text: str, scales: set[tuple[str, str]]) -> Iterator[Figure]:
    for match in _FRACTION.finditer(text):
        yield Figure(Decimal(f"{_value(match[2])}") / (_value(match[1]) or 1), "分の", match[0])
    text = _blank(_FRACTION, text)
    for match in _SHARES.finditer(text):
        share = 10 * (_value(match[1]) or 0) + (_value(match[2] or "〇") or 0)
        yield Figure(Decimal(share), "%", match[0])
    text = _blank(_SHARES, text)
    for match in _NUMBER.finditer(text):
        value, unit = _value(match[0].replace(" ", "")), _unit_at(text, match.end())
        if value is None or (match[0][0] in _KANJI and not _is_number(match[0], unit)):
            continue
        value, unit = _english_scale(text, match.end(), value, unit)
        if text[: match.start()].rstrip().endswith("第") and unit != ANY:
            unit = "第" + unit
        if unit == ANY and scales:  # 7,250 in a column that is headed (千人)
            for scale, counted in scales:
                yield Figure(value * (_value(scale) or 1), _unit_at(counted, 0), match[0])
            yield Figure(value, "", match[0])
        elif unit == ANY and _WORD.match(text, match.end()):
            yield Figure(value, OTHER, match[0])
        else:
            yield Figure(value, unit, text[match.start() : match.end() + _unit_length(text, match.end())])
    for word, number in _words().items():
        for found in re.finditer(rf"\b{word}\b", text, re.I):
            value, unit = _english_scale(text, found.end(), Decimal(number), _unit_at(text, found.end()))
            yield Figure(value, unit, word)


def _is_number(run: str, unit: str) -> bool:
    """Kanji digits are a number before a unit, or where there are several: 二次 is one, the 千 of 千歳 is none."""
    return unit != ANY or (len(run) > 1 and any(c in _KANJI[:10] for c in run) and any(c in _KANJI[10:] for c in run))


def _value(run: str) -> Decimal | None:
    """ "7,250" "七千二百五十" "1億2,000万" "0.725万" "二〇二五" → the number; None for what is none."""
    total = part = Decimal(0)
    digits = ""
    for c in run.replace(",", ""):
        if c.isdigit() or c == ".":
            digits += c
        elif c in _DIGITS:
            digits += str(_DIGITS[c])
        elif c in _SMALL:
            part += (Decimal(digits) if digits else 1) * _SMALL[c]
            digits = ""
        else:
            part += Decimal(digits) if digits else 0
            total += (part or 1) * _LARGE[c]
            part, digits = Decimal(0), ""
    try:
        return total + part + (Decimal(digits) if digits else 0)
    except ArithmeticError:
        return None


def _unit_at(text: str, start: int) -> str:
    rest = text[start : start + 16].lstrip(" ").lower()
    for written, unit in _units():
        if rest.startswith(written) and not (written[-1].islower() and re.match("[a-z]", rest[len(written) :])):
            return unit
    return ANY


def _unit_length(text: str, start: int) -> int:
    """Characters of the unit at `start` with the space before it; 0 where there is none."""
    rest = text[start : start + 16]
    plain = rest.lstrip(" ").lower()
    written = next((w for w, unit in _units() if plain.startswith(w) and unit == _unit_at(text, start)), "")
    return len(rest) - len(rest.lstrip(" ")) + len(written) if written else 0


def _english_scale(text: str, end: int, value: Decimal, unit: str) -> tuple[Decimal, str]:
    match = re.match(r"\s*(thousand|million|billion)\b", text[end : end + 12].lower())
    if not match:
        return value, unit
    return value * int(tables()["scales"][match[1]]), _unit_at(text, end + match.end())


def _english_dates(text: str) -> str:
    """18 February 2025, February 18, 2025 and February 2025 as 2025年2月18日."""
    months = tables()["months"]
    names = "|".join(months)
    text = re.sub(
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({names})\b(?:,?\s+(\d{{4}}))?",
        lambda m: f"{m[3] + '年' if m[3] else ''}{months[m[2].lower()]}月{m[1]}日",
        text,
        flags=re.I,
    )
    text = re.sub(
        rf"\b({names})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?",
        lambda m: f"{m[3] + '年' if m[3] else ''}{months[m[1].lower()]}月{m[2]}日",
        text,
        flags=re.I,
    )
    return re.sub(rf"\b({names})\s+(\d{{4}})\b", lambda m: f"{m[2]}年{months[m[1].lower()]}月", text, flags=re.I)


@cache
def tables() -> dict[str, Any]:
    """The words of `grounding.toml`."""
    return tomllib.loads(Path(__file__).with_name("grounding.toml").read_text(encoding="utf-8"))


@cache
def _units() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(tables()["units"].items(), key=lambda pair: -len(pair[0])))


@cache
def _words() -> dict[str, int]:
    return dict(tables()["number_words"])
