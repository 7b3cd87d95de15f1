from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation import FORGET_AFTER, Conversations, Memory, resolve

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLACES = ("十勝", "釧路・根室", "オホーツク", "甲町")


def spans(text):
    return [(text.index(p), text.index(p) + len(p)) for p in PLACES if p in text]


def after(question):
    return Memory(said=(question,), question=question, at=NOW)


@pytest.mark.parametrize(
    ("last", "text", "full"),
    [
        ("令和6年度の入港は何隻?", "その前の年度は?", "令和5年度の入港は何隻?"),
        ("令和5年度の入港は何隻?", "では令和7年度は?", "令和7年度の入港は何隻?"),
        ("令和5年度の入港は何隻?", "翌年度はどうですか", "令和6年度の入港は何隻?"),
        ("令和7年度の入港は何隻?", "ごめん、令和元年度の間違い", "令和元年度の入港は何隻?"),
        ("第2回の集まりはいつでしたか", "じゃあ第3回は?", "第3回の集まりはいつでしたか"),
        ("取組のステップ1は何ですか", "2は?", "取組のステップ2は何ですか"),
        ("オホーツクの指標の目標は?", "十勝はどうですか", "十勝の指標の目標は?"),
        ("オホーツクの指標の目標は?", "釧路・根室のほうは?", "釧路・根室の指標の目標は?"),
    ],
)
def test_a_bare_year_or_place_takes_the_earlier_ones_place(last, text, full):
    assert resolve(text, after(last), spans).text == full


@pytest.mark.parametrize(
    "text", ["会場はどこでしたか?", "それはいつですか", "オンラインでは何人?", "What did they show there?"]
)
def test_words_that_point_back_bring_the_last_question_along(text):
    turn = resolve(text, after("道北シンポジウムには何人集まりましたか"), spans)
    assert turn.text == text
    assert "シンポジウム" in turn.context


def test_a_place_with_a_year_is_no_bare_place():
    assert resolve("令和4年度の十勝は?", after("オホーツクの指標の目標は?"), spans).text == "令和4年度の十勝は?"


def test_a_new_matter_stands_alone():
    text = "積丹町の藻場造成に使われている肥料の原料は何でしょうか"
    assert resolve(text, after("道北シンポジウムには何人集まりましたか"), spans).context == ""


def test_nothing_to_follow():
    assert resolve("それはいつですか", Memory(), spans).text == "それはいつですか"


def test_a_conversation_is_forgotten_after_a_while():
    conversations = Conversations()
    conversations.remember("t", after("質問"))
    assert conversations.recall("t", NOW + FORGET_AFTER).question == "質問"
    assert conversations.recall("t", NOW + FORGET_AFTER + timedelta(seconds=1)).question is None
    assert conversations.recall("other", NOW).question is None
