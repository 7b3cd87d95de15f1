"""Encodings are told apart by their bytes; nothing is replaced in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.loaders.encoding import decode
from knowledge.errors import DocumentError

TEXT = "第１章 地域づくりの方向\n\n人口減少が進むなか、多様な主体が連携して取り組む。相談は地域連携課まで。\n"
SHORT = "町の取組です。"
WINDOWS = "髙橋①ﾊﾝｶｸ㈱～。渡邊さんの取組は「令和6年度」から続いている。\n"


@pytest.mark.parametrize(
    "name",
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be cp932 shift_jis euc_jp iso2022_jp".split(),
)
@pytest.mark.parametrize("text", [TEXT, SHORT])
def test_japanese_in_every_usual_encoding(name: str, text: str) -> None:
    if text == SHORT and name in {"utf-16-le", "utf-16-be"}:
        pytest.skip("seven characters without a line end, digit or mark do not tell UTF-16")
    assert decode(text.encode(name)) == text


def test_windows_characters_survive() -> None:
    assert decode(WINDOWS.encode("cp932")) == WINDOWS


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_ends_become_one_kind(ending: str) -> None:
    assert decode(f"一行目{ending}二行目".encode()) == "一行目\n二行目"


def test_broken_utf8_is_refused_with_its_line() -> None:
    data = bytearray((TEXT * 3).encode())
    data[-10] = 0xFF
    with pytest.raises(DocumentError, match=r"UTF-8 の中に壊れたバイト.*9 行目.*UTF-8 で保存し直して"):
        decode(bytes(data))


def test_utf8_cut_in_the_middle_of_a_character_is_refused() -> None:
    with pytest.raises(DocumentError, match="壊れたバイト"):
        decode(TEXT.rstrip().encode()[:-1])


def test_broken_shift_jis_is_refused() -> None:
    data = TEXT.encode("cp932")
    with pytest.raises(DocumentError, match="文字コードが分かりません"):
        decode(data[:40] + b"\xfd\xfe\xff\xa0" + data[40:])


def test_broken_utf16_is_refused() -> None:
    with pytest.raises(DocumentError, match="壊れたバイト"):
        decode(TEXT.encode("utf-16") + b"\x00\xd8\x41")


def test_latin_letters_of_another_encoding_are_not_taken_for_japanese() -> None:
    with pytest.raises(DocumentError, match="文字コードが分かりません"):
        decode("Überraschung für die Bürger: größere Straßen, schönere Plätze.".encode("latin-1"))


JAPANESE = st.text(
    st.sampled_from("あいうえおかきくけこさしすせそたちつてとのはをがで、。町村市道地域連携課令和年度計画"), min_size=20
)


@given(JAPANESE, st.sampled_from(["utf-8", "cp932", "euc_jp", "iso2022_jp"]))
def test_any_japanese_comes_back_as_it_was(text: str, name: str) -> None:
    assert decode(text.encode(name)) == text
