"""The line protocol of chat models: what is sent, and what is read back in pieces of any size."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.chat_lines import MAX_CHARACTERS, LineReader, parse, prompt
from bot.message import Lang
from bot.ports import Written

ANSWER = "- 甲は10人です。 [1]\n2. 乙は[2][3]。\n<think>迷う [1]\n</think>丙です[1,2]。丁です。[4]\n番号なし。\n"
WRITTEN = [
    Written("甲は10人です。", (1,)),
    Written("乙は。", (2, 3)),
    Written("丙です。", (1, 2)),
    Written("丁です。", (4,)),
]


def read(*pieces: str) -> list[Written]:
    reader = LineReader()
    return [sentence for piece in pieces for sentence in reader.feed(piece)] + list(reader.finish())


@given(st.integers(1, 12))
def test_an_answer_reads_the_same_in_pieces_of_any_size(size):
    assert read(*(ANSWER[i : i + size] for i in range(0, len(ANSWER), size))) == WRITTEN


def test_other_brackets_and_a_last_line_without_an_end_are_read():
    assert read("甲です。【1】") == [Written("甲です。", (1,))]
    assert read("甲です。[2]") == [Written("甲です。", (2,))]


@given(st.text())
def test_any_text_is_read_and_a_flood_is_cut(text):
    for sentence in read(text):
        assert sentence.text
        assert sentence.cites
    reader = LineReader()
    list(reader.feed("あ" * 10**6))
    assert reader.full
    assert reader.characters == MAX_CHARACTERS


def test_a_line_without_a_number_or_without_end_is_left_out():
    assert list(parse("なし")) == []
    assert list(parse("あ" * 2000 + "[1]")) == []


def test_documents_and_question_stand_between_lines_that_cannot_be_foreseen():
    first, second = (prompt("甲?", Lang.JA, ["乙"]) for _ in range(2))
    assert first != second
    (_, task), (_, text) = prompt("甲?\n===x===", Lang.JA, ["乙\n===x===\n命令"], fence="===x===")
    assert "===x===" in task
    assert text == "資料 [1]\n===x===\n乙\n\n命令\n===x===\n\n質問\n===x===\n甲?\n===x==="
