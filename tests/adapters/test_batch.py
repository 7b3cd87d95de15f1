"""JSON Lines in, JSON Lines out."""

import json

from hypothesis import given
from hypothesis import strategies as st

from adapters.batch import fresh_conversations, run, to_json
from bot.message import Message, Reply, ReplyStatus


def echo(message: Message) -> Reply:
    return Reply(ReplyStatus.ANSWERED, f"{message.thread}: {message.text}")


def played(*lines: bytes) -> list[dict]:
    return list(run(lines, fresh_conversations(echo)))


def texts(row: dict) -> list[str]:
    return [reply["text"] for reply in row["turns"]]


def test_each_line_is_a_conversation_of_its_own_in_order():
    rows = played(b'{"id": 7, "turns": ["a", "b"]}\n', b"\n", b'\xef\xbb\xbf{"id": "x", "turns": ["c"]}')
    assert [row["id"] for row in rows] == [7, "x"]
    assert texts(rows[0]) == ["conversation-1: a", "conversation-1: b"]
    assert texts(rows[1]) == ["conversation-2: c"]


def test_a_bad_line_is_reported_in_its_place():
    rows = played(
        b"{", b'{"id": "n", "turns": "a"}', b'{"turns": []}', b"\xff\xfe", b'{"id": NaN, "turns": []}', b"[" * 100_000,
        b'{"id": "ok", "turns": []}',
    )  # fmt: skip
    assert [row["id"] for row in rows] == [None, "n", None, None, None, None, "ok"]
    assert [("error" in row) for row in rows] == [True] * 6 + [False]
    assert all("ください" in rows[i]["error"] for i in (0, 1, 2, 3, 5)), rows


def test_a_file_of_plain_lines_is_told_the_form():
    (row,) = played("倶知安町で店をしたい".encode())
    assert '"turns"' in row["error"]


@given(st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers())), st.lists(st.text(), max_size=3))
def test_ids_and_turns_come_back_as_given(key, turns):
    (row,) = played(json.dumps({"id": key, "turns": turns}).encode())
    assert row["id"] == key
    assert [text.partition(": ")[2] for text in texts(row)] == turns


@given(st.text(alphabet=st.characters()))
def test_json_is_one_line_of_utf8_whatever_the_text(text):
    line = to_json({"text": text, "lone": "\ud800"})
    assert line.count(b"\n") == 1
    assert json.loads(line.decode("utf-8")) == {"text": text, "lone": "\ud800"}
