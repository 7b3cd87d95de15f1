"""Text → places: spans, spellings, borders, homographs."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer
from knowledge.spelling import chinese, fold, romaji

DIRECTORY = Directory.load()
GAZETTEER = Gazetteer(DIRECTORY)


def names(text: str) -> list[str]:
    return [mention.name for mention in GAZETTEER.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上富良野町と富良野市", ["上富良野町", "富良野市"]),
        ("上砂川と砂川市", ["上砂川町", "砂川市"]),
        ("留寿都村と寿都町", ["留寿都村", "寿都町"]),
        ("西興部村と興部町", ["西興部村", "興部町"]),
        ("小清水町と清水町", ["小清水町", "清水町"]),
        ("中標津町と標津町", ["中標津町", "標津町"]),
        ("北広島市と広島県", ["北広島市", "広島県"]),
        ("新十津川町と奈良県十津川村", ["新十津川町", "奈良県", "十津川村"]),
        ("十勝岳温泉", ["十勝岳温泉"]),
        ("ﾆｾｺ、二セコ、にせこ町、NISEKO", ["ニセコ町"] * 4),
        ("俱知安と倶知安町", ["倶知安町"] * 2),
        ("美國漁港", ["美国漁港"]),
        ("函馆、钏路市、带广、网走", ["函館市", "釧路市", "帯広市", "網走市"]),
        ("Kutchan-chō and Ōtaru", ["倶知安町", "小樽市"]),
        ("Oshamambe, Oshamanbe", ["長万部町"] * 2),
        ("くしろしに すんでいます", ["釧路市"]),
        ("利尻富士町", ["利尻富士町"]),
        ("小樽開建", ["小樽開発建設部"]),
        ("後志管内の余市町", ["後志総合振興局", "余市町"]),
    ],
)
def test_the_longest_name_counts(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "宿泊と停泊",
        "森林公園を清掃する",
        "森田 直 氏(事務局長)",
        "池田 太郎 さんと中川さん",
        "告知内容を担当別に分ける",
        "日本別荘協会の本別館",
        "三日月形の橋",
        "豊富な経験",
        "大空の下で",
        "道南バス株式会社",
        "北海道新聞と北海道信用金庫",
        "北斗七星",
        "共和国",
        "もっとうまくいく",
        "誰にもいわないで",
        "The date of the meeting and the mori of trees",
        "Mr. Ikeda and Dr. Shimizu",
        "どのところでもよい",
        "まちづくりのことを相談したい",
        "それはあかんやろ",
        "本を読みつべつのことを考える",
    ],
)
def test_other_words_are_no_places(text):
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("池田町", ["池田町"]),
        ("十勝の池田", ["十勝総合振興局", "池田町"]),
        ("清水駅", ["清水町"]),
        ("長沼の商店街", ["長沼町"]),
        ("伊達市", ["伊達市"]),
        ("旧大野町", ["大野"]),
        ("池田です", ["池田町"]),
        ("森です", ["森町"]),
        ("in Date City", ["伊達市"]),
        ("a farm in Ikeda", ["池田町"]),
    ],
)
def test_homographs_need_evidence(text, expected):
    assert names(text) == expected


def test_a_name_elsewhere_needs_its_prefecture():
    (pref, town) = GAZETTEER.find("福島県の伊達市")
    assert (pref.kind, town.kind) == ("outside", "outside")
    (town,) = GAZETTEER.find("伊達市")
    assert town.kind == "municipality"
    assert town.also_in == ("福島県",)
    assert town.certain


def test_a_bare_name_that_is_as_likely_elsewhere_is_uncertain():
    (mention,) = GAZETTEER.find("福島で催しをしたい")
    assert not mention.certain


def test_same_reading_means_both():
    (mention,) = GAZETTEER.find("えさしで")
    assert {town.name for town in mention.municipalities} == {"江差町", "枝幸町"}


@given(
    st.text(alphabet=st.characters(), max_size=80)
    | st.text(alphabet="札幌函館市町村のでにがニセコﾆｾｺﾞKutchan 県森泊", max_size=40)
)
@example("ﾆｾｺﾞ\u200b町か\u3099")
@settings(max_examples=300, deadline=None)
def test_spans_point_into_the_text_as_given(text):
    last = 0
    for mention in GAZETTEER.find(text):
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.surface
        last = mention.end


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_folding_keeps_the_way_back(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.scripts) == len(folded.origins) - 1
    assert list(folded.origins) == sorted(folded.origins)


@pytest.mark.parametrize("town", DIRECTORY.municipalities, ids=lambda town: town.name)
def test_the_official_romaji_is_among_those_made_from_kana(town):
    kana = next(town.kana.removesuffix(e) for e in ("ちょう", "まち", "むら", "し") if town.kana.endswith(e))
    assert town.romaji.partition("-")[0].lower() in romaji(kana)


def test_chinese_forms():
    assert "钏路" in chinese("釧路")
    assert "帶廣" in chinese("帯広")
