"""Answers that an office wrote itself: DATA_DIR/curated.csv, loaded and checked. None are bundled."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from knowledge.directory import Directory
from knowledge.entities import Office
from knowledge.tables import Row, at, made_of_all, read_table
from knowledge.text import matchable

FILE = "curated.csv"
COLUMNS = "question variants answer owner expires source as_of".split()
_NEEDED = "question answer owner as_of".split()
_DAY_FORM = "2025-03-31 のような実在の日付"
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class CuratedAnswer:
    """A question with its variants and the office's own answer, valid through `expires` (None: without end).

    `source`: the address of a page, if there is one. `as_of`: the day of the answer. `line`: in the file."""

    question: str
    variants: tuple[str, ...]
    answer: str
    owner: Office
    expires: date | None
    source: str | None
    as_of: date
    line: int

    def expired(self, today: date) -> bool:
        return self.expires is not None and self.expires < today


def load_curated(data_dir: Path | None, directory: Directory) -> tuple[CuratedAnswer, ...]:
    """The rows of `data_dir`/curated.csv, expired ones too; none where there is no file.

    Raises DataError naming every bad row: a question without words or asked twice, an empty answer, an owner that
    `directory` does not have, a day that does not exist.
    """
    path = data_dir / FILE if data_dir else None
    if path is None or not path.exists():
        return ()
    owners = {form_of(f"{office.name}{office.section}"): office for office in directory.offices}
    return made_of_all(lambda row: _curated(row, owners), _once(read_table(path, COLUMNS, _NEEDED)))


def expired_rows(data_dir: Path, curated: tuple[CuratedAnswer, ...], today: date) -> list[str]:
    """A line for each row that is no longer used, with what to do."""
    where = data_dir / FILE
    return [
        f"{at(where, row.line, 'expires')}: 期限({row.expires})を過ぎたため使いません。"
        "答えを確かめて期限を延ばすか、行を消してください。"
        for row in curated
        if row.expired(today)
    ]


def form_of(text: str) -> str:
    """`text` as two questions are compared: one spelling, letters and digits only."""
    return "".join(_WORD.findall(matchable(text)))


def _curated(row: Row, owners: Mapping[str, Office]) -> CuratedAnswer:
    if not form_of(row["question"]):
        raise row.fail("question", "質問の文")
    owner = owners.get(form_of(row.required("owner")))
    if owner is None:
        raise row.fail("owner", "offices.csv にある窓口の名前と課名(例: 小樽開発建設部 地域連携課)")
    return CuratedAnswer(
        question=row["question"],
        variants=row.items("variants"),
        answer=row.required("answer", "答えの文"),
        owner=owner,
        expires=_day(row, "expires") if row["expires"] else None,
        source=row.url("source"),
        as_of=_day(row, "as_of"),
        line=row.line,
    )


def _day(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(row.required(column, _DAY_FORM))
    except ValueError as error:
        raise row.fail(column, _DAY_FORM) from error


def _once(table: Iterable[Row]) -> Iterator[Row]:
    """The rows; one that asks what an earlier one asks, in its question or a variant, carries that as its problem."""
    asked: dict[str, int] = {}
    for row in table:
        problem = row.problem
        for written in (row["question"], *row.items("variants")):
            first = asked.setdefault(form_of(written), row.line)
            if first != row.line and problem is None:
                where = at(row.path, row.line, "question")
                problem = f"{where}: {written!r} は {first} 行目にもあります。正しい形: 一つの質問は一行だけ"
        yield replace(row, problem=problem)
