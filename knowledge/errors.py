"""The errors of this project, one small tree. Each message says what is wrong and what to run or mend.

RenkeiError
├── DataError        a row or file of the bundled or local knowledge is wrong (file, line, column, expected form)
├── DocumentError    a source file cannot be indexed (why, and what to do)
├── StoreError       a generation is missing, damaged, foreign or locked (and the command that mends it)
├── ModelError       an embedding model cannot be loaded
└── SettingsError    a setting is missing or wrong (names the variable, never its value)
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

Row = TypeVar("Row")
Made = TypeVar("Made")


class RenkeiError(Exception):
    """Base of all errors that carry a message for a person."""


class DataError(RenkeiError):
    """A row or file of the knowledge data is wrong."""


class DocumentError(RenkeiError):
    """A source file cannot be read or indexed."""


class StoreError(RenkeiError):
    """A generation on disk is missing, damaged, foreign or locked."""


class ModelError(RenkeiError):
    """An embedding model cannot be loaded or does not fit."""


class SettingsError(RenkeiError):
    """A setting is missing or wrong."""


def made_of_all(make: Callable[[Row], Made], rows: Iterable[Row]) -> tuple[Made, ...]:
    """`make(row)` for each row, in order. One DataError names what is wrong with every row, a line each."""
    made: list[Made] = []
    complaints: list[str] = []
    for row in rows:
        try:
            made.append(make(row))
        except DataError as error:
            complaints.append(str(error))
    if complaints:
        raise DataError("\n".join(complaints))
    return tuple(made)
