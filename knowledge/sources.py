"""Known original files: their title, date and standing when one of them is indexed as it came."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path, PurePath

from knowledge.entities import Status
from knowledge.tables import Row, made_of_all, read_table, unique
from knowledge.text import compact

COLUMNS = (
    "id,title,publisher,region,date,status,successor,url,filename_hint,sha256,text_digest,digest,drop,note,source,as_of"
).split(",")
_FOLDER = Path(__file__).parent
_HTTPS = re.compile(r"https://\S+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A known original. `sha256`: of its bytes; `text_digest`: see the function; `digest`: its digest's file name.

    `drop`: lines of it that a machine misread beyond all doubt, whole, or the beginning with … behind it.
    """

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
    drop: tuple[str, ...]
    note: str | None
    source: str
    as_of: str | None

    def is_misread(self, line: str) -> bool:
        text = line.strip()
        return any(text.startswith(item[:-1]) if item.endswith("…") else text == item for item in self.drop)


class Sources:
    """The rows of sources.csv."""

    def __init__(self, rows: Iterable[SourceRow]) -> None:
        self.rows = tuple(rows)

    @classmethod
    def load(cls, path: Path | None = None) -> "Sources":
        """The bundled rows, or those of `path`. Raises DataError naming file, line, column and the expected form."""
        table = read_table(path or _FOLDER / "directory" / "sources.csv", COLUMNS)
        for column in ("id", "sha256", "text_digest"):
            table = unique(table, itemgetter(column), column, "同じ資料は 1 行だけ")
        return cls(made_of_all(_source, table))

    def find(self, filename: str, sha256: str, text: str) -> SourceRow | None:
        """The row of this very file: the same bytes, else the same text in another encoding, else the same name."""
        name = PurePath(filename).name
        return self.find_same(sha256, text) or next((row for row in self.rows if row.filename_hint == name), None)

    def find_same(self, sha256: str, text: str) -> SourceRow | None:
        """The row of the same bytes, else of the same text in another encoding."""
        same_text = text_digest(text)
        return next((row for row in self.rows if row.sha256 == sha256.lower()), None) or next(
            (row for row in self.rows if row.text_digest == same_text), None
        )


def text_digest(text: str) -> str:
    """SHA-256 (hexadecimal) of `text` in NFKC without white space and byte order mark: equal in every encoding."""
    return hashlib.sha256(compact(text.removeprefix("\ufeff")).encode()).hexdigest()


def _source(row: Row) -> SourceRow:
    return SourceRow(
        id=row.required("id", "資料の短い名前"),
        title=row.required("title", "文書の題名"),
        publisher=row.required("publisher", "発行者"),
        region=row["region"] or None,
        date=row.as_of("date"),
        status=Status(row.choice("status", set(Status))),
        successor=row["successor"] or None,
        url=row.form("url", _HTTPS, "https:// で始まるアドレス(不明なら空欄)"),
        filename_hint=row["filename_hint"] or None,
        sha256=_digest(row, "sha256"),
        text_digest=_digest(row, "text_digest"),
        digest=_file_name(row),
        drop=row.items("drop", " | "),
        note=row["note"] or None,
        source=row.required("source", "この行の出典"),
        as_of=row.as_of(),
    )


def _digest(row: Row, column: str) -> str:
    form = "小文字の 16 進数 64 桁"
    return row.form(column, _SHA256, form) or row.required(column, form)


def _file_name(row: Row) -> str:
    name = row.required("digest", "knowledge/documents にあるファイルの名前")
    if not (_FOLDER / "documents" / PurePath(name).name).is_file():
        raise row.fail("digest", "knowledge/documents にあるファイルの名前")
    return name
