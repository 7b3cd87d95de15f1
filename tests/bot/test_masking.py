"""Personal data goes, all else stays: tests/bot/masking_cases.toml is the table."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.masking import Masker
from bot.personal import Kind, fold, luhn, my_number
from bot.texts import Texts
from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer

CASES = tomllib.loads((Path(__file__).parent / "masking_cases.toml").read_text(encoding="utf-8"))["case"]
DIRECTORY = Directory.load()
MASK = Masker.load(Texts.load(), DIRECTORY, Gazetteer(DIRECTORY))
PIECES = [case["text"] for case in CASES] + list(MASK.labels.values()) + ["私は", "氏名", "名前は", "小樽市", "-", " "]
DIGITS = "0123456789"


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:40] for case in CASES])
def test_case(case):
    assert MASK(case["text"]) == case.get("expected", case["text"])


def test_enough_cases():
    assert len(CASES) >= 60
    assert len({case["text"] for case in CASES}) == len(CASES)


def test_labels_hold_nothing_that_is_masked():
    for kind, label in MASK.labels.items():
        assert MASK(label * 2) == label * 2, kind
        assert not set(DIGITS) & set(label)


def published() -> list[str]:
    found = [desk.phone for desk in DIRECTORY.desks]
    for office in DIRECTORY.offices:
        found += [office.phone, office.email, office.address, *(other.phone for other in office.other_phones)]
        found += [f"〒{office.postal}" if office.postal else None]
    return [value for value in found if value]


@pytest.mark.parametrize("value", published())
def test_what_the_directory_publishes_stays(value):
    for text in (value, f"{value}は何ですか", f"連絡先は、{value}。"):
        assert MASK(text) == text


def test_every_place_stays():
    names = [town.name for town in DIRECTORY.municipalities] + [place.name for place in DIRECTORY.places]
    assert {
        name: MASK(f"私は{name}から来ました") for name in names if name not in MASK(f"私は{name}から来ました")
    } == {}


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8), st.text(DIGITS + "-() 〔〕@.", max_size=14))))
@settings(deadline=None)
def test_masking_twice_is_masking_once_and_line_breaks_stay(pieces):
    text = "".join(pieces)
    once = MASK(text)
    assert MASK(once) == once
    assert once.count("\n") == text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@given(st.sampled_from(published()), st.sampled_from(PIECES))
@settings(deadline=None)
def test_a_published_value_stays_beside_anything(value, piece):
    assume("氏名" not in piece)
    assert value in MASK(f"{piece}\n{value}\n{piece}")


def with_check_digit(body: str, valid) -> str | None:
    return next((body + digit for digit in DIGITS if valid(body + digit)), None)


@given(st.text(DIGITS, min_size=11, max_size=11), st.sampled_from(["", "-", " ", "　"]))
@settings(deadline=None)
def test_any_my_number_goes(body, gap):
    number = with_check_digit(body, my_number)
    assume(number and not all(number[i : i + 2] in ("19", "20") for i in (0, 4, 8)))
    written = gap.join((number[:4], number[4:8], number[8:]))
    assert MASK(f"番号は{written}です") == f"番号は{MASK.labels[Kind.MY_NUMBER]}です"


@given(st.text(DIGITS, min_size=12, max_size=18), st.sampled_from(["", "-", " "]))
@settings(deadline=None)
def test_any_card_number_goes(body, gap):
    number = with_check_digit(body, luhn)
    groups = [number[i : i + 4] for i in range(0, len(number), 4)]
    assume(not all(group[:2] in ("19", "20") for group in groups))
    assert MASK(f"カードは{gap.join(groups)}です") == f"カードは{MASK.labels[Kind.CARD]}です"


@given(st.integers(0, 99_999_999), st.sampled_from(["050", "070", "080", "090"]), st.sampled_from(["-", " ", ".", ""]))
@settings(deadline=None)
def test_any_mobile_number_goes(rest, prefix, gap):
    digits = f"{rest:08}"
    assert MASK(f"携帯は{gap.join((prefix, digits[:4], digits[4:]))}です") == "携帯は〔電話番号〕です"


@given(st.text(max_size=60))
def test_folding_keeps_the_length(text):
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize("unit", ["1", "1-", "0 ", "a@", "a.", "小樽市", "1丁目", "私は", "名前は", "(0", "市1-"])
def test_long_repetitions_are_masked_in_bounded_steps(unit):
    """A pattern that explodes would hang here."""
    assert MASK(unit * (2000 // len(unit)))
