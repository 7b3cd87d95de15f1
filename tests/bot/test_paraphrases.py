"""How many good paraphrases of the bundled documents the grounding check keeps, and how many false ones it lets pass.

`pytest tests/bot/test_paraphrases.py -s` prints the table of the README. The half of the cases that is kept aside was
counted only after the rules were written; the sentences that are still wrong there stay as they are.
"""

import tomllib
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.ports import Written
from bot.writing import Offered, grounded, offer
from indexer.build import read_document

HERE = Path(__file__).parent
DOCUMENTS = sorted((HERE.parents[1] / "knowledge" / "documents").glob("*.md"))
CASES = tomllib.loads((HERE / "paraphrase_cases.toml").read_text(encoding="utf-8"))["passage"]
PARTS = ("work", "aside")


@cache
def passages():
    return [passage for path in DOCUMENTS for passage in read_document(path.name, path)]


@cache
def offered(holds: tuple[str, ...]) -> list[Offered]:
    """The passages that a model would have been given: those that hold these words."""
    found = [next(p for p in passages() if words in unicodedata.normalize("NFKC", p.text)) for words in holds]
    return offer(list(dict.fromkeys(found)))


def shown(sentence: str, case: dict) -> bool:
    holds = (case["holds"],) if isinstance(case["holds"], str) else tuple(case["holds"])
    given = offered(tuple(unicodedata.normalize("NFKC", words) for words in holds))
    return grounded(Written(sentence, tuple(range(1, len(given) + 1))), given) is not None


def part_of(sentences: list[str], part: str, case: dict) -> list[str]:
    if case.get("work"):
        return sentences if part == "work" else []
    return sentences[PARTS.index(part) :: 2]


@cache
def counted(part: str) -> dict[tuple[str, str], Counter]:
    """(language, good or false) → how many there are, how many are shown."""
    counts: dict[tuple[str, str], Counter] = {}
    for case in CASES:
        kinds = {
            "good": case["good"],
            "false": [s for kind in case["false"].values() for s in part_of(kind, part, case)],
        }
        kinds["good"] = part_of(kinds["good"], part, case)
        for kind, sentences in kinds.items():
            count = counts.setdefault((case.get("lang", "ja"), kind), Counter())
            count["of"] += len(sentences)
            count["shown"] += sum(shown(sentence, case) for sentence in sentences)
    return counts


def test_the_cases_are_many_and_each_stands_once():
    every = [s for case in CASES for s in [*case["good"], *(s for kind in case["false"].values() for s in kind)]]
    assert len(every) == len(set(every)) >= 400
    assert sum(counted("aside")["ja", kind]["of"] for kind in ("good", "false")) >= 120


@pytest.mark.parametrize(("part", "kept", "let"), [("work", 0.95, 0.02), ("aside", 0.7, 0.05)])
def test_good_paraphrases_are_kept_and_false_ones_dropped(part, kept, let):
    good, false = (counted(part)["ja", kind] for kind in ("good", "false"))
    assert good["shown"] >= kept * good["of"]
    assert false["shown"] <= let * false["of"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_said_in_another_language_cannot_be_held_to_its_source_and_is_not_shown(lang):
    assert sum(counted(part)[lang, kind]["shown"] for part in PARTS for kind in ("good", "false")) == 0


def test_the_table_for_the_readme():
    for part in PARTS:
        for (lang, kind), count in counted(part).items():
            print(f"{part:6} {lang} {kind:6} shown {count['shown']:3} of {count['of']}")
