"""DESKS_FILE → DeskPlan: which office is reached where, hours, days off, patience. All faults are named at once."""

import tomllib
from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar

from bot.calendar import BusinessCalendar, Hours
from bot.cases.desks import DeskPlan, destination
from bot.naming import office_name
from knowledge.directory import Directory
from knowledge.errors import SettingsError

T = TypeVar("T")

_DESTINATION = "console、slack:C…、telegram:-100…、telegram:-100…/topics"
_HOURS = '"8:45-17:30" のような時刻'
_TOP = ("fallback", "hours", "closed", "mark", "answer_days", "retention_days")
_PATIENCE = ("remind_after_hours", "escalate_after_hours", "hand_back_after_hours")
_DESK = ("office", "destination", "hours")


def load_desks(path: Path | None, directory: Directory) -> DeskPlan:
    """The plan of `path`; without a file every desk is the console. Raises SettingsError with a line per fault."""
    if path is None:
        return DeskPlan()
    reader = _Reader(directory)
    plan = reader.plan(_table(path))
    if reader.faults:
        raise SettingsError("\n".join(f"{path}: {fault}" for fault in reader.faults))
    return plan


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: 読めません({error.strerror})。DESKS_FILE の場所と権限を確かめてください。"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: UTF-8 の TOML として読めません({error})。") from None


class _Reader:
    """Reads what is right and remembers what is wrong."""

    def __init__(self, directory: Directory) -> None:
        self.faults: list[str] = []
        self._offices = {office_name(office): office for office in directory.offices}

    def plan(self, table: dict[str, Any]) -> DeskPlan:
        self._only_known(table, (*_TOP, *_PATIENCE, "desk"), "ファイルの先頭")
        found = DeskPlan()
        desks = table.get("desk", [])
        if not isinstance(desks, list) or not all(isinstance(desk, dict) for desk in desks):
            self.faults.append("窓口は [[desk]] の見出しの下に書いてください。")
            desks = []
        remind, escalate, hand_back = (self._number(table, key, float) for key in _PATIENCE)
        plan = DeskPlan(
            fallback=self._read("fallback", table, destination, _DESTINATION) or found.fallback,
            destinations=dict(self._destinations(desks)),
            calendar=self._calendar(table, desks),
            remind_after=remind or found.remind_after,
            escalate_after=escalate or max(found.escalate_after, 2 * (remind or 0)),
            hand_back_after=hand_back or found.hand_back_after,
            answer_days=self._number(table, "answer_days", int) or found.answer_days,
            mark=self._read("mark", table, lambda text: text.strip() or None, "空でない言葉") or found.mark,
            retention_days=self._number(table, "retention_days", int) or found.retention_days,
        )
        if plan.escalate_after <= plan.remind_after:
            self.faults.append("escalate_after_hours は remind_after_hours より大きくしてください。")
        return plan

    def _destinations(self, desks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        seen: set[str] = set()
        for desk in desks:
            self._only_known(desk, _DESK, f"[[desk]] {desk.get('office', '')}")
            office = self._office(desk)
            where = self._read("destination", desk, destination, _DESTINATION, needed=True)
            if office in seen:
                self.faults.append(f"[[desk]] {office} が二度あります。一つにしてください。")
            seen.add(office or "")
            if office and where:
                yield office, where

    def _office(self, desk: dict[str, Any]) -> str | None:
        """The full name of the office that a desk is for."""
        found = self._found(desk.get("office"))
        if found is None:
            self.faults.append(
                f"[[desk]] office = {desk.get('office')!r} は窓口の一覧にないか、課が一つに決まりません。"
                "`renkei contacts` で名前を確かめ、「小樽開発建設部 地域連携課」のように書いてください。"
            )
        return found

    def _found(self, given: object) -> str | None:
        """The office named `given`; its section may be left out where it has only one."""
        whole = [name for name in self._offices if name == given]
        found = whole or [name for name, office in self._offices.items() if office.name == given]
        return found[0] if len(found) == 1 else None

    def _calendar(self, table: dict[str, Any], desks: list[dict[str, Any]]) -> BusinessCalendar:
        own = {}
        for desk in desks:
            hours = self._read("hours", desk, _hours, _HOURS)
            office = next(
                (name for name in self._offices if desk.get("office") in (name, self._offices[name].name)), ""
            )
            if hours and office:
                own[office] = hours
        closed = table.get("closed", [])
        days = [_day(day) for day in closed] if isinstance(closed, list) else [None]
        if None in days:
            self.faults.append('closed は ["2026-08-13"] のような日付の並びにしてください。')
        return BusinessCalendar(
            default=self._read("hours", table, _hours, _HOURS) or Hours(),
            own=own,
            closed=frozenset(day for day in days if day),
        )

    def _read(
        self, key: str, table: dict[str, Any], read: Callable[[str], T | None], form: str, needed: bool = False
    ) -> T | None:
        given = table.get(key)
        if given is None and not needed:
            return None
        value = read(given) if isinstance(given, str) else None
        if value is None:
            whose = f"[[desk]] {table.get('office')} の " if "office" in table else ""
            self.faults.append(f"{whose}{key} の値が正しくありません。正しい形: {form}。")
        return value

    def _number(self, table: dict[str, Any], key: str, kind: type[T]) -> T | None:
        given = table.get(key)
        if given is None:
            return None
        right = isinstance(given, int if kind is int else (int, float)) and not isinstance(given, bool)
        if not right or not 0 < given <= 10_000:
            self.faults.append(f"{key} は 0 より大きい{'整数' if kind is int else '数'}(10000 まで)にしてください。")
            return None
        return kind(given)  # type: ignore[call-arg]

    def _only_known(self, table: dict[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in known:
                self.faults.append(f"{where}の {key} は知らない項目です。書けるのは {' '.join(known)} です。")


def _hours(text: str) -> Hours | None:
    """ "8:45-17:30" (also with 〜)."""
    opens, dash, closes = text.replace("〜", "-").replace("~", "-").partition("-")
    try:
        hours = Hours(_time(opens), _time(closes))
    except ValueError:
        return None
    return hours if dash and hours.opens < hours.closes else None


def _time(text: str) -> time:
    hour, minute = text.strip().split(":")
    return time(int(hour), int(minute))


def _day(given: Any) -> date | None:
    try:
        return given if type(given) is date else date.fromisoformat(given)
    except (TypeError, ValueError):
        return None
