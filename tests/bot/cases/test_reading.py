"""What residents say while a consultation is drafted, read as an answer, a correction, or something else."""

import tomllib
from pathlib import Path

import pytest
from case_office import knowledge

from bot.cases import reading
from bot.cases.case import Step
from bot.cases.reading import Reader, answers, find_address
from bot.message import ReplyStatus
from knowledge.entities import Level

KNOWN = knowledge()
READER = Reader(KNOWN.triage, KNOWN.gazetteer, KNOWN.directory, KNOWN.masker)

CASES = tomllib.loads(Path(__file__).with_name("heard_cases.toml").read_text(encoding="utf-8"))
SAID = CASES["answer"]


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SAID.items() for text in texts])
def test_answers(name, text):
    found = answers(text)
    assert found == {name} or (name != "confirm" and found == {name, "unclear"})


@pytest.mark.parametrize("text", CASES["none"]["matter"])
def test_a_matter_is_no_answer(text):
    assert answers(text) == frozenset()


@pytest.mark.parametrize("text", [text for name, texts in SAID.items() if name != "confirm" for text in texts])
def test_nothing_else_is_a_yes(text):
    assert "confirm" not in answers(text)


def test_every_answer_of_the_table_has_examples():
    table = Path(reading.__file__).with_name("heard.toml").read_text(encoding="utf-8")
    assert set(SAID) == set(tomllib.loads(table)["answer"])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0135-00-0000 です", "0135-00-0000"),
        ("０９０－００００－００００へ", "０９０－００００－００００"),
        ("taro@example.jp にください", "taro@example.jp"),
        ("余市町で朝市", ""),
        ("2026年11月20日", ""),
        ("2026-11-20", ""),
        ("2026-11-20 2026-11-21", ""),
        ("10 - 12 - 2026 10 00", ""),
        ("+1 202 000 0000", "+1 202 000 0000"),
    ],
)
def test_addresses(text, address):
    assert find_address(text) == address


@pytest.mark.parametrize(
    ("text", "only", "place"),
    [
        ("やっぱり仁木町です", True, "仁木町"),
        ("余市町ではなく仁木町です", True, "仁木町"),
        ("仁木町", True, "仁木町"),
        ("仁木町で朝市を開きたい", False, "仁木町"),
    ],
)
def test_places(text, only, place):
    heard = READER.read(text)
    assert heard.only_place is only
    assert heard.place.status is ReplyStatus.ROUTED
    assert heard.place.places == (place,)


def test_what_is_kept_is_masked_and_a_number_is_not_taken_for_a_correction():
    heard = READER.read("電話は090-1234-5678です")
    assert heard.kept == "電話は〔電話番号〕です"
    assert heard.address == "090-1234-5678"
    assert not READER.read("0135-00-0000 です").aside


def test_the_number_of_an_office_is_no_contact_of_a_resident():
    phone = next(office.phone for office in KNOWN.directory.offices if office.phone)
    assert READER.read(f"{phone} に電話すればよいですか").address == ""
    assert READER.read(f"{phone}ではなく、090-0000-1234へお願いします").address == "090-0000-1234"


def test_what_was_read():
    assert READER.read("国だけ").levels == (Level.NATIONAL,)
    assert READER.read("場所を直す").fixes is Step.PLACE
    assert READER.read("この会話で").way == "here"
    assert READER.read("次の会議はいつですか").asks
    assert not READER.read("朝市を開きたいです").asks
    assert READER.read("火事です!家が燃えています").aside
    assert READER.read("どこでもいい").place is None
