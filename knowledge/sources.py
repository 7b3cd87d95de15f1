"""Known original files: their title, date and standing when one of them is indexed as it came."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from knowledge.entities import Status
from knowledge.errors import DataError, made_of_all
from knowledge.tables import Row, read_table
from knowledge.text import compact

COLUMNS = (
    "id,title,publisher,region,date,status,successor,url,filename_hint,sha256,text_digest,digest,note,source,as_of"
).split(",")
_FOLDER = Path(__file__).parent
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A known original. `sha256`: of its bytes; `text_digest`: see the function; `digest`: its digest's file name."""

    id: str
    title: str
    publisher: str
    region: str | None
    date: str | None
    status: Status
    successor: str | None
    url: str | None
    filename_hint: str | None
    sha256: str
    text_digest: str
    digest: str
    note: str | None
    source: str
    as_of: str | None


class Sources:
    """The rows of sources.csv."""

    def __init__(self, rows: Iterable[SourceRow]) -> None:
        self.rows = tuple(rows)

    @classmethod
    def load(cls, path: Path | None = None) -> "Sources":
        """The bundled rows, or those of `path`. Raises DataError naming file, line, column and the expected form."""
        table = read_table(path or _FOLDER / "directory" / "sources.csv", COLUMNS)
        _check_unique(table, ("id", "sha256", "text_digest"))
        return cls(made_of_all(_source, table))

    def find(self, filename: str, sha256: str, text: str) -> SourceRow | None:
        """The row of this very file: the same bytes, else the same text in another encoding, else the same name."""
        name, same_text = PurePath(filename).name, text_digest(text)
        return (
            next((row for row in self.rows if row.sha256 == sha256.lower()), None)
            or next((row for row in self.rows if row.text_digest == same_text), None)
            or next((row for row in self.rows if row.filename_hint == name), None)
        )


def text_digest(text: str) -> str:
    """SHA-256 (hexadecimal) of `text` in NFKC without white space and byte order mark: equal in every encoding."""
    return hashlib.sha256(compact(text.removeprefix("\ufeff")).encode()).hexdigest()


def _source(row: Row) -> SourceRow:
    date = row["date"] or None
    if date and not _DATE.fullmatch(date):
        row.fail("date", "a date like 2025-03-31, 2025-03 or 2025 (empty where unknown)")
    if row["status"] not in set(Status):
        row.fail("status", f"one of {', '.join(Status)}")
    if row["url"] and not row["url"].startswith("https://"):
        row.fail("url", "an address that begins with https:// (empty where unknown)")
    for column in ("sha256", "text_digest"):
        if not _SHA256.fullmatch(row[column]):
            row.fail(column, "64 hexadecimal digits in lower case")
    return SourceRow(
        id=row.required("id", "a short name of the source"),
        title=row.required("title", "the document's title"),
        publisher=row.required("publisher", "who published the document"),
        region=row["region"] or None,
        date=date,
        status=Status(row["status"]),
        successor=row["successor"] or None,
        url=row["url"] or None,
        filename_hint=row["filename_hint"] or None,
        sha256=row["sha256"],
        text_digest=row["text_digest"],
        digest=_digest(row),
        note=row["note"] or None,
        source=row.required("source", "where the row is taken from"),
        as_of=row["as_of"] or None,
    )


def _digest(row: Row) -> str:
    name = row.required("digest", "the name of a file in knowledge/documents")
    if not (_FOLDER / "documents" / PurePath(name).name).is_file():
        row.fail("digest", "the name of a file in knowledge/documents")
    return name


def _check_unique(table: list[Row], columns: Iterable[str]) -> None:
    for column in columns:
        seen: dict[str, int] = {}
        for row in table:
            if (first := seen.setdefault(row[column], row.line)) != row.line:
                raise DataError(
                    f"{row.path}, line {row.line}, column {column!r}: {row[column]!r} stands in line {first} too; "
                    "expected one row for each source."
                )
