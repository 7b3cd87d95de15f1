import pytest

from knowledge.homophones import mended
from knowledge.wording import counted, counted_in_kana


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("second workshop date?", "second workshop date? 第2回"),
        ("the 11th contest", "the 11th contest 第11回"),
        ("goals of the 9th Hokkaido Comprehensive Development Plan", "第9期"),
        ("the third pier", "第3号"),
        ("Pier No. 3", "第3号"),
        ("第二次工作坊", "第二回工作坊"),
        ("北后志第1次会议", "北后志第1回会议"),
        ("第1次の計画", "第1次の計画"),  # Japanese says what it means
        ("the first time I heard of it", "the first time I heard of it"),
    ],
)
def test_what_is_counted_reads_as_in_the_documents(asked, read):
    assert counted(asked).endswith(read)


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("だいさんかいの ひにち", "第3回の ひにち"),
        ("だい1かいは", "第1回は"),
        ("だいきゅうきの けいかく", "第9期の けいかく"),
        ("にかいめは いつ", "2回目は いつ"),
        ("けーぴーあいって なに", "KPIって なに"),
        ("イービーピーエムとは", "EBPMとは"),
        ("なんねんの けいかく", "何年の けいかく"),
        ("じんこうの なんぱーせんと", "じんこうの 何%"),
        ("なんのしょう", "なんのしょう"),
        ("なんという なまえ", "なんという なまえ"),
        ("だいにかいぎは いつ", "だいにかいぎは いつ"),
        ("おおきいかいしゃ", "おおきいかいしゃ"),
    ],
)
def test_kana_that_count(asked, read):
    assert counted_in_kana(asked) == read


SOUNDS = {"こうえん": "講演", "ふそく": "不足"}
TEXT = "基調講演 担い手不足 公園をつくる"


def put_right(question: str) -> str:
    return mended(question, SOUNDS, lambda word: word in ("基調", "担い手"), lambda words: words in TEXT)


def test_a_wrong_kanji_word_is_put_right_beside_its_neighbour():
    assert put_right("基調公演は誰ですか") == "基調講演は誰ですか"
    assert put_right("担い手不測の理由") == "担い手不足の理由"


def test_a_word_of_the_same_sound_that_is_meant_stays():
    assert put_right("旭川の公園はどこですか") == "旭川の公園はどこですか"
    assert put_right("講演は誰ですか") == "講演は誰ですか"
