import pytest

from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary
from knowledge.query import japanese, with_places
from knowledge.sounds import sounds

GAZETTEER = Gazetteer(Directory.load())
GLOSSARY = Glossary.load()
SOUNDS = sounds(GLOSSARY, GAZETTEER)


@pytest.mark.parametrize(
    ("kana", "word"),
    [
        ("くるーずせん", "クルーズ船"),
        ("きちょうこうえん", "基調講演"),
        ("てづくりふるさとしょう", "手づくり郷土賞"),
        ("おたるこう", "小樽港"),
        ("くっちゃんちょう", "倶知安町"),
    ],
)
def test_terms_and_places_are_found_by_their_sound(kana, word):
    assert SOUNDS[kana] == word


def test_a_short_sound_or_another_word_for_a_term_is_none():
    assert "どうほく" not in SOUNDS  # says 道北, not 道北連携地域
    assert "とまり" not in SOUNDS
    assert all(len(sound) >= 5 for sound in SOUNDS)


def test_a_question_in_kana_loses_its_spaces_with_its_kana():
    assert japanese("おたるこうの くるーずせん", SOUNDS) == "小樽港のクルーズ船"


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("projects in Shiribeshi", "projects in 後志"),
        ("events in Niseko Town", "events in ニセコ町"),
        ("しゃこたん方式", "積丹方式"),
        ("小樽の港", "小樽の港"),
        ("Kamui lighthouse", "Kamui lighthouse"),  # a cape, not the quarter 神居
    ],
)
def test_places_by_their_japanese_names(asked, read):
    assert with_places(asked, asked, GAZETTEER) == read


def test_english_with_the_official_terms():
    assert GLOSSARY.in_official("How many cruise ships in FY2024?") == "How many  クルーズ船  in FY2024?"
    assert GLOSSARY.in_official("Where was it held?") == "Where was it held?"
    assert "第9期北海道総合開発計画" in GLOSSARY.in_official("the 9th Hokkaido Comprehensive Development Plan")


def test_terms_in_a_text_the_longest_of_each_place():
    assert GLOSSARY.terms_in("地域共創チームの担い手、担い手") == ["地域共創チーム", "担い手"]
