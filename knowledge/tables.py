"""CSV files of the knowledge data: read row by row, each error naming file, line, column and the expected form."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from knowledge.errors import DataError


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line`: its last line in the file, counted from 1. `cells`: column → text, stripped, never None."""

    path: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def required(self, column: str, form: str) -> str:
        """The cell's text; DataError where it is empty."""
        return self[column] or self.fail(column, form)

    def fail(self, column: str, form: str) -> NoReturn:
        """Raises DataError for this cell. `form`: what is expected, in words."""
        raise DataError(
            f"{self.path}, line {self.line}, column {column!r}: {self[column]!r} is not {form}; correct it."
        )


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of the UTF-8 CSV file `path` whose header is exactly `columns`, in order. Raises DataError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if header != list(columns):
                raise DataError(f"{path}, line 1: the header is {','.join(header)!r}; expected {','.join(columns)!r}.")
            return [_row(path, reader.line_num, columns, cells) for cells in reader if any(cells)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a table ({error}); save it as CSV in UTF-8.") from error


def _row(path: Path, line: int, columns: Sequence[str], cells: list[str]) -> Row:
    if len(cells) != len(columns):
        raise DataError(
            f"{path}, line {line}: {len(cells)} cells, expected {len(columns)} ({','.join(columns)}); "
            'put a text that holds a comma between " marks.'
        )
    return Row(path, line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)})
