import pytest

from bot.parts import questions_in


@pytest.mark.parametrize(
    "parts",
    [
        ("お祭りは何月でしたか?", "あと、来た人は何人でしたか"),
        ("甲町の団体は何団体で、", "主な団体の名前は何ですか"),
        ("総会はいつですか。", "会費はいくらでしょうか。"),
        ("When was the forum held, and ", "who gave the lecture?"),
        ("研讨会几点开始?", "有多少人参加?"),
        ("計画はいつ決まりましたか。", "予算は?"),
    ],
)
def test_two_questions(parts):
    assert questions_in("".join(parts)) == tuple(part.strip("、, ") if part is parts[0] else part for part in parts)


def test_two_things_asked_for_in_one_breath():
    assert questions_in("甲町が入るブロックと、1回目の開催日を教えてください") == (
        "甲町が入るブロックを教えてください",
        "1回目の開催日を教えてください",
    )


@pytest.mark.parametrize(
    "text",
    [
        "お祭りは何月何日に開かれましたか",
        "講演はいつ、どこで開かれましたか",
        "賞は何年度に始まったもので、誰が表彰しますか",
        "甲町に住んでいます。お祭りはいつですか。",
        "お祭りはいつですか。おしえてください。",
        "目標は何ですか。論文に引くので文言どおりに知りたいです。",
        "AIですか?",
        "",
    ],
)
def test_one_question(text):
    assert questions_in(text) == (text,)


def test_what_asks_nothing_goes_with_the_question_after_it():
    asked = questions_in("学生です。お祭りはいつですか。卒論に使います。会場はどこでしたか。")
    assert asked == ("学生です。お祭りはいつですか。", "卒論に使います。会場はどこでしたか。")


def test_a_list_of_questions_is_taken_as_one():
    text = "いつですか。どこですか。誰ですか。なぜですか。何人ですか。"
    assert questions_in(text) == (text,)
