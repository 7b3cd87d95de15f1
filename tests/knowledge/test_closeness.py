"""Closeness: what stands together counts, what is scattered does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.closeness import closeness

FAR = "".join(f"これは{n}番目の長い説明の文で、ほかの事柄について述べています。" for n in range(8))


def test_words_in_one_sentence_are_closer_than_words_far_apart() -> None:
    weights = {"会議": 1.0, "参加者": 2.0}
    together = f"{FAR}会議の参加者は40名でした。"
    apart = f"会議を開きました。{FAR}参加者は40名でした。"
    assert closeness(weights, "", together) == pytest.approx(3.0)
    assert closeness(weights, "", apart) == pytest.approx(2.0)
    assert closeness(weights, "会議の記録", apart) == pytest.approx(3.0)


def test_neighbouring_sentences_are_one_window() -> None:
    assert closeness({"会議": 1.0, "参加者": 2.0}, "", "会議を開きました。\n参加者は40名でした。") == pytest.approx(3.0)


def test_spelling_variants_are_one_word() -> None:
    assert closeness({"倶知安": 1.0, "令和6年": 1.0}, "", "俱知安町(令和６年)") == pytest.approx(2.0)


words = st.text(alphabet="会議参加者令和", min_size=1, max_size=3)


@given(st.dictionaries(words, st.floats(0.01, 9), max_size=6), st.text(max_size=30), st.text(max_size=300))
def test_never_more_than_all_words_nor_less_than_those_above(
    weights: dict[str, float], context: str, content: str
) -> None:
    value = closeness(weights, context, content)
    assert closeness(weights, context, "") - 1e-9 <= value <= sum(weights.values()) + 1e-9


@given(st.dictionaries(words, st.floats(0.01, 9), max_size=6), st.lists(words, min_size=1, max_size=5))
def test_a_short_passage_is_one_window(weights: dict[str, float], lines: list[str]) -> None:
    content = "\n".join(lines)
    assert closeness(weights, "", content) == pytest.approx(
        sum(w for t, w in weights.items() if t in lines or t in content)
    )
