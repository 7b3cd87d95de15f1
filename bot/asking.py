"""How people ask: the kinds of value and the words for them, read once from asking.toml."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Asked(StrEnum):
    """A kind of value that a question asks for and that evidence must hold."""

    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    MONEY = "money"
    PEOPLE = "people"
    PERCENT = "percent"
    COUNT = "count"
    LENGTH = "length"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    ADDRESS = "address"
    PERSON = "person"
    NAME = "name"
    VENUE = "venue"
    LIST = "list"
    DEFINITION = "definition"
    REASON = "reason"
    TARGET = "target"
    BASELINE = "baseline"


VALUE_KINDS = frozenset(
    {
        Asked.DATE, Asked.TIME, Asked.DURATION, Asked.MONEY, Asked.PEOPLE, Asked.PERCENT, Asked.COUNT, Asked.LENGTH,
        Asked.PHONE, Asked.EMAIL, Asked.URL, Asked.ADDRESS, Asked.TARGET, Asked.BASELINE, Asked.NAME,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """The patterns and words of asking.toml; patterns are for normalised text."""

    kinds: tuple[tuple[Asked, re.Pattern[str]], ...]
    counters: re.Pattern[str]
    ask_words: frozenset[str]
    generic: frozenset[str]
    roles: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]  # asked, told
    future: re.Pattern[str]
    future_told: re.Pattern[str]
    momentary: re.Pattern[str]


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


def _load() -> Asking:
    data = tomllib.loads(Path(__file__).with_name("asking.toml").read_text(encoding="utf-8"))
    counters = "|".join(data["counters"].split())
    return Asking(
        kinds=tuple(
            (Asked(kind), re.compile("|".join(patterns).replace("{counters}", counters), re.I))
            for kind, patterns in data["asks"].items()
        ),
        counters=re.compile(f"何({counters}|{'|'.join(data['other_counters'])})"),
        ask_words=frozenset(data["ask_words"].split()),
        generic=frozenset(data["generic"].split()),
        roles=tuple((_any(role["asked"]), _any(role["told"])) for role in data["roles"].values()),
        future=_any(data["future"]),
        future_told=_any(data["future_told"]),
        momentary=_any(data["momentary"]),
    )


ASKING = _load()
