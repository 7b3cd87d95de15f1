import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grounding import unsupported

EVIDENCE = (
    "令和7年2月18日に開催し、会場308名、オンライン100名が参加しました。電話 000-111-2222 https://example.jp/a 7,250千人"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "2025年2月18日",
        "会場は308名です",
        "７２５０千人",
        "電話は000-111-2222です",
        "https://example.jp/a をご覧ください",
        "参加者がいました",
    ],
)
def test_what_the_evidence_holds_is_supported(sentence):
    assert unsupported(sentence, EVIDENCE) == []


@pytest.mark.parametrize(
    "sentence", ["令和8年2月18日", "309名", "000-111-2223", "https://example.jp/b", "a@example.jp", "8,250千人"]
)
def test_what_it_does_not_hold_is_named(sentence):
    assert unsupported(sentence, EVIDENCE)


@given(st.integers(min_value=0, max_value=10**9))
def test_no_other_number_gets_through(number):
    held = {7, 2025, 2, 18, 308, 100, 0, 111, 2222, 7250}
    assert bool(unsupported(f"参加は{number}名", EVIDENCE)) == (number not in held)
