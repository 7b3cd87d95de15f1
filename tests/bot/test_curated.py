"""When an office's own answer is given: tests/bot/curated_cases.toml is the table."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.curated import Curated
from bot.message import Lang, ReplyStatus
from bot.texts import Texts
from knowledge.curated import CuratedAnswer
from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer

DIRECTORY = Directory.load()
GAZETTEER, TEXTS = Gazetteer(DIRECTORY), Texts.load()
TODAY = date(2026, 11, 21)
TABLE = tomllib.loads((Path(__file__).parent / "curated_cases.toml").read_text(encoding="utf-8"))["row"]
OWNER = DIRECTORY.bureau_office("小樽開発建設部")


def row(question: str, *variants: str, expires: date | None = None, line: int = 2) -> CuratedAnswer:
    return CuratedAnswer(question, variants, "一区画500円です。", OWNER, expires, None, date(2026, 6, 1), line)


ROWS = [row(r["question"], *r.get("variants", "").split("|"), line=i) for i, r in enumerate(TABLE, start=2)]
CURATED = Curated(ROWS, GAZETTEER, TEXTS)
SAME = [(asked, i) for i, r in enumerate(TABLE, start=2) for asked in r["same"]]
OTHER = [asked for r in TABLE for asked in r["other"]]


@pytest.mark.parametrize(("asked", "line"), SAME, ids=[asked for asked, _ in SAME])
def test_the_same_question_is_answered_by_its_row(asked, line):
    found = CURATED.find(asked, TODAY)
    assert found is not None
    assert found.line == line


@pytest.mark.parametrize("asked", OTHER)
def test_a_near_miss_is_not(asked):
    assert CURATED.find(asked, TODAY) is None


def test_this_year_is_that_of_the_asker_and_in_a_row_that_of_the_answer():
    asked = "今年度の後志まちなか補助金の申請期限はいつですか"
    assert CURATED.find(asked, date(2027, 3, 31))
    assert CURATED.find(asked, date(2027, 4, 1)) is None


def test_a_row_is_used_through_its_last_day():
    curated = Curated([row("朝市はいつですか", expires=TODAY)], GAZETTEER, TEXTS)
    assert curated.find("朝市はいつですか", TODAY)
    assert curated.find("朝市はいつですか", date(2026, 11, 22)) is None


def test_a_short_question_amid_a_conversation_may_mean_something_else():
    curated = Curated([row("料金はいくらですか"), row("余市町の朝市の料金はいくらですか", line=3)], GAZETTEER, TEXTS)
    assert curated.find("料金はいくらですか", TODAY)
    assert curated.find("料金はいくらですか", TODAY, follows=True) is None
    assert curated.find("余市町の朝市の料金はいくらですか", TODAY, follows=True)


def test_when_is_not_where():
    curated = Curated([row("今年の共創フォーラムはいつですか")], GAZETTEER, TEXTS)
    assert curated.find("今年の共創フォーラムはいつ?", TODAY)
    assert curated.find("今年の共創フォーラムはどこですか", TODAY) is None


def test_two_rows_that_both_fit_decide_nothing():
    curated = Curated([row("朝市の料金はいくらですか"), row("料金は朝市でいくらですか", line=3)], GAZETTEER, TEXTS)
    assert curated.find("朝市、料金はいくら?", TODAY) is None


def test_a_question_in_kana_is_read():
    assert CURATED.find("よいちのあさいち", TODAY, lambda _: "余市町の朝市の出店料はいくらですか")


@pytest.mark.parametrize("lang", Lang)
def test_the_reply_says_whose_words_they_are_and_of_which_day(lang):
    reply = CURATED.reply(ROWS[0], lang)
    assert (reply.status, reply.lang, reply.offices) == (ReplyStatus.ANSWERED, lang, (OWNER,))
    (citation,) = reply.citations
    assert (citation.n, citation.source, citation.date) == (1, "curated.csv", "2026-06-01")
    assert citation.passage == "一区画500円です。"
    assert "小樽開発建設部 地域連携課" in citation.title
    assert "一区画500円です。 [1]" in reply.text
    for said in ("小樽開発建設部 地域連携課", "2026-06-01", citation.title):
        assert said in reply.text


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_can_be_asked(text):
    CURATED.find(text, TODAY)


@given(st.sampled_from([asked for asked, _ in SAME]), st.sampled_from("前 後 料 東 3 冬 団体".split()), st.data())
@settings(deadline=None)
def test_a_question_with_one_more_word_in_it_is_another(asked, word, data):
    at = data.draw(st.integers(0, len(asked)))
    assert CURATED.find(asked[:at] + f"、{word}、" + asked[at:], TODAY) is None
