"""Readings stand beside the words and change nothing: without them every text is as it was, digit for digit."""

import re
from pathlib import Path

import pytest

from knowledge.directory import Directory
from knowledge.readings import Readings

READINGS = Readings.load(Directory.load())
DOCUMENTS = Path(__file__).parents[2] / "knowledge" / "documents"
LINES = [line for path in sorted(DOCUMENTS.glob("*.md")) for line in path.read_text(encoding="utf-8").splitlines()]
KANJI = re.compile("[一-鿿]")


def read(text: str) -> str:
    return "".join(f"{p.text}({p.reading})" if p.reading else p.text for p in READINGS.pieces(text))


def test_every_line_of_the_documents_is_whole_without_its_readings():
    assert len(LINES) > 500
    for line in LINES:
        assert "".join(piece.text for piece in READINGS.pieces(line)) == line


def test_readings_hold_kana_alone_and_no_number_gets_one():
    for line in LINES:
        for piece in READINGS.pieces(line):
            if piece.reading:
                assert KANJI.search(piece.text), line
                assert not re.search("[一-鿿]", piece.reading), line
                assert re.findall("[0-9０-９]", piece.reading) == [], line


def test_most_words_with_kanji_are_read():
    pieces = [p for line in LINES for p in READINGS.pieces(line) if KANJI.search(p.text)]
    assert sum(bool(p.reading) for p in pieces) > 0.8 * len(pieces)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("計画を進める", "計画(けいかく)を進(すす)める"),
        ("垣根を越えた取り組み", "垣根(かきね)を越(こ)えた取り組み(とりくみ)"),
        ("国と道の計画", "国(くに)と道(どう)の計画(けいかく)"),
        ("倶知安町と長万部町", "倶知安町(くっちゃんちょう)と長万部町(おしゃまんべちょう)"),
        ("神恵内村長", "神恵内村長(かもえないそんちょう)"),
        ("後志総合振興局", "後志総合振興局(しりべしそうごうしんこうきょく)"),
        ("羊蹄山麓の美国漁港", "羊蹄山麓(ようていさんろく)の美国漁港(びくにぎょこう)"),
        ("クルーズ船が32隻", "クルーズ船(せん)が32隻"),
        ("アートホテル旭川", "アートホテル旭川(あさひかわ)"),
        ("「官民の垣根を越えた共創」", "「官民の垣根を越えた共創」(かんみんのかきねをこえたきょうそう)"),
        ("- 持続的発展・ブランド化", "- 持続的発展・ブランド化(じぞくてきはってん・ブランドか)"),
    ],
)
def test_how_words_are_read(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "令和6年3月12日",
        "令和元年度",
        "第9期",
        "二つ",
        "約50人、2,260万人",
        "0134-23-8035",
        "宮前1条3丁目3番15号",
        "https://www.hkd.mlit.go.jp/計画/",
        "hkd-ot-chiiki@gxb.mlit.go.jp",
        "電話(でんわ)",
        "石田 東生",
        "水鳥 純雄",
        "[12]",
        "やさしい ことば",
        "",
    ],
)
def test_what_gets_no_reading(text):
    assert read(text) == text


def test_a_post_is_read_beside_a_name_that_is_not():
    assert read("会長 渡邊 恵介") == "会長(かいちょう) 渡邊 恵介"


def test_words_of_ones_own_win():
    assert [p.reading for p in Readings({"道": "みち"}).pieces("道")] == ["みち"]
