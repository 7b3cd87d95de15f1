import pytest

from bot.conversation import Memory
from bot.message import Lang
from bot.wishes import heard, wished


@pytest.mark.parametrize(
    ("text", "lang", "rest"),
    [
        ("やさしい日本語で", Lang.JA_EASY, ""),
        ("やさしい にほんごで おしえてください", Lang.JA_EASY, ""),
        ("かんたんに教えて", Lang.JA_EASY, ""),
        ("もっと簡単に説明してください。", Lang.JA_EASY, ""),
        ("ふりがなをつけて", Lang.JA_EASY, ""),
        ("漢字にルビを振ってください", Lang.JA_EASY, ""),
        ("漢字が読めません", Lang.JA_EASY, ""),
        ("Please answer in easy Japanese.", Lang.JA_EASY, ""),
        ("ふつうの日本語で", Lang.JA, ""),
        ("元の言い方に戻してください", Lang.JA, ""),
        ("ふりがなはいりません", Lang.JA, ""),
        ("やさしい日本語をやめて", Lang.JA, ""),
        ("日本語でお願いします", Lang.JA, ""),
        ("英語で教えて", Lang.EN, ""),
        ("Could you answer in English, please?", Lang.EN, ""),
        ("English please", Lang.EN, ""),
        ("请用中文回答", Lang.ZH, ""),
        ("中国語でお願いします", Lang.ZH, ""),
        ("余市町の窓口は？ やさしい日本語で教えて", Lang.JA_EASY, "余市町の窓口は？"),
        ("これから英語で答えてください。小樽港の船は何隻？", Lang.EN, "。小樽港の船は何隻？"),
    ],
)
def test_wishes(text, lang, rest):
    wish = wished(text)
    assert wish is not None
    assert wish.lang is lang
    assert wish.rest == rest


@pytest.mark.parametrize(
    "text",
    [
        "小樽港の船は何隻ですか",
        "やさしい日本語の取組はありますか",
        "簡単に始められるイベントはありますか",
        "英語で書かれた案内看板はありますか",
        "Is the plan available in English?",
        "When did the English guide come out?",
        "ふりがなの付いた資料はどこにありますか",
        "日本語",
    ],
)
def test_what_is_no_wish(text):
    assert wished(text) is None


def test_a_wish_holds_until_another():
    memory, _ = heard("やさしい日本語で", Memory())
    memory, text = heard("小樽港の船は何隻ですか", memory)
    assert (memory.lang, text) == (Lang.JA_EASY, "小樽港の船は何隻ですか")
    memory, _ = heard("How many ships?", memory)
    assert memory.lang is Lang.EN
    memory, _ = heard("余市町の窓口は?", memory)
    assert memory.lang is Lang.JA_EASY
    memory, _ = heard("ふつうの日本語で", memory)
    memory, _ = heard("おたるの みなとは いつ できましたか", memory)
    assert memory.lang is Lang.JA


def test_who_writes_in_kana_goes_on_in_easy_japanese_while_there_are_no_kanji():
    memory, _ = heard("おたるの みなとは いつ できましたか", Memory())
    memory, _ = heard("どこですか", memory)
    assert memory.lang is Lang.JA_EASY
    memory, _ = heard("場所はどこですか", memory)
    assert memory.lang is Lang.JA


def test_a_wish_alone_means_what_was_asked_last():
    asked = Memory(question="小樽港の船は何隻ですか", pending="x")
    memory, text = heard("もっとかんたんに教えて", asked)
    assert (text, memory.question, memory.pending) == ("小樽港の船は何隻ですか", None, None)
    assert heard("英語で教えて", Memory(matter="余市町で祭り"))[1] == "余市町で祭り"
    assert heard("英語で教えて", Memory())[1] == ""


def test_a_message_too_long_is_not_searched_for_wishes():
    text = "長い" * 1001 + "英語で教えて"
    memory, said = heard(text, Memory())
    assert (memory.wanted, said) == (None, text)
