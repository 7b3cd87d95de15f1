"""The glossary widens a question with official terms: longest match, whole Latin words, one row for each pair."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import DataError
from knowledge.glossary import COLUMNS, Glossary, Kind
from knowledge.text import normalise

BUNDLED = Glossary.load()
ROWS = [
    ("町内会", "synonym", "自治会", "同じ地域に住む人の自治の組織", "common knowledge"),
    ("町内会", "english", "neighborhood association", "", "common knowledge"),
    ("町内会", "chinese", "居民协会", "", "common knowledge"),
    ("町内会", "easy", "近所の人の集まり", "", "common knowledge"),
    ("自治会連合", "synonym", "自治会の連合", "", "common knowledge"),
    ("小樽開発建設部", "abbreviation", "小樽開建", "", "common knowledge"),
    ("ふ頭", "english", "pier", "", "common knowledge"),
]


def write(path: Path, *rows: tuple[str, ...], columns: list[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


@pytest.fixture
def small(tmp_path: Path) -> Glossary:
    return Glossary.load(write(tmp_path / "glossary.csv", *ROWS))


def test_the_bundled_glossary_is_large_and_of_every_kind() -> None:
    assert len(BUNDLED.entries) >= 350
    assert {entry.kind for entry in BUNDLED.entries} == set(Kind)


def test_no_row_would_widen_every_question() -> None:
    """Words that stand in nearly every question say nothing about its matter."""
    for question in (
        "これは何ですか。教えてください。",
        "いつ、どこで、誰がしましたか?",
        "どうすればいいですか",
        "あります。よろしくお願いします。",
    ):
        assert BUNDLED.expand(question) == []


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("自治会の仕事", ["町内会"]),
        ("自治会の連合", ["自治会連合"]),  # the longest match wins
        ("町内会と自治会", []),  # said already
        ("自治 会", ["町内会"]),
        ("Neighborhood  Associations in Otaru", ["町内会"]),
        ("a happier pierced copier", []),
        ("two piers", ["ふ頭"]),
        ("居民协会是什么", ["町内会"]),
        ("小樽開建", ["小樽開発建設部"]),
        ("小樽開発建設部", ["小樽開建"]),
        ("", []),
    ],
)
def test_expand(small: Glossary, text: str, added: list[str]) -> None:
    assert small.expand(text) == added


def test_meaning(small: Glossary) -> None:
    assert small.meaning("町内会", "en") == "neighborhood association"
    assert small.meaning("自治会", "zh") == "居民协会"
    assert small.meaning("町内会", "ja-easy") == "近所の人の集まり"
    assert small.meaning("neighborhood association", "ja") == "同じ地域に住む人の自治の組織"
    assert small.meaning("ふ頭", "zh") is None
    assert small.meaning("知らない言葉", "en") is None
    assert small.meaning("町内会", "fr") is None


def test_every_variant_leads_to_its_term() -> None:
    for entry in BUNDLED.entries:
        added = BUNDLED.expand(f"「{entry.variant}」")
        said = normalise(entry.variant)
        assert entry.term in added or normalise(entry.term) in said, entry


@given(st.text(max_size=60))
def test_expand_adds_only_what_is_not_said(text: str) -> None:
    added = BUNDLED.expand(text)
    assert len(added) == len(set(added))
    assert not [word for word in added if normalise(word) in normalise(text)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("", "synonym", "自治会", "", "x"), "term"),
        (("町内会", "slang", "自治会", "", "x"), "kind"),
        (("町内会", "synonym", "会", "", "x"), "variant"),
        (("倶知安", "synonym", "俱知安", "", "x"), "variant"),
        (("町内会", "synonym", "自治会", "", ""), "source"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, row: tuple[str, ...], column: str) -> None:
    path = write(tmp_path / "glossary.csv", ROWS[1], row)
    with pytest.raises(DataError, match=rf"glossary\.csv 3 行目「{column}」列: .+ は使えません。正しい形: "):
        Glossary.load(path)


def test_wrong_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"3 行目「variant」列.* 2 行目"):
        Glossary.load(write(tmp_path / "twice.csv", ROWS[0], ROWS[0]))
    with pytest.raises(DataError, match=r"2 行目: 値が 4 個で足りません\(列は 5\)"):
        Glossary.load(write(tmp_path / "short.csv", ROWS[0][:4]))
    with pytest.raises(DataError, match=r"1 行目\(見出し\)"):
        Glossary.load(write(tmp_path / "header.csv", ROWS[0], columns=["term"]))
