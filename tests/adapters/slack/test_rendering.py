"""What Slack is given to show: within its limits, nothing lost, nothing quoted acts."""

import json
import re

import pytest
import slack_server
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack import plain
from adapters.slack.buttons import button_blocks
from adapters.slack.rendering import home, render
from adapters.slack.splitting import split
from bot.cases.changes import payload
from bot.cases.wording import Said
from bot.message import Action, Button, Lang
from bot.texts import Texts

TEXTS = Texts.load()
HOSTILE = "<!channel> <@U0TARO> <https://example.jp|ここ> <#C0TOWN> &lt;!here&gt; *太字* _斜体_ `code` ~線~ > 引用"


def words(node):
    """All words that blocks show, in order."""
    if isinstance(node, list):
        return "".join(map(words, node))
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "link":
        return node["url"]
    own = node["text"] if isinstance(node.get("text"), str) else ""
    return own + "".join(words(value) for value in node.values() if isinstance(value, (dict, list)))


def squeezed(text):
    return re.sub(rf"[\s{plain.WORD_JOINER}]", "", text)


@given(st.text(min_size=1, max_size=300).map(lambda text: text * 60))
@settings(max_examples=60, deadline=None)
def test_any_text_fits_and_no_word_is_lost(text):
    parts = render({"text": text}, TEXTS)
    for part in parts:
        slack_server._check_message({"text": part.text, "blocks": part.blocks}, set())
        slack_server._check_message({"text": part.text, "blocks": part.plainer}, set())
    if plain.shown(text).strip():
        assert squeezed("".join(words(list(part.blocks)) for part in parts)) == squeezed(plain.shown(text))


@given(st.text(), st.integers(2, 50))
@settings(deadline=None)
def test_pieces_are_short_and_together_the_text(text, most):
    pieces = split(text, most)
    assert all(0 < len(piece) <= most for piece in pieces)
    assert squeezed("".join(pieces)) == squeezed(text)


def test_long_text_is_cut_where_a_reader_would_pause():
    text = "。".join(f"これは{n}番目の文です" for n in range(400)) + "。"
    assert all(piece.endswith("。") for piece in split(text, 200))
    paragraphs = "一段落目です。これで終わります。\n\n二段落目です。まだ続きます。"
    assert split(paragraphs, 24) == paragraphs.split("\n\n")


def test_a_mark_stays_with_its_character():
    assert all(not piece.startswith("\u3099") for piece in split("か\u3099" * 50, 7))


def test_nothing_quoted_pings_links_or_is_markup():
    (part,) = render({"text": HOSTILE, "quotes": [{"head": "", "text": "<@U0TARO>"}]}, TEXTS)
    assert not re.search(r"<[!@#h]", part.text)
    sent = json.dumps([part.blocks, part.plainer], ensure_ascii=False)
    assert not re.search(r"<[!@#]", sent)
    kinds = set(re.findall(r'"type": "(\w+)"', sent))
    assert "mrkdwn" not in kinds
    assert squeezed(words(list(part.blocks))) == squeezed(HOSTILE)


def test_links_show_where_they_lead():
    (part,) = render({"text": "ページ: https://www.hkd.mlit.go.jp/ot/ です。http://example.jp/a。"}, TEXTS)
    links = [e for block in part.blocks for e in block["elements"][0]["elements"] if e["type"] == "link"]
    assert links == [
        {"type": "link", "url": "https://www.hkd.mlit.go.jp/ot/"},
        {"type": "link", "url": "http://example.jp/a"},
    ]


@pytest.mark.parametrize("hidden", ["\x00", "\u202e", "\u2066", "\U000e0041", "\x1b", "\x7f"])
def test_what_is_not_seen_is_not_sent(hidden):
    (part,) = render({"text": f"余市{hidden}町"}, TEXTS)
    assert part.text == "余市町"
    assert words(list(part.blocks)) == "余市町"


def test_sources_are_set_apart():
    quoted = "余市町の朝市は、令和6年10月5日に開かれました。"
    (part,) = render(
        {"text": f"言葉です。\n\n[1] 朝市の記録\n{quoted}", "quotes": [{"head": "x", "text": quoted}]}, TEXTS
    )
    kinds = [block["elements"][0]["type"] for block in part.blocks]
    assert kinds == ["rich_text_section", "rich_text_quote"]
    assert words(part.blocks[1]) == quoted


def test_the_buttons_of_an_answer():
    buttons = (
        Button(Action.EVIDENCE, "根拠を見る", "a:1"),
        Button(Action.CONSULT, "担当に相談する"),
        Button(Action.FEEDBACK, "よかった", "a:1:good"),
        Button(Action.FEEDBACK, "よくなかった", "a:1:bad"),
    )
    (part,) = render(payload(Said("答えです。", buttons)), TEXTS)
    actions, marks = part.blocks[-2:]
    assert [e["action_id"] for e in actions["elements"]] == ["evidence", "consult"]
    (mark,) = marks["elements"]
    assert (mark["type"], mark["positive_button"]["value"], mark["negative_button"]["value"]) == (
        "feedback_buttons", "a:1:good", "a:1:bad",
    )  # fmt: skip
    assert mark["negative_button"]["accessibility_label"]
    plain_ids = [e["action_id"] for e in part.plainer[-1]["elements"]]
    assert plain_ids == ["evidence", "consult", "feedback", "feedback.2"]


def test_several_buttons_of_one_action_differ_and_keep_its_name():
    ways = tuple(Button(Action.CONSULT, name, f"way:{name}") for name in ("here", "outside", "none"))
    (block,) = button_blocks(payload(Said("", ways)), TEXTS, Lang.JA, modern=True)
    assert [e["action_id"] for e in block["elements"]] == ["consult", "consult.2", "consult.3"]


def test_an_end_is_asked_back():
    (block,) = button_blocks(
        payload(Said("", (Button(Action.CLOSE, "完了", "7KM-4PX-A9R"),))), TEXTS, Lang.JA, modern=True
    )
    assert set(block["elements"][0]["confirm"]) == {"title", "text", "confirm", "deny"}


def test_a_table_takes_the_place_of_its_lines():
    table = {"title": "事業 1件", "columns": ["事業", "目標"], "rows": [["朝市", "30人"]]}
    (part,) = render({"text": "事業 1件\n朝市: 30人", "table": table}, TEXTS)
    assert [block["type"] for block in part.blocks] == ["rich_text", "table"]
    assert part.blocks[1]["rows"][1] == [{"type": "raw_text", "text": "朝市"}, {"type": "raw_text", "text": "30人"}]
    assert "朝市: 30人" in part.text
    assert "朝市: 30人" in words(list(part.plainer))
    wide = {"columns": ["a"] * 21, "rows": [["x"] * 21]}
    assert "table" not in {block["type"] for block in render({"text": "長い表", "table": wide}, TEXTS)[0].blocks}


def test_a_possible_repeat_says_so_in_the_language_of_the_message():
    (part,) = render({"text": "Received.", "lang": "en"}, TEXTS, repeated=True)
    assert part.text.startswith(TEXTS.say(Lang.EN, "command.repeated"))


def test_a_home_page_is_within_its_limits():
    view = home(
        {"text": "行です。\n" * 20_000, "buttons": [{"action": "consult", "label": "相談", "value": ""}]}, TEXTS
    )
    assert view["type"] == "home"
    assert len(view["blocks"]) <= 100
    assert view["blocks"][-1]["type"] == "actions"


def test_every_message_has_a_text():
    assert render({"text": ""}, TEXTS)[0].text
    assert render({}, TEXTS)[0].text
