"""The sentences people read: complete, filled in the same way, short, and without a code's word in them."""

import re

import pytest

from bot.cues import load_cues
from bot.message import Lang
from bot.texts import Texts
from knowledge.errors import DataError

TEXTS = Texts.load()


def test_the_bundled_texts_are_complete():
    assert TEXTS.check() == []


def test_every_refusal_and_smalltalk_that_triage_knows_has_its_text():
    for section in ("refused", "smalltalk"):
        for name in load_cues()[section]:
            if name != "fillers":
                assert TEXTS.find(Lang.JA, f"{section}.{name}"), name


@pytest.mark.parametrize("section", ["emergency", "crisis", "smalltalk", "refused", "limited", "error", "strip"])
def test_texts_that_end_a_message_need_no_fields(section):
    for lang, texts in TEXTS.texts.items():
        for key, text in texts.items():
            if key.startswith(f"{section}.") and not key.endswith(".card"):
                assert "{" not in text, (lang, key)


def test_it_says_that_it_is_no_person():
    for key in ("smalltalk.human_or_ai", "smalltalk.who_are_you"):
        assert "自動応答の案内係です。人ではありません。" in TEXTS.say(Lang.JA, key)
        assert "not a person" in TEXTS.say(Lang.EN, key)
        assert "不是真人" in TEXTS.say(Lang.ZH, key)


def test_emergency_numbers_stand_in_every_language():
    for lang in Lang:
        for key, number in (("sea", "118"), ("fire", "119"), ("police_now", "110")):
            assert re.search(number, TEXTS.say(lang, f"emergency.{key}"))[0] == number


def test_sentences_are_short():
    for lang in (Lang.JA, Lang.JA_EASY):
        for key, text in TEXTS.texts[lang].items():
            longest = max(len(s) for s in re.split(r"[。?\n]", text))
            assert longest <= 70, (key, text)


def test_fields_are_filled_in_and_a_missing_one_is_an_error():
    assert TEXTS.say(Lang.JA, "no_source.office", office="札幌開発建設部") == "札幌開発建設部にお尋ねください。"
    with pytest.raises(KeyError):
        TEXTS.say(Lang.JA, "no_source.office")
    with pytest.raises(KeyError):
        TEXTS.say(Lang.JA, "no.such")


def test_a_language_without_a_key_speaks_japanese():
    texts = Texts({lang: {} for lang in Lang} | {Lang.JA: {"a.b": "はい"}})
    assert texts.say(Lang.EN, "a.b") == "はい"
    assert "en.toml: a.b is missing" in texts.check()


def test_faults_are_found():
    texts = Texts(
        {
            Lang.JA: {"a.b": "{office}へ", "a.c": "{", "a.d": " ", "a.e": "{0}"},
            Lang.JA_EASY: {"a.b": "へ"},
            Lang.EN: {"a.z": "x"},
            Lang.ZH: {},
        }
    )
    problems = "\n".join(texts.check())
    assert "ja-easy.toml: a.b has the fields" in problems
    assert "ja.toml: a.c: has a stray brace" in problems
    assert "ja.toml: a.d: is empty" in problems
    assert "ja.toml: a.e: has a field without a name" in problems
    assert "en.toml: a.z is not in ja.toml" in problems


@pytest.mark.parametrize("content", ["not toml", 'top = "x"', "[a]\nb = 3", None])
def test_a_bad_file_is_named(tmp_path, content):
    for lang in Lang:
        (tmp_path / f"{lang.value}.toml").write_text('[a]\nb = "x"', encoding="utf-8")
    target = tmp_path / "zh.toml"
    target.unlink() if content is None else target.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"zh\.toml"):
        Texts.load(tmp_path)
