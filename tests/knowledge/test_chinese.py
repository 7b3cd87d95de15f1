"""Simplified Chinese in the characters of Japanese."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chinese import _pairs, in_japanese_characters
from knowledge.directory import Directory


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("人口减少", "人口減少"),
        ("综合开发计划的预算", "総合開発計画的予算"),
        ("脱碳城市", "脱炭城市"),
        ("后志和积丹的联系部门", "後志和積丹的連系部門"),
        ("听说有多个补助", "聴説有多個補助"),
    ],
)
def test_chinese_is_written_as_japanese_writes_it(written: str, expected: str) -> None:
    assert in_japanese_characters(written) == expected


@pytest.mark.parametrize(
    "text",
    [
        "余市町と倶知安町の空き家、芸術と弁当",
        "俱知安町",
        "髙橋さんの﨑",
        "國澤廣の机と里",
        "絶滅危惧種",
        "お洒落な机",
        "筑波の准教授",
        "",
    ],
)
def test_japanese_stays_as_it_is(text: str) -> None:
    assert in_japanese_characters(text) == text


def test_hardly_a_character_of_the_japanese_standard_tells_chinese() -> None:
    telling, _ = _pairs()
    both = {character for character in telling if _in_jis(character)}
    assert both == set("广听无气厂价从儿")


def _in_jis(character: str) -> bool:
    try:
        return len(character.encode("euc_jp")) == 2
    except UnicodeEncodeError:
        return False


def test_no_place_of_the_directory_is_changed_in_a_chinese_question() -> None:
    directory = Directory.load()
    names = [place.name for place in (*directory.municipalities, *directory.places)]
    assert [name for name in names if not in_japanese_characters(f"{name}的计划").startswith(name)] == []


@given(st.text(max_size=40))
def test_the_length_stays(text: str) -> None:
    assert len(in_japanese_characters(text)) == len(text)
