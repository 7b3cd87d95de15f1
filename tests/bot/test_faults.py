"""What the grounding check lets through and what it drops, on the table of grounding_cases.toml and beyond it."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.figures import unsupported_figures
from bot.grounding import Fault, addresses, faults
from knowledge.text import sentences

CASES = tomllib.loads(Path(__file__).with_name("grounding_cases.toml").read_text(encoding="utf-8"))
DOCUMENTS = sorted((Path(__file__).parents[2] / "knowledge" / "documents").glob("*.md"))
FORUM = CASES["passages"]["forum"]


def rows(kind: str):
    for group in CASES[kind]:
        for sentence in group["sentences"]:
            yield pytest.param(CASES["passages"][group["passage"]], sentence, group.get("fault"), id=sentence)


@pytest.mark.parametrize(("passage", "sentence", "_"), list(rows("good")))
def test_a_sentence_that_its_passage_holds_is_shown(passage, sentence, _):
    assert faults(sentence, passage) == []


@pytest.mark.parametrize(("passage", "sentence", "fault"), list(rows("bad")))
def test_a_sentence_that_its_passage_does_not_hold_is_dropped(passage, sentence, fault):
    assert Fault(fault) in {finding.fault for finding in faults(sentence, passage)}


def test_the_table_is_large_enough_and_knows_every_fault():
    assert sum(len(group["sentences"]) for kind in ("good", "bad") for group in CASES[kind]) >= 60
    assert {group["fault"] for group in CASES["bad"]} == set(Fault)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_very_words_of_a_document_are_grounded_in_it(path):
    paragraphs = path.read_text(encoding="utf-8").split("---", 2)[2].split("\n\n")
    lines = [(line.strip("#- "), paragraph) for paragraph in paragraphs for line in sentences(paragraph)]
    dropped = [(line, faults(line, paragraph)) for line, paragraph in lines if faults(line, paragraph)]
    assert [row for row in dropped if {f.fault for f in row[1]} != {Fault.FOREIGN}] == []


def kanji(number: int) -> str:
    """7250 → 七千二百五十."""
    written = ""
    for scale, sign in ((10**8, "億"), (10**4, "万")):
        if number >= scale:
            written += kanji(number // scale) + sign
            number %= scale
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十")):
        digit, number = divmod(number, scale)
        written += ("" if digit == 1 else "〇一二三四五六七八九"[digit]) + sign if digit else ""
    return written + ("〇一二三四五六七八九"[number] if number else "")


numbers = st.integers(min_value=1, max_value=10**10)


@given(numbers)
def test_a_number_is_the_same_however_it_is_written(n):
    for written in (f"{n}人", f"{n:,}名", f"{kanji(n)}人", f"{n / 10000:.4f}万人"):
        assert unsupported_figures(f"参加は{written}です", f"参加は{n:,}人") == [], written
        assert unsupported_figures(f"参加は{n}人です", f"参加は{written}") == [], written


@given(numbers, numbers)
def test_another_number_is_another_however_it_is_written(n, m):
    for written in (f"{n}人", f"{n:,}名", f"{kanji(n)}人"):
        assert bool(unsupported_figures(f"参加は{written}です", f"参加は{m:,}人")) == (n != m)


@given(
    numbers,
    st.sampled_from(["円", "人", "件", "%", "団体", "km", "回"]),
    st.sampled_from("円 人 件 % 団体 km 回".split()),
)
def test_a_unit_belongs_to_its_number(n, unit, other):
    assert bool(unsupported_figures(f"{n:,}{unit}です", f"{n:,}{other}でした")) == (unit != other)


@given(st.dates(min_value=date(1990, 1, 1)), st.dates(min_value=date(1990, 1, 1)))
def test_dates_are_compared_whole(day, other):
    evidence = f"{other.year}年{other.month}月{other.day}日に開催"
    assert bool(unsupported_figures(f"{day.year}年{day.month}月{day.day}日", evidence)) == (day != other)


@given(st.integers(2019, 2035), st.integers(2019, 2035))
def test_era_and_western_years_are_one_and_a_fiscal_year_is_its_own(year, other):
    era = f"令和{year - 2018}"
    assert bool(unsupported_figures(f"{era}年度の計画", f"{other}年度の計画")) == (year != other)
    assert unsupported_figures(f"{era}年度の計画", f"{year}年の計画")
    assert unsupported_figures(f"R{year - 2018}年度の計画", f"R{year - 2018}の計画") == []


@given(st.from_regex(r"0\d{1,3}-\d{2,4}-\d{4}", fullmatch=True))
def test_no_other_phone_number_gets_through(phone):
    found = {finding.fault for finding in faults(f"問い合わせは電話{phone}です。", FORUM)}
    assert (Fault.ADDRESS in found) == (phone.replace("-", "") not in addresses(FORUM))


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_whatever_is_written_is_judged_and_nothing_without_words_is_shown(text):
    found = faults(text, FORUM)
    assert found or any(word in FORUM for word in text)
