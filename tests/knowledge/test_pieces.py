"""Passages cut into pieces, and the best piece of each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entities import Passage
from knowledge.pieces import PieceVectors, encoded, pieces
from knowledge.text import compact


def passage(text: str, context: str = "後志の計画") -> Passage:
    return Passage(id="1", text=text, context=context, title="", section="", source="a.md")


def test_the_context_comes_first_then_runs_of_sentences() -> None:
    short, long = (
        "会議を開きました。",
        "参加した三市十町の担当者は、冬の観光と交通について三つの班に分かれて話し合い、結果を発表しました。" * 2,
    )
    assert pieces(passage(short + long + short)) == ["後志の計画", short + long, short]


def test_every_passage_has_a_piece() -> None:
    assert pieces(passage("", "")) == [""]
    assert pieces(passage("短い文。", "")) == ["短い文。"]


@given(st.text(alphabet="あい。\n 」「", max_size=300))
def test_no_character_is_lost(text: str) -> None:
    assert compact("".join(pieces(passage(text)))) == compact("後志の計画" + text)


def test_a_text_of_several_passages_is_read_once() -> None:
    read: list[str] = []

    def encode(texts: list[str]) -> np.ndarray:
        read.extend(texts)
        return np.eye(len(texts), 4, dtype=np.float32)

    first, second = encoded([passage("山の話。"), passage("海の話。")], encode)
    assert read == ["後志の計画", "山の話。", "海の話。"]
    np.testing.assert_array_equal(first, np.eye(4)[[0, 1]])
    np.testing.assert_array_equal(second, np.eye(4)[[0, 2]])


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_the_best_piece_of_each_passage(counts: list[int]) -> None:
    rng = np.random.default_rng(len(counts))
    parts = [rng.standard_normal((count, 8)).astype(np.float16) for count in counts]
    vectors, query = PieceVectors.of(parts), rng.standard_normal(8).astype(np.float32)
    asked = np.array([row for row in range(len(counts)) if row % 2 == 0])
    assert len(vectors) == len(counts)
    np.testing.assert_array_equal(vectors[len(counts) - 1], parts[-1])
    expected = [(parts[row].astype(np.float32) @ query).max() for row in asked]
    np.testing.assert_allclose(vectors.best(asked, query), expected, rtol=1e-5)


def test_no_passage_has_no_best() -> None:
    vectors = PieceVectors.of([np.ones((1, 4))])
    assert vectors.best(np.array([], dtype=np.int64), np.ones(4, np.float32)).shape == (0,)
