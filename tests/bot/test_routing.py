"""Where a text leads: cases, every municipality in every spelling, every name elsewhere, the development set."""

import json
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.message import ReplyStatus
from bot.routing import Routing, decide
from knowledge.directory import Directory
from knowledge.entities import Level, Municipality
from knowledge.gazetteer import Gazetteer

DIRECTORY = Directory.load()
GAZETTEER = Gazetteer(DIRECTORY)
SHARED = Path(os.environ.get("RENKEI_SHARED") or Path(__file__).parents[2].parent / "shared")
CASES = tomllib.loads(Path(__file__).with_name("routing_cases.toml").read_text(encoding="utf-8"))
ACTIONS = {ReplyStatus.ROUTED: "route", ReplyStatus.ASK_PLACE: "ask_place", ReplyStatus.OUT_OF_AREA: "out_of_area"}


def routed(*said: str, lang: str = "ja") -> Routing:
    return decide(said[-1], GAZETTEER, DIRECTORY, history=said[:-1], lang=lang)


def in_short(routing: Routing) -> str:
    """ "札幌 空知", "函館 -", "ask", "out"."""
    if routing.route is None:
        return {ReplyStatus.ASK_PLACE: "ask", ReplyStatus.OUT_OF_AREA: "out"}[routing.status]
    names = (routing.route.bureau, routing.route.subprefecture)
    return " ".join((n or "-").removesuffix("開発建設部").removesuffix("振興局").removesuffix("総合") for n in names)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(tuple(said), expected) for rows in CASES.values() for *said, expected in rows],
    ids=lambda value: value if isinstance(value, str) else value[-1][:24],
)
def test_case(said, expected):
    assert in_short(routed(*said)) == expected


# ── every municipality ───────────────────────────────────────────────────────────────────────────────────────────────

JAPANESE = (
    "{}で地域づくりの相談をしたいです",
    "{}の商店街を元気にしたい。相談先は？",
    "わたしは{}に住んでいます。イベントをしたいです",
    "{}です。窓口を教えてください",
    "北海道{}で空き家を活用したい",
)
KANA = (
    "{} で ちいきづくりの そうだんを したいです",
    "わたしは {}に すんでいます。どこに そうだんしますか",
    "わたしは{}でカフェをしたいです",
)
ENGLISH = ("I live in {} and want to start a community project.", "Which office is in charge of {}?")
ENDINGS = {"市": ("shi", "City"), "町": ("cho", "Town"), "村": ("mura", "Village")}
KANA_ENDINGS = ("ちょう", "まち", "むら", "し")
AMBIGUOUS = frozenset(("江差町", "枝幸町", "士別市", "標津町"))


def spellings(town: Municipality) -> list[tuple[str, bool]]:
    """Messages that name `town`, each with whether it carries 市, 町, 村."""
    stem, latin = town.name[:-1], town.romaji.partition("-")[0]
    ending, english = ENDINGS[town.name[-1]]
    kana = next(town.kana.removesuffix(e) for e in KANA_ENDINGS if town.kana.endswith(e))
    full_latin = (town.romaji, town.romaji.lower(), f"{latin}-{ending}", f"{latin} {english}", f"{latin}{ending}")
    found = [(form.format(town.name), True) for form in JAPANESE]
    found += [(form.format(stem), False) for form in JAPANESE]
    found += [(form.format(town.kana), True) for form in KANA] + [(form.format(kana), False) for form in KANA]
    found += [(form.format(name), True) for form in ENGLISH for name in full_latin]
    found += [(form.format(latin), False) for form in ENGLISH]
    return found


@pytest.mark.parametrize("town", DIRECTORY.municipalities, ids=lambda town: town.name)
def test_every_municipality_routes_to_its_desks_or_asks(town):
    for message, full in spellings(town):
        routing = routed(message)
        if routing.route is None:
            assert routing.status is ReplyStatus.ASK_PLACE, message
            assert not full or town.name in AMBIGUOUS, message
        else:
            assert routing.route.bureau in town.bureaus, message
            assert routing.route.subprefecture == town.subprefecture, message


@pytest.mark.parametrize("town", DIRECTORY.municipalities, ids=lambda town: town.name)
def test_both_desks_of_every_municipality_are_given(town):
    offices = routed(f"{town.name}で活動しています").offices
    assert {o.name for o in offices} == {*town.bureaus, town.subprefecture}
    assert offices[0].level is Level.NATIONAL


def test_nothing_outside_hokkaido_routes():
    kana_of = {e.name: e.kana for e in DIRECTORY.elsewhere}
    outside = [e for e in DIRECTORY.elsewhere if e.code < "480000" and e.name != e.prefecture]
    assert len(outside) == 1727
    for e in outside:
        for message in (
            f"{e.prefecture}{e.name}で地域づくりをしています。相談先は？",
            f"{e.prefecture}の{e.name}です。窓口は",
            f"{e.name}（{e.prefecture}）の空き家について",
        ):
            assert routed(message).status is ReplyStatus.OUT_OF_AREA, message
        assert routed(f"{kana_of[e.prefecture]}の{e.kana}で まちづくり").route is None


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_one_of_three_outcomes(text):
    routing = routed(text)
    assert routing.status in ACTIONS
    assert (routing.route is not None) == (routing.status is ReplyStatus.ROUTED)
    assert routing.reason


# ── what is said about it ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_reason_names_the_words_that_decided():
    routing = routed("ウポポイの近くで店をしています")
    assert routing.route is not None
    for words in ("ウポポイ", "白老町", "室蘭開発建設部", "胆振総合振興局"):
        assert words in routing.reason
    assert routing.route.reason == routing.reason


def test_a_place_from_an_earlier_message_is_said_to_be_from_there():
    assert "先ほど" in routed("倶知安町で店をしています", "催しをしたい").reason


def test_horonobe_says_why_the_desks_differ():
    routing = routed("幌延町で")
    assert any("留萌開発建設部" in note and "宗谷総合振興局" in note for note in routing.notes)


def test_horokanai_shows_both_national_desks():
    routing = routed("幌加内町で")
    assert [o.name for o in routing.offices] == ["旭川開発建設部", "札幌開発建設部", "上川総合振興局"]
    assert any("旭川開発建設部と札幌開発建設部" in note for note in routing.notes)
    assert [a.bureau for a in routing.route.alternatives] == ["札幌開発建設部"]


def test_the_subprefecture_of_horonobe_mentions_the_exception():
    assert any("幌延町" in note for note in routed("宗谷管内で").notes)


def test_a_name_found_elsewhere_is_assumed_aloud():
    notes = routed("清水町で").notes
    assert any("北海道の清水町" in note and "静岡県" in note for note in notes)


def test_several_places_are_all_given_and_none_is_main():
    routing = routed("ニセコ町と洞爺湖町をつなぐ")
    assert [o.name for o in routing.offices] == [
        "小樽開発建設部",
        "後志総合振興局",
        "室蘭開発建設部",
        "胆振総合振興局",
    ]
    assert [(a.bureau, a.subprefecture) for a in routing.route.alternatives] == [("室蘭開発建設部", "胆振総合振興局")]


def test_an_ambiguous_place_offers_its_candidates():
    routing = routed("知床でガイドをしています")
    assert {c.bureau for c in routing.candidates} == {"網走開発建設部", "釧路開発建設部"}
    assert "斜里町" in routing.reason
    assert "羅臼町" in routing.reason


def test_an_open_desk_is_not_presented():
    assert [o.name for o in routed("道南で催しを").offices] == ["函館開発建設部"]


def test_the_northern_territories_are_explained():
    assert "北方領土" in routed("国後島で").reason


@pytest.mark.parametrize("lang", ["ja", "ja-easy", "en", "zh"])
@pytest.mark.parametrize(
    "message",
    ["函館で", "ウポポイで", "静内で", "道南で", "知床で", "幌加内で", "仙台で", "国後島で", "全道で", "北区で", ""],
)
def test_every_language_has_every_sentence(lang, message):
    routing = routed(message, lang=lang)
    assert routing.reason
    assert "{" not in routing.reason + "".join(routing.notes)


def test_languages_have_the_same_keys():
    path = Path(__file__).parents[2] / "bot" / "texts" / "routing.toml"
    texts = tomllib.loads(path.read_text(encoding="utf-8"))
    names = texts.pop("names")
    assert len({frozenset(sentences) for sentences in texts.values()}) == 1
    assert set(names) == {o.name for o in DIRECTORY.offices} | {o.section for o in DIRECTORY.offices if o.section}


# ── the development set ──────────────────────────────────────────────────────────────────────────────────────────────


def development_rows():
    for line in (SHARED / "eval" / "dev" / "route.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["message"], row.get("history", []), row["expect"]
    for line in (SHARED / "eval" / "dev" / "dialog.jsonl").read_text(encoding="utf-8").splitlines():
        said: list[str] = []
        for turn in json.loads(line)["turns"]:
            if isinstance(turn.get("expect"), dict):
                yield turn["user"], list(said), turn["expect"]
            said.append(turn["user"])


@pytest.mark.skipif(not (SHARED / "eval" / "dev").exists(), reason="the development set is not here")
def test_development_set():
    right = wrong = total = 0
    for message, history, expect in development_rows():
        if expect["action"] not in ACTIONS.values():
            continue
        total += 1
        routing = routed(*history, message)
        bureau = routing.route.bureau if routing.route else None
        subprefecture = routing.route.subprefecture if routing.route else None
        fits = (bureau, subprefecture, ACTIONS[routing.status])
        right += fits == (expect["bureau"], expect["subprefecture"], expect["action"])
        allowed = {expect["bureau"], *(a["bureau"] for a in expect.get("alternatives", []))}
        wrong += bureau is not None and bureau not in allowed
    assert right / total >= 0.95
    assert wrong == 0
