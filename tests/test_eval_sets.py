"""The question sets in tests/eval keep their form and stand on the bundled digests.

A digest may be edited at any time; each check lists the rows that no longer fit, by file and id,
so that the row (or the digest) can be mended at once.
"""

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from knowledge.directory import Directory

EVAL = Path(__file__).parent / "eval"
DIGESTS = Path(__file__).parents[1] / "knowledge" / "documents"

Row = dict[str, Any]

COUNTS = {
    "qa.jsonl": 130,
    "route.jsonl": 90,
    "abstain.jsonl": 80,
    "attack.jsonl": 20,
    "dialog.jsonl": 20,
    "kinds/english/qa.jsonl": 60,
    "kinds/chinese/qa.jsonl": 60,
    "kinds/kana/qa.jsonl": 60,
    "kinds/colloquial/qa.jsonl": 60,
    "calibration/qa.jsonl": 150,
    "calibration/abstain.jsonl": 100,
}
QA_FILES = [name for name in COUNTS if name.endswith("qa.jsonl")]
ABSTAIN_FILES = [name for name in COUNTS if name.endswith("abstain.jsonl")]

QA_KINDS = set("contact date definition fact how kpi list number project why".split())
ROUTE_KINDS = set("municipality two_places landmark topic+place subprefecture region".split()) | set(
    "ambiguous none outside emergency wrong_desk".split()
)
ACTIONS = set("route emergency other_desk ask_place out_of_area".split())
ABSTAIN_EXPECT = {
    "near_miss": "abstain_and_offer_contact",
    "not_in_docs": "abstain_and_offer_contact",
    "smalltalk": "smalltalk",
    "refuse": "refuse",
}
# As the directory has them: also 幌延町 (国 留萌, 道 宗谷) and 幌加内町, which 札幌 claims beside 旭川.
PAIRS = {(bureau, town.subprefecture) for town in Directory.load().municipalities for bureau in town.bureaus}
BUREAUS = {bureau for bureau, _ in PAIRS}
SUBPREFECTURES = {subprefecture for _, subprefecture in PAIRS}


def squeeze(text: str) -> str:
    """Without white space; other characters as they are."""
    return re.sub(r"\s+", "", text)


def norm(text: str) -> str:
    """NORM of the set's README: NFKC, then without white space."""
    return squeeze(unicodedata.normalize("NFKC", text))


@cache
def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (EVAL / name).read_text(encoding="utf-8").splitlines()]


@cache
def digests() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(DIGESTS.glob("*.md"))}


def all_digests() -> str:
    return "".join(digests().values())


def said(row: Row) -> str:
    """What the person says in a row; all turns of a dialogue."""
    if "turns" in row:
        return "\n".join(turn["user"] for turn in row["turns"])
    return str(row.get("question") or row["message"])


def answer_problems(answers: Any, text: str) -> list[str]:
    """Malformed answers, and required elements of which no alternative stands in `text`."""
    if not answers or not all(isinstance(group, list) and group for group in answers):
        return ["answers malformed"]
    found = norm(text)
    return [f"none of {group} in the digest" for group in answers if not any(norm(a) in found for a in group)]


def answered_by(text: str, answers: list[list[str]]) -> bool:
    return all(any(norm(a) in norm(text) for a in group) for group in answers)


def matches_any(patterns: list[str], text: str) -> bool:
    normalised = unicodedata.normalize("NFKC", text)
    return any(re.search(pattern, normalised, re.I) for pattern in patterns)


def pair_problems(bureau: str | None, subprefecture: str | None) -> list[str]:
    if bureau is not None and bureau not in BUREAUS:
        return [f"no such bureau: {bureau}"]
    if subprefecture is None:
        return []
    if subprefecture not in SUBPREFECTURES:
        return [f"no such subprefecture: {subprefecture}"]
    return [] if (bureau, subprefecture) in PAIRS else [f"{subprefecture} does not belong to {bureau}"]


def expect_problems(expect: Row) -> list[str]:
    action, bureau, subprefecture = expect["action"], expect["bureau"], expect["subprefecture"]
    problems = pair_problems(bureau, subprefecture)
    if action not in ACTIONS:
        problems.append(f"action {action}")
    if (action == "route") != (bureau is not None):
        problems.append(f"{action} with bureau {bureau}")
    for other in expect.get("alternatives", []):
        problems += pair_problems(other["bureau"], other["subprefecture"])
    return problems


def qa_problems(row: Row) -> list[str]:
    fields = set("id lang kind difficulty question answers docs passage".split())
    if set(row) != fields:
        return [f"fields {sorted(set(row) ^ fields)}"]
    if missing := [doc for doc in row["docs"] if doc not in digests()]:
        return [f"no digest {missing}"]
    text = "".join(digests()[doc] for doc in row["docs"])
    problems = answer_problems(row["answers"], text)
    if row["kind"] not in QA_KINDS or row["difficulty"] not in {"lexical", "paraphrase", "hard"}:
        problems.append(f"kind {row['kind']}, difficulty {row['difficulty']}")
    if row["lang"] not in {"ja", "ja-easy", "en", "zh"}:
        problems.append(f"lang {row['lang']}")
    if answered_by(row["question"], row["answers"]):
        problems.append("the question answers itself")
    return problems + passage_problems(row["passage"], text)


def passage_problems(passage: str, text: str) -> list[str]:
    """A passage is 15–120 characters without white space and stands once in its digest."""
    problems = []
    if not 15 <= len(passage) <= 120 or squeeze(passage) != passage:
        problems.append(f"passage of {len(passage)} characters, or with white space")
    if (times := squeeze(text).count(passage)) != 1:
        problems.append(f"passage stands {times} times in the digest: {passage}")
    return problems


def abstain_problems(row: Row) -> list[str]:
    problems = [] if row["expect"] == ABSTAIN_EXPECT.get(row["kind"]) else [f"{row['kind']} expects {row['expect']}"]
    if row["kind"] == "near_miss":
        found = norm(all_digests())
        problems += [f"bait {b!r} is not in the digests" for b in row["bait"] if norm(b) not in found]
        problems += [] if row["bait"] else ["near miss without bait"]
    return problems


def attack_problems(row: Row) -> list[str]:
    problems = []
    if not matches_any(row["must_not"], row["bad_example"]):
        problems.append("bad_example passes")
    if matches_any(row["must_not"], row["ok_example"]):
        problems.append("ok_example fails")
    if should := row.get("should"):
        problems += answer_problems(should, all_digests())
        problems += [] if answered_by(row["ok_example"], should) else ["ok_example lacks what it should say"]
    return problems


def turn_problems(turn: Row) -> list[str]:
    if ("answers" in turn) == ("expect" in turn):
        return ["needs either answers or expect"]
    for pattern in turn.get("must_not", []):
        re.compile(pattern)
    if "answers" in turn:
        return answer_problems(turn["answers"], all_digests())
    if isinstance(turn["expect"], dict):
        return expect_problems(turn["expect"])
    return [] if turn["expect"] in ABSTAIN_EXPECT.values() else [f"expect {turn['expect']}"]


def dialog_problems(row: Row) -> list[str]:
    problems = [] if len(row["turns"]) >= 3 else ["fewer than three turns"]
    for number, turn in enumerate(row["turns"], 1):
        problems += [f"turn {number}: {problem}" for problem in turn_problems(turn)]
    return problems


def route_problems(row: Row) -> list[str]:
    return expect_problems(row["expect"]) + ([] if row["kind"] in ROUTE_KINDS else [f"kind {row['kind']}"])


def broken(name: str, check: Any) -> str:
    """One line for each problem: file, id, what is wrong. Empty if all is well."""
    return "\n".join(f"{name} {row['id']}: {problem}" for row in rows(name) for problem in check(row))


@pytest.mark.parametrize("name", COUNTS)
def test_enough_rows(name: str) -> None:
    assert len(rows(name)) >= COUNTS[name]


def test_ids_are_unique() -> None:
    ids = Counter(row["id"] for name in COUNTS for row in rows(name))
    assert [i for i, times in ids.items() if times > 1] == []


def test_no_question_is_asked_twice() -> None:
    """Unless what was said before it makes it another question."""
    texts = Counter((norm(said(row)), str(row.get("history"))) for name in COUNTS for row in rows(name))
    assert [text for text, times in texts.items() if times > 1] == []


@pytest.mark.parametrize("name", QA_FILES)
def test_questions_stand_on_the_digests(name: str) -> None:
    assert broken(name, qa_problems) == ""


@pytest.mark.parametrize("name", ABSTAIN_FILES)
def test_unanswerable_messages(name: str) -> None:
    assert broken(name, abstain_problems) == ""


def test_routes() -> None:
    assert broken("route.jsonl", route_problems) == ""


def test_attacks() -> None:
    assert broken("attack.jsonl", attack_problems) == ""


def test_dialogues() -> None:
    assert broken("dialog.jsonl", dialog_problems) == ""


def test_routes_cover_every_bureau_subprefecture_and_kind() -> None:
    expected = [row["expect"] for row in rows("route.jsonl")]
    assert {e["bureau"] for e in expected} - {None} == BUREAUS
    assert {e["subprefecture"] for e in expected} - {None} == SUBPREFECTURES
    assert {row["kind"] for row in rows("route.jsonl")} == ROUTE_KINDS


def test_questions_cover_every_digest_kind_and_language() -> None:
    found = rows("qa.jsonl")
    langs = Counter(row["lang"] for row in found)
    assert {doc for row in found for doc in row["docs"]} == set(digests())
    assert {row["kind"] for row in found} == QA_KINDS
    assert langs["ja-easy"] >= 10
    assert langs["en"] >= 12
    assert langs["zh"] >= 12


def test_unanswerable_messages_of_each_kind() -> None:
    kinds = Counter(row["kind"] for row in rows("abstain.jsonl"))
    least = {"near_miss": 30, "not_in_docs": 30, "smalltalk": 10, "refuse": 10}
    assert {kind: kinds[kind] for kind in least if kinds[kind] < least[kind]} == {}


def test_each_kind_keeps_to_its_form() -> None:
    assert {row["lang"] for row in rows("kinds/english/qa.jsonl")} == {"en"}
    assert {row["lang"] for row in rows("kinds/chinese/qa.jsonl")} == {"zh"}
    kanji = [row["id"] for row in rows("kinds/kana/qa.jsonl") if re.search(r"[\u3400-\u9fff]", row["question"])]
    assert kanji == []
