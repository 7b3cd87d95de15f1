"""curated.csv: loaded, every bad row named, expired rows told."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.curated import COLUMNS, expired_rows, load_curated
from knowledge.directory import Directory
from knowledge.errors import DataError

DIRECTORY = Directory.load()
OWNER = "小樽開発建設部 地域連携課"
GOOD = f"朝市はいつですか,朝市の日は|朝市の開催日は,毎週日曜です。,{OWNER},2027-03-31,https://example.jp/asaichi,2026-06-01"


def written(folder: Path, *rows: str) -> Path:
    (folder / "curated.csv").write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    return folder


def test_a_row_is_read(tmp_path):
    (row,) = load_curated(written(tmp_path, GOOD), DIRECTORY)
    assert (row.question, row.variants) == ("朝市はいつですか", ("朝市の日は", "朝市の開催日は"))
    assert row.owner == DIRECTORY.bureau_office("小樽開発建設部")
    assert (row.expires, row.as_of, row.line) == (date(2027, 3, 31), date(2026, 6, 1), 2)
    assert row.source == "https://example.jp/asaichi"


def test_expires_variants_and_source_may_be_empty_and_an_owner_written_without_a_space(tmp_path):
    row = f"駐車場はありますか,,あります。,{OWNER.replace(' ', '')},,,2026-06-01"
    (read,) = load_curated(written(tmp_path, row), DIRECTORY)
    assert (read.variants, read.expires, read.source) == ((), None, None)


@pytest.mark.parametrize("folder", [None, "empty"])
def test_no_file_no_rows(folder, tmp_path):
    assert load_curated(folder and tmp_path, DIRECTORY) == ()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"?,,答え,{OWNER},,,2026-06-01", "question"),
        (f",,答え,{OWNER},,,2026-06-01", "question"),
        (f"問い,,,{OWNER},,,2026-06-01", "answer"),
        ("問い,,答え,ない課,,,2026-06-01", "owner"),
        ("問い,,答え,小樽開発建設部,,,2026-06-01", "owner"),
        ("問い,,答え,,,,2026-06-01", "owner"),
        (f"問い,,答え,{OWNER},2026-02-30,,2026-06-01", "expires"),
        (f"問い,,答え,{OWNER},来年,,2026-06-01", "expires"),
        (f"問い,,答え,{OWNER},,example.jp,2026-06-01", "source"),
        (f"問い,,答え,{OWNER},,,2026", "as_of"),
        (f"問い,,答え,{OWNER},,,", "as_of"),
        (f"別の問い,朝市は、いつですか?,答え,{OWNER},,,2026-06-01", "question"),
    ],
)
def test_a_bad_row_is_named_with_its_column(tmp_path, row, column):
    with pytest.raises(DataError, match=f"curated.csv 3 行目「{column}」列"):
        load_curated(written(tmp_path, GOOD, row), DIRECTORY)


def test_every_bad_row_is_named(tmp_path):
    with pytest.raises(DataError) as caught:
        load_curated(
            written(tmp_path, GOOD, "問い,,答え,ない課,,,2026-06-01", f"問い二,,,{OWNER},,,2026-06-01"), DIRECTORY
        )
    assert len(str(caught.value).splitlines()) == 2


def test_an_expired_row_is_told(tmp_path):
    rows = load_curated(written(tmp_path, GOOD), DIRECTORY)
    assert expired_rows(tmp_path, rows, date(2027, 3, 31)) == []
    (line,) = expired_rows(tmp_path, rows, date(2027, 4, 1))
    assert "curated.csv 2 行目" in line
    assert "2027-03-31" in line
