"""Payload → messages: every character escaped, nothing lost, nothing too long, no tag or character torn."""

import re

import pytest
from bot_api_server import parsed
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.keys import MOST, data, keyboard, pressed
from adapters.telegram.rendering import LIMIT, Block, Kind, blocks, called, led, parts
from adapters.telegram.splitting import sendable, split, units
from bot.message import Action

HOSTILE = "<b>太字</b> & <script>alert(1)</script> &lt; \"'` </blockquote> <a href='tg://user?id=1'>"
TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_what_people_write_is_never_markup():
    (part,) = parts({"text": HOSTILE, "quotes": [{"head": HOSTILE, "text": f"{HOSTILE}!"}]})
    assert HOSTILE in parsed(part.html)
    assert part.html.count("<script") == 0
    assert parsed(part.html) == part.plain


@given(text=TEXT, quote=TEXT, limit=st.integers(min_value=20, max_value=120))
def test_every_part_can_be_read_by_telegram_and_nothing_is_lost(text, quote, limit):
    payload = {"text": text, "quotes": [{"head": "見出し", "text": quote}]}
    found = parts(payload, limit)
    for part in found:
        assert parsed(part.html) == part.plain
        assert units(part.plain) <= limit + 2 * part.plain.count("\n")
        part.html.encode("utf-8")
    assert squeezed("".join(p.plain for p in found)) == squeezed("".join(b.text for b in blocks(payload)))


@given(text=TEXT, limit=st.integers(min_value=4, max_value=40))
def test_pieces_fit_and_join_to_the_text(text, limit):
    text = sendable(text)
    pieces = split(text, limit)
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert squeezed("".join(pieces)) == squeezed(text)


def test_a_limit_counts_utf16():
    assert units("a𠮷") == 3
    assert split("𠮷" * 10, 10) == ["𠮷" * 5, "𠮷" * 5]
    long = "𠮷" * 5000
    assert all(len(part.html.encode("utf-16-le")) // 2 <= 4096 for part in parts({"text": long}))


def test_text_is_cut_where_a_reader_would_pause():
    paragraphs = f"{'あ' * 30}\n\n{'い' * 30}"
    assert split(paragraphs, 50) == ["あ" * 30, "い" * 30]
    sentences = f"{'あ' * 30}。{'い' * 30}。"
    assert split(sentences, 50) == [f"{'あ' * 30}。", f"{'い' * 30}。"]


def test_a_family_and_an_accent_stay_whole():
    family = "👨‍👩‍👧‍👦"
    for piece in split(family * 6, 26):
        assert not piece.startswith("\u200d")
        assert not piece.endswith("\u200d")
    assert all(not piece.startswith("\u3099") for piece in split("か\u3099" * 20, 7))


def test_control_characters_and_half_pairs_do_not_go_out():
    assert sendable("a\x00b\ud83d\r\nc\x07\td") == "ab\nc\td"
    assert parts({"text": "\x00 \n"}) == []


def test_quotations_are_folded_where_they_stand():
    text = "前の文です。\n[1] 計画「朝市」\n朝市は\n三月に開く。\n後の文です。"
    found = blocks({"text": text, "quotes": [{"head": "[1] 計画「朝市」", "text": "朝市は\n三月に開く。"}]})
    assert [block.kind for block in found] == [Kind.PLAIN, Kind.QUOTE, Kind.PLAIN]
    (part,) = parts({"text": text, "quotes": [{"head": "", "text": "朝市は\n三月に開く。"}]})
    assert "<blockquote expandable>朝市は\n三月に開く。</blockquote>" in part.html
    assert part.html.count("三月に開く") == 1


def test_a_quotation_that_the_text_does_not_hold_comes_below_it():
    found = blocks({"text": "答え", "quotes": [{"head": "出典", "text": "資料の言葉"}]})
    assert found == [Block("答え"), Block("出典", Kind.HEAD), Block("資料の言葉", Kind.QUOTE)]


def test_a_long_quotation_is_several_whole_ones():
    found = parts({"text": "答え", "quotes": [{"head": "出典", "text": "資料の言葉です。" * 900}]})
    assert len(found) >= 2
    for part in found:
        assert part.html.count("<blockquote") == part.html.count("</blockquote>")
        assert units(part.plain) <= LIMIT + 10


def test_headings_are_bold():
    (part,) = parts({"text": "■ 小樽開発建設部 地域連携課\n電話: 未確認\n【相談】受付番号"})
    assert part.html == "<b>■ 小樽開発建設部 地域連携課</b>\n電話: 未確認\n<b>【相談】受付番号</b>"


def test_remarks_stand_before_the_text_and_are_escaped():
    (part,) = parts({"text": "本文"})
    assert led(part, "<二度>").html == "<i>&lt;二度&gt;</i>\n本文"
    assert called(part, 55, "お知らせ").html == '<a href="tg://user?id=55">お知らせ</a>\n本文'
    assert called(part, 55, "お知らせ").plain == "お知らせ\n本文"


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("value", ["", "7KM-4PX-A9R:12", "place:unknown", "あ:い!"])
def test_a_button_comes_back_as_it_went(action, value):
    assert data(action, value).startswith(f"{action.value}:")
    assert pressed(data(action, value)) == (action, value)


@pytest.mark.parametrize("action", list(Action))
def test_the_longest_button_fits(action):
    value = "x" * (MOST - len(action.value))
    assert len(data(action, value).encode()) <= MOST
    assert pressed(data(action, value)) == (action, value)


@pytest.mark.parametrize("wrong", [None, "", "rocket", "rocket:1", "!", "!zz", 5, [], {}])
def test_what_is_no_button_of_ours(wrong):
    assert pressed(wrong) is None


def test_short_labels_stand_side_by_side_and_long_ones_below_each_other():
    def rows(*labels):
        made = keyboard([{"action": "consult", "label": label, "value": ""} for label in labels])
        return [[key["text"] for key in row] for row in made["inline_keyboard"]]

    assert rows("送る", "直す", "やめる") == [["送る", "直す"], ["やめる"]]
    assert rows("この会話で返事を受け取る", "いらない") == [["この会話で返事を受け取る"], ["いらない"]]
    assert keyboard([]) is None
