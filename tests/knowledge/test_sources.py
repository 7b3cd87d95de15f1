"""Known original files are recognised by bytes, by text and by name; wrong rows are named precisely."""

import csv
import hashlib
import os
from pathlib import Path

import pytest

from knowledge.entities import Status
from knowledge.errors import DataError
from knowledge.sources import COLUMNS, Sources, text_digest

SEEDS = Path(os.environ.get("RENKEI_SHARED", Path(__file__).parents[3] / "shared")) / "seeds"
GOOD = {
    "id": "plan",
    "title": "計画",
    "publisher": "北海道",
    "date": "2025-03",
    "status": "current",
    "url": "https://example.jp/plan",
    "filename_hint": "plan.txt",
    "sha256": hashlib.sha256("計画 です\n".encode()).hexdigest(),
    "text_digest": text_digest("計画 です\n"),
    "digest": "doo-vision-sakutei.md",
    "source": "資料の本文",
}


def write(path: Path, *rows: dict[str, str], columns: list[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_bundled_rows_are_valid() -> None:
    rows = Sources.load().rows
    assert len(rows) >= 5
    assert {row.status for row in rows} == set(Status)
    assert all(row.successor for row in rows if row.status is Status.SUPERSEDED)


def test_found_by_bytes_text_and_name(tmp_path: Path) -> None:
    sources = Sources.load(write(tmp_path / "sources.csv", GOOD))
    other = "0" * 64
    assert sources.find("renamed.txt", GOOD["sha256"], "").id == "plan"  # type: ignore[union-attr]
    assert sources.find("renamed.txt", other, "\ufeff計画\r\nです").id == "plan"  # type: ignore[union-attr]
    assert sources.find("folder/plan.txt", other, "新しい本文").id == "plan"  # type: ignore[union-attr]
    assert sources.find("other.txt", other, "計画 でした") is None


def test_misread_lines_are_whole_lines_or_beginnings(tmp_path: Path) -> None:
    row = Sources.load(write(tmp_path / "sources.csv", GOOD | {"drop": "式典 | ( は、同じ… "})).rows[0]
    lines = ("式典", "  式典  ", "( は、同じ目標で", "記念式典", "式典を開いた", "", "は、同じ")
    assert [row.is_misread(line) for line in lines] == [True, True, True, False, False, False, False]
    assert not Sources.load(write(tmp_path / "none.csv", GOOD)).rows[0].is_misread("")


def test_unknown_values_are_none(tmp_path: Path) -> None:
    row = Sources.load(write(tmp_path / "sources.csv", GOOD | {"date": "", "url": ""})).rows[0]
    assert (row.date, row.url, row.region, row.successor) == (None, None, None, None)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", ""),
        ("title", ""),
        ("date", "令和7年"),
        ("date", "2025-13"),
        ("status", "old"),
        ("url", "http://example.jp/"),
        ("sha256", "12ab"),
        ("text_digest", "z" * 64),
        ("digest", "missing.md"),
        ("source", ""),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, column: str, value: str) -> None:
    path = write(tmp_path / "sources.csv", GOOD | {column: value})
    with pytest.raises(DataError, match=rf"sources\.csv 2 行目「{column}」列: .+ は使えません。正しい形: "):
        Sources.load(path)


def test_a_repeated_row_and_a_wrong_header_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"3 行目「id」列.* 2 行目"):
        Sources.load(write(tmp_path / "twice.csv", GOOD, GOOD))
    with pytest.raises(DataError, match=r"1 行目\(見出し\)"):
        Sources.load(write(tmp_path / "header.csv", GOOD, columns=COLUMNS[1:]))


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="UTF-8 の CSV で保存"):
        Sources.load(tmp_path / "nothing.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="UTF-8 の CSV で保存"):
        Sources.load(tmp_path / "binary.csv")


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the original files are not here (RENKEI_SHARED)")
def test_every_original_file_is_recognised_however_it_was_saved() -> None:
    sources = Sources.load()
    for path in sorted(SEEDS.glob("*.txt")):
        raw = path.read_bytes()
        text = raw.decode("utf-8")
        by_bytes = sources.find("a.txt", hashlib.sha256(raw).hexdigest(), text)
        assert by_bytes is not None
        assert by_bytes.filename_hint == path.name
        saved_anew = "\ufeff" + text.replace("\n", "\r\n")
        assert sources.find("a.txt", "0" * 64, saved_anew) is by_bytes
        assert sources.find(path.name, "0" * 64, "changed") is by_bytes
