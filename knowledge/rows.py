"""Rows of the directory's CSV files: read, checked cell by cell, overridden by an office's own rows."""

import csv
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.entities import Elsewhere, Level, Municipality, Office, OtherPhone, Place, Project
from knowledge.errors import DataError

OFFICE_COLUMNS = (
    "name section level phone other_phones email postal address hours url fallback_url municipality aliases note "
    "source as_of verified"
).split()
MUNICIPALITY_COLUMNS = "code name kana romaji district subprefecture bureaus area note source as_of".split()
PLACE_COLUMNS = "name kana aliases kind municipalities rule source as_of".split()
ELSEWHERE_COLUMNS = "code prefecture name kana aliases rule source as_of".split()
PROJECT_COLUMNS = (
    "name area lead partners period status measures kpi unit baseline baseline_year target target_year contact "
    "source as_of"
).split()
PLACE_KINDS = frozenset(
    "short former ward district subprefecture bureau region territory name landmark park lake river mountain cape "
    "island spa ski airport port station railway road facility".split()
)
RULES = frozenset(("", "locative", "suffix", "kana", "old", "elsewhere"))

_PHONE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_POSTAL = re.compile(r"\d{3}-\d{4}")
_AS_OF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_KANA = re.compile(r"[ぁ-ゖー0-9A-Za-z・&]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a CSV file with its place in it. A missing cell reads as ""."""

    file: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def fail(self, column: str, expected: str) -> DataError:
        """The error that names file, line, column, what stands there and what is expected."""
        found = self[column] or "(empty)"
        return DataError(f"{self.file}, line {self.line}, column '{column}': {found}; expected {expected}")

    def required(self, column: str) -> str:
        if not self[column]:
            raise self.fail(column, "a value")
        return self[column]

    def choice(self, column: str, allowed: Collection[str]) -> str:
        if self[column] not in allowed:
            raise self.fail(column, "one of " + " ".join(sorted(a for a in allowed if a)))
        return self[column]

    def form(self, column: str, pattern: re.Pattern[str], expected: str) -> str | None:
        """The cell if it has the form, None if it is empty."""
        if self[column] and not pattern.fullmatch(self[column]):
            raise self.fail(column, expected)
        return self[column] or None

    def phone(self, column: str) -> str | None:
        return self.form(column, _PHONE, "a phone number such as 011-000-0000, or nothing")

    def url(self, column: str) -> str | None:
        return self.form(column, re.compile(r"https?://\S+"), "an address that begins with https://, or nothing")

    def as_of(self, column: str = "as_of") -> str | None:
        """An existing day, month or year in ISO 8601."""
        expected = "a date such as 2025-03-31, 2025-03 or 2025"
        value = self.form(column, _AS_OF, expected)
        try:
            if value:
                date.fromisoformat(f"{value}-01-01"[:10])
        except ValueError as error:
            raise self.fail(column, expected) from error
        return value

    def items(self, column: str, separator: str = "|") -> tuple[str, ...]:
        return tuple(item.strip() for item in self[column].split(separator) if item.strip())


def read_rows(path: Path, columns: Sequence[str], needed: Collection[str]) -> list[Row]:
    """The rows of a UTF-8 CSV file in order. Columns in `needed` must be in its header, others may be left out.

    Raises DataError for a file that cannot be read, an unknown or missing column, and a row with too many cells.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(path, reader.fieldnames or (), columns, needed)
            return [_row(path, reader.line_num, cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error}); expected a CSV file saved as UTF-8") from error


def _check_header(path: Path, names: Sequence[str], columns: Sequence[str], needed: Collection[str]) -> None:
    expected = f"expected the header {','.join(columns)}"
    for column in needed:
        if column not in names:
            raise DataError(f"{path}, line 1: column '{column}' is missing; {expected}")
    for name in names:
        if name not in columns:
            raise DataError(f"{path}, line 1: unknown column '{name}'; {expected}")


def _row(path: Path, line: int, cells: Mapping[str | None, str | list[str] | None]) -> Row:
    if None in cells:
        raise DataError(f"{path}, line {line}: more cells than columns; expected commas inside a cell in quotes")
    return Row(path, line, {str(name): str(cell or "").strip() for name, cell in cells.items()})


def overlay(bundled: Iterable[Row], own: Iterable[Row], key: Sequence[str]) -> list[Row]:
    """`bundled` with each row replaced by the own row of the same key; further own rows follow.

    Raises DataError where a key stands twice in one of them.
    """
    rows = _by_key(bundled, key)
    rows.update(_by_key(own, key))
    return list(rows.values())


def _by_key(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple[str, ...], Row]:
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        row.required(key[0])
        value = tuple(row[column] for column in key)
        if value in found:
            raise row.fail(key[0], f"each {' and '.join(key)} once (first in line {found[value].line})")
        found[value] = row
    return found


def office(row: Row, municipalities: Collection[str]) -> Office:
    """An Office; its `url` is the section's page, else the front page of its organisation. A city hall may stand
    without a section."""
    level = Level(row.choice("level", [level.value for level in Level]))
    if row["municipality"]:
        row.choice("municipality", municipalities)
    return Office(
        name=row.required("name"),
        section=row["section"] if level is Level.CITY else row.required("section"),
        level=level,
        phone=row.phone("phone"),
        other_phones=tuple(_other_phone(row, item) for item in row.items("other_phones", ";")),
        email=row.form("email", _EMAIL, "a mail address, or nothing"),
        postal=row.form("postal", _POSTAL, "a postal code such as 060-0000, or nothing"),
        address=row["address"] or None,
        hours=row["hours"] or None,
        url=row.url("url") or row.url("fallback_url"),
        source=row.required("source"),
        as_of=row.as_of(),
        verified=row.choice("verified", ("yes", "no")) == "yes",
        note=row["note"] or None,
    )


def _other_phone(row: Row, item: str) -> OtherPhone:
    expected = "phone|source|date, several separated by ';' (such as 011-000-0000|official page|2025-03)"
    parts = [part.strip() for part in item.split("|")]
    if len(parts) != 3 or not _PHONE.fullmatch(parts[0]) or not parts[1] or not _AS_OF.fullmatch(parts[2]):
        raise row.fail("other_phones", expected)
    return OtherPhone(*parts)


def municipality(row: Row) -> Municipality:
    bureaus = row.items("bureaus")
    if not bureaus:
        raise row.fail("bureaus", "one or more 開発建設部 separated by '|'")
    row.required("source")
    row.as_of()
    code = row.form("code", re.compile(r"01\d{4}"), "a six-digit code that begins with 01") or row.required("code")
    return Municipality(
        code=code,
        name=row.form("name", re.compile(r".+[市町村]"), "a name that ends in 市, 町 or 村") or row.required("name"),
        kana=row.form("kana", _KANA, "hiragana") or row.required("kana"),
        romaji=row.required("romaji"),
        district=row["district"] or None,
        subprefecture=row.required("subprefecture"),
        bureaus=bureaus,
        area=row.required("area"),
        note=row["note"] or None,
    )


def place(row: Row, municipalities: Mapping[str, tuple[Municipality, ...]]) -> Place:
    """A Place. `municipalities`: name → itself, and "@" + 郡, 振興局, 開発建設部 or 連携地域 → its members."""
    kind = row.choice("kind", PLACE_KINDS)
    members: dict[str, Municipality] = {}
    for item in row.items("municipalities"):
        if item not in municipalities:
            raise row.fail("municipalities", f"names of municipalities of Hokkaido, or @ and an area; not {item}")
        members.update((member.code, member) for member in municipalities[item])
    if not members and kind not in ("territory", "name"):
        raise row.fail("municipalities", "at least one municipality")
    return Place(
        name=row.required("name"),
        kana=row.form("kana", _KANA, "hiragana") or "",
        aliases=row.items("aliases"),
        kind=kind,
        municipalities=tuple(members.values()),
        rule=row.choice("rule", RULES),
        source=row.required("source"),
        as_of=row.as_of() or row.required("as_of"),
    )


def elsewhere(row: Row) -> Elsewhere:
    return Elsewhere(
        code=row.form("code", re.compile(r"\d{6}"), "a six-digit code") or row.required("code"),
        prefecture=row.required("prefecture"),
        name=row.required("name"),
        kana=row.form("kana", _KANA, "hiragana") or row.required("kana"),
        aliases=row.items("aliases"),
        rule=row.choice("rule", RULES),
        source=row.required("source"),
        as_of=row.as_of() or row.required("as_of"),
    )


def project(row: Row) -> Project:
    row.required("name")
    row.required("source")
    row.as_of()
    return Project(**{column: row[column] for column in PROJECT_COLUMNS})
