"""Receipt numbers: random, readable on the phone, and a slip is noticed."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.cases.receipt import ALPHABET, find_receipt, new_receipt, read_receipt

receipts = st.builds(new_receipt, st.randoms(use_true_random=False).map(lambda rng: rng.choice))


def test_no_two_signs_look_alike():
    for group in ("0OQD", "1IL", "5S", "8B", "UV", "2Z", "6G"):
        assert sum(sign in ALPHABET for sign in group) <= 1, group


def test_numbers_differ_and_come_from_the_safe_source():
    assert len({new_receipt() for _ in range(2000)}) == 2000
    assert new_receipt(random.Random(1).choice) == new_receipt(random.Random(1).choice)


@given(receipts, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_noticed(receipt, at, sign):
    signs = receipt.replace("-", "")
    wrong = signs[:at] + sign + signs[at + 1 :]
    assert (read_receipt(wrong) == receipt) == (wrong == signs)
    assert wrong == signs or read_receipt(wrong) is None


@given(receipts, st.integers(0, 7))
def test_two_signs_exchanged_are_noticed(receipt, at):
    signs = receipt.replace("-", "")
    swapped = signs[:at] + signs[at + 1] + signs[at] + signs[at + 2 :]
    assert swapped == signs or read_receipt(swapped) is None


@given(receipts)
def test_however_it_is_typed(receipt):
    wide = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
    for typed in (
        receipt,
        receipt.lower(),
        receipt.replace("-", ""),
        receipt.replace("-", " "),
        receipt.translate(wide),
    ):
        assert read_receipt(f" {typed} ") == receipt
    assert find_receipt(f"受付番号{receipt}はどうなりましたか") == receipt
    assert find_receipt(f"受付番号は {receipt.lower()} です") == receipt


def test_words_and_phone_numbers_are_none():
    for text in ("", "0134-23-8035", "information", "TEMPERATE", "ABC-DEF-GHI", "7KM-4PX"):
        assert find_receipt(text) is None
