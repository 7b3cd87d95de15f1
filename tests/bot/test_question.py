from datetime import date

import pytest

from bot.asking import Asked
from bot.question import analyse, editions, with_context

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("総会はいつ開かれますか", {Asked.DATE}),
        ("何時から始まりますか", {Asked.TIME}),
        ("計画は何年くらい続くのですか", {Asked.DURATION}),
        ("年会費はいくらですか", {Asked.MONEY}),
        ("見学者は何人でしたか", {Asked.PEOPLE}),
        ("加入率は何%ですか", {Asked.PERCENT}),
        ("団体は何団体ありますか", {Asked.COUNT}),
        ("間隔は何メートルですか", {Asked.LENGTH}),
        ("電話番号は?", {Asked.PHONE}),
        ("誰が講演しましたか", {Asked.PERSON}),
        ("なぜ見直すのですか", {Asked.REASON}),
        ("関係人口とは何ですか", {Asked.DEFINITION}),
        ("参加した団体を全部教えて", {Asked.LIST}),
        ("When was it held?", {Asked.DATE}),
        ("多少人参加了?", {Asked.PEOPLE}),
    ],
)
def test_the_kind_of_value_asked_for(text, kinds):
    assert kinds <= analyse(text, TODAY).asked


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("改訂案ではどことの連携が挙がっていますか", ("連携",)),
        ("令和7年度から何の授業が始まるのですか", ("授業",)),
        ("ふ頭の水深は何メートルですか", ("埠頭", "水深")),
        ("地域の課題に民間のお金を使う方法はどんな方法ですか", ("方法",)),
        ("What did the staff show at the festival?", ()),
        ("Which university is a member?", ("university",)),
    ],
)
def test_the_noun_that_is_asked_about(text, key):
    assert analyse(text, TODAY).key == key


def test_kana_of_counting():
    assert Asked.LENGTH in analyse("なんメートル はなれますか", TODAY).asked
    assert Asked.COUNT in analyse("なんかい ありましたか。", TODAY).asked | analyse("なん回ありましたか", TODAY).asked


def test_a_length_of_time_is_not_a_date():
    assert Asked.DATE not in analyse("何年先まで見据えていますか", TODAY).asked


def test_a_hotel_is_no_telephone():
    assert Asked.PHONE not in analyse("Which hotel was it?", TODAY).asked


@pytest.mark.parametrize(
    ("text", "year", "fiscal"),
    [
        ("去年は何隻でしたか", 2025, False),
        ("今年度の予算は", 2026, True),
        ("昨年度の実績は", 2025, True),
        ("来年は?", 2027, False),
    ],
)
def test_relative_years_follow_the_clock(text, year, fiscal):
    (mention,) = analyse(text, TODAY).years
    assert (mention.year, mention.fiscal) == (year, fiscal)


def test_the_fiscal_year_turns_in_april():
    assert analyse("今年度の予算は", date(2027, 3, 31)).years[0].year == 2026


def test_editions():
    assert editions("第12回コンクール") == (("12", "回"),)
    assert editions("第九期の計画と2回目の会議") == (("9", "期"), ("2", "回"))


def test_background_sentences_count_less_than_the_question():
    weights = analyse("商店を営んでいます。会議の日程は?", TODAY).weights
    assert weights["商店"] < weights["会議"]


def test_context_adds_words_but_not_kinds_where_the_message_asks_itself():
    question = with_context(analyse("会場はどこでしたか", TODAY), "シンポジウムはいつ開かれましたか")
    assert question.weights["シンポジウム"] < question.weights["会場"]
    assert with_context(analyse("何人?", TODAY), "シンポジウムはいつ?").asked == {Asked.PEOPLE}
