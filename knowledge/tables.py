"""CSV files of the knowledge data: read row by row, each error naming file, line, column and the expected form.

What is wrong with a row as a whole (its number of cells, its repetition) is kept in it, so that `made_of_all` names
every bad row at once.
"""

import csv
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from knowledge.errors import DataError

Made = TypeVar("Made")

AS_OF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_URL = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line`: its last line in the file, counted from 1. `cells`: column → text, stripped; a column that the
    file leaves out reads as "". `problem`: what is wrong with the row as a whole, None where nothing is."""

    path: Path
    line: int
    cells: Mapping[str, str]
    problem: str | None = None

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def fail(self, column: str, form: str) -> DataError:
        """The error that names file, line, column, what stands there and what is expected (`form`, in words)."""
        found = repr(self[column]) if self[column] else "空欄"
        return DataError(f"{at(self.path, self.line, column)}: {found} は使えません。正しい形: {form}")

    def required(self, column: str, form: str = "空欄でない値") -> str:
        """The cell's text; DataError where it is empty."""
        if not self[column]:
            raise self.fail(column, form)
        return self[column]

    def choice(self, column: str, allowed: Collection[str]) -> str:
        if self[column] not in allowed:
            raise self.fail(column, " ".join(sorted(a for a in allowed if a)) + " のどれか")
        return self[column]

    def form(self, column: str, pattern: re.Pattern[str], form: str) -> str | None:
        """The cell if it has the form, None if it is empty."""
        if self[column] and not pattern.fullmatch(self[column]):
            raise self.fail(column, form)
        return self[column] or None

    def url(self, column: str) -> str | None:
        return self.form(column, _URL, "https:// で始まるアドレス、または空欄")

    def as_of(self, column: str = "as_of") -> str | None:
        """An existing day, month or year in ISO 8601."""
        expected = "2025-03-31、2025-03、2025 のような日付"
        value = self.form(column, AS_OF, expected)
        try:
            if value:
                date.fromisoformat(f"{value}-01-01"[:10])
        except ValueError as error:
            raise self.fail(column, expected) from error
        return value

    def items(self, column: str, separator: str = "|") -> tuple[str, ...]:
        return tuple(item.strip() for item in self[column].split(separator) if item.strip())


def at(path: Path, line: int, column: str | None = None) -> str:
    """Where in a file, in words: every message about a cell begins so."""
    return f"{path} {line} 行目" + (f"「{column}」列" if column else "")


def read_table(path: Path, columns: Sequence[str], needed: Collection[str] | None = None) -> list[Row]:
    """The rows of a UTF-8 CSV file in order, empty lines left out.

    Its header names some of `columns`, each once, and all `needed` ones (None: all). Raises DataError for a file that
    cannot be read and for a wrong header; a row of another length than the header carries its problem.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            _check_header(path, header, columns, columns if needed is None else needed)
            return [_row(path, reader.line_num, header, cells) for cells in reader if any(cells)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} を表として読めません({error})。UTF-8 の CSV で保存してください。") from error


def _check_header(path: Path, header: Sequence[str], columns: Sequence[str], needed: Collection[str]) -> None:
    complaints = [f"「{column}」列がありません" for column in needed if column not in header]
    complaints += [f"「{column}」列は知らない列です" for column in header if column not in columns]
    complaints += [f"「{column}」列が二つあります" for column in columns if header.count(column) > 1]
    if complaints:
        raise DataError(f"{at(path, 1)}(見出し): {'、'.join(complaints)}。正しい見出し: {','.join(columns)}")


def _row(path: Path, line: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    problem = None
    if len(cells) != len(header):
        what = "多すぎます" if len(cells) > len(header) else "足りません"
        problem = f'{at(path, line)}: 値が {len(cells)} 個で{what}(列は {len(header)})。コンマを含む値は " で囲みます。'
    return Row(path, line, {column: cell.strip() for column, cell in zip(header, cells, strict=False)}, problem)


def unique(rows: Iterable[Row], key: Callable[[Row], Hashable], column: str, rule: str) -> list[Row]:
    """`rows`; one whose `key` stood in an earlier one carries that as its problem. `rule`: what is expected."""
    seen: dict[Hashable, int] = {}
    checked: list[Row] = []
    for row in rows:
        first = seen.setdefault(key(row), row.line)
        if first != row.line and row.problem is None:
            where = at(row.path, row.line, column)
            row = replace(row, problem=f"{where}: {row[column]!r} は {first} 行目にもあります。正しい形: {rule}")
        checked.append(row)
    return checked


def overlay(bundled: Iterable[Row], own: Iterable[Row], key: Sequence[str]) -> list[Row]:
    """`bundled` with each row replaced by the own row of the same key; further own rows follow.

    Rows with a problem replace nothing and are replaced by nothing: they stay to be named.
    """
    rows: dict[Hashable, Row] = {}
    for table in (bundled, own):
        for row in unique(table, lambda row: _key(row, key), key[0], f"{' と '.join(key)} の同じ行は一つだけ"):
            rows[(row.path, row.line) if row.problem else _key(row, key)] = row
    return list(rows.values())


def _key(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(row[column] for column in columns)


def made_of_all(make: Callable[[Row], Made], rows: Iterable[Row]) -> tuple[Made, ...]:
    """`make(row)` for each row, in order. One DataError names what is wrong with every row, a line each."""
    made: list[Made] = []
    complaints: list[str] = []
    for row in rows:
        try:
            if row.problem:
                raise DataError(row.problem)
            made.append(make(row))
        except DataError as error:
            complaints.append(str(error))
    if complaints:
        raise DataError("\n".join(complaints))
    return tuple(made)
