"""The directory: its rows, its look-ups, the errors of bad rows, an office's own rows."""

import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from knowledge.directory import BUNDLED, Directory
from knowledge.entities import Level, PassageKind
from knowledge.errors import DataError
from knowledge.rows import HEAD_OFFICE
from knowledge.wareki import years

SHARED = Path(os.environ.get("RENKEI_SHARED") or Path(__file__).parents[2].parent / "shared")
DIRECTORY = Directory.load()


# ── the rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_counts():
    levels = Counter(office.level for office in DIRECTORY.offices)
    assert levels == {Level.NATIONAL: 11, Level.PREFECTURE: 14, Level.CITY: 1}
    assert len(DIRECTORY.municipalities) == 179
    assert len({town.subprefecture for town in DIRECTORY.municipalities}) == 14
    physical = [p for p in DIRECTORY.places if p.kind not in ("short", "name", "territory")]
    assert len(physical) >= 250


def test_areas_have_the_known_sizes():
    areas = Counter(town.area for town in DIRECTORY.municipalities)
    assert areas == {"道央広域": 70, "道南": 18, "道北": 41, "オホーツク": 18, "十勝": 19, "釧路・根室": 13}


def test_exceptions():
    horonobe, horokanai = DIRECTORY.municipality("幌延町"), DIRECTORY.municipality("幌加内町")
    assert (horonobe.bureaus, horonobe.subprefecture) == (("留萌開発建設部",), "宗谷総合振興局")
    assert horokanai.bureaus == ("旭川開発建設部", "札幌開発建設部")


def test_every_municipality_has_its_two_desks():
    for town in DIRECTORY.municipalities:
        *national, prefecture = DIRECTORY.desks_of(town)
        assert [office.level for office in national] == [Level.NATIONAL] * len(town.bureaus)
        assert prefecture.name == town.subprefecture


def test_otaru_shows_the_newer_number_first():
    otaru = DIRECTORY.bureau_office("小樽開発建設部")
    assert otaru.phone == "0134-23-8035"
    assert [other.phone for other in otaru.other_phones] == ["0134-23-0581"]


def test_unknown_values_stay_empty():
    hakodate = DIRECTORY.bureau_office("函館開発建設部")
    assert hakodate.phone is None
    assert hakodate.url
    assert all(office.hours is None for office in DIRECTORY.offices)


def test_an_office_without_its_own_page_gives_the_front_page():
    assert DIRECTORY.subprefecture_office("十勝総合振興局").url == "https://www.tokachi.pref.hokkaido.lg.jp/"


def test_every_row_has_its_source():
    for name in ("offices", "municipalities", "places", "elsewhere", "projects"):
        with (BUNDLED / f"{name}.csv").open(encoding="utf-8") as file:
            assert all(row["source"] for row in csv.DictReader(file)), name


@pytest.mark.skipif(not (SHARED / "facts").exists(), reason="the facts are not here")
def test_offices_say_what_the_facts_say():
    with (SHARED / "facts" / "offices.csv").open(encoding="utf-8") as file:
        facts = {row["office"]: row for row in csv.DictReader(file)}
    ours = [office for office in DIRECTORY.offices if office.section != HEAD_OFFICE]
    assert set(facts) == {office.name for office in ours}
    for office in ours:
        fact = facts[office.name]
        for field in ("phone", "email", "postal", "address"):
            assert (getattr(office, field) or "") == fact[field], (office.name, field)
        assert office.verified == (fact["verified"] == "yes")


@pytest.mark.parametrize(
    ("place", "towns"),
    [
        ("オムサロ", ["紋別市"]),  # not 雄武町, whose name stands beside it in many lists
        ("雄信内", ["天塩町", "幌延町"]),  # the village, the station
        ("長節湖", ["豊頃町", "根室市"]),  # two lakes of one name
        ("直別", ["釧路市", "浦幌町"]),
        ("雄冬", ["増毛町"]),
        ("雄冬岬", ["増毛町", "石狩市"]),
        ("霧立峠", ["苫前町", "幌加内町"]),
    ],
)
def test_places_on_a_border_or_of_one_name_have_all_their_municipalities(place, towns):
    (found,) = (p for p in DIRECTORY.places if p.name == place)
    assert [town.name for town in found.municipalities] == towns


@pytest.mark.parametrize("name", ["福山城", "咸臨丸", "国泰寺", "ミルクロード", "砂湯", "江ノ島海岸", "床丹"])
def test_names_that_many_places_share_are_not_places(name):
    assert name not in {spelling for p in DIRECTORY.places for spelling in (p.name, *p.aliases)}


def test_lookups_of_a_municipality():
    assert DIRECTORY.municipality("01400") is DIRECTORY.municipality("014001") is DIRECTORY.municipality("倶知安町")
    assert DIRECTORY.municipality("無い町") is None
    with pytest.raises(KeyError):
        DIRECTORY.bureau_office("北見開発建設部")


# ── find_offices ─────────────────────────────────────────────────────────────────────────────────────────────────────

KUTCHAN = ["小樽開発建設部", "後志総合振興局"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("0126-20-0030", ["空知総合振興局"]),
        ("０１２６−２０−００３０", ["空知総合振興局"]),
        ("(0126)20-0030 はどこですか", ["空知総合振興局"]),
        ("0134230581", ["小樽開発建設部"]),
        ("hkd-ot-chiiki@gxb.mlit.go.jp", ["小樽開発建設部"]),
        ("室蘭開建", ["室蘭開発建設部"]),
        ("室蘭開発建設部の電話番号は?", ["室蘭開発建設部"]),
        ("国土交通省 北海道開発局 小樽開発建設部 地域連携課", ["小樽開発建設部"]),
        ("石狩振興局", ["石狩振興局"]),
        ("空知総合", ["空知総合振興局"]),
        ("檜山支庁", ["檜山振興局"]),
        ("しりべしそうごうしんこうきょく", ["後志総合振興局"]),
        ("Ishikari Subprefectural Bureau", ["石狩振興局"]),
        ("phone of the Otaru Development and Construction Department", ["小樽開発建設部"]),
        ("札幌开发建设部", ["札幌開発建設部"]),
        ("旭川市役所", ["旭川市役所"]),
        ("旭川市地域自治推進ビジョンの問い合わせ先", ["旭川市役所"]),
        ("旭川市", ["旭川開発建設部", "上川総合振興局"]),
        ("倶知安町の窓口", KUTCHAN),
        ("Kutchan", KUTCHAN),
        ("くっちゃんちょうの でんわばんごう", KUTCHAN),
        ("倶知安町の国の窓口の電話", KUTCHAN[:1]),
        ("倶知安町の道の窓口", KUTCHAN[1:]),
        ("後志管内", KUTCHAN),
        ("幌加内町", ["旭川開発建設部", "札幌開発建設部", "上川総合振興局"]),
        ("幌延町", ["留萌開発建設部", "宗谷総合振興局"]),
        ("潮見台", ["小樽開発建設部"]),
        ("そこの電話番号は?", []),
        ("仙台市の窓口", []),
        ("北海道の人口", []),
        ("", []),
    ],
)
def test_find_offices(query, expected):
    assert [office.name for office in DIRECTORY.find_offices(query)] == expected


@pytest.mark.parametrize(
    ("publisher", "expected"),
    [
        ("旭川市", ["旭川市役所"]),
        ("国土交通省 北海道開発局 小樽開発建設部", ["小樽開発建設部"]),
        ("北海道開発局（札幌・小樽・室蘭開発建設部）", ["札幌開発建設部", "小樽開発建設部", "室蘭開発建設部"]),
        (
            "北海道（空知・後志総合振興局、石狩・日高振興局）",
            ["空知総合振興局", "石狩振興局", "後志総合振興局", "日高振興局"],
        ),
        ("北海道", []),
    ],
)
def test_publisher_offices(publisher, expected):
    assert [office.name for office in DIRECTORY.publisher_offices(publisher)] == expected


def test_a_section_lists_all_its_offices():
    assert len(DIRECTORY.find_offices("地域連携課")) == 10
    assert len(DIRECTORY.find_offices("地域政策課の一覧")) == 14


def test_every_phone_number_leads_to_its_office():
    for office in DIRECTORY.offices:
        for phone in filter(None, (office.phone, *(other.phone for other in office.other_phones))):
            assert office in DIRECTORY.find_offices(phone)
            assert office in DIRECTORY.find_offices(phone.replace("-", ""))


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("北海道開発局", ["北海道開発局"]),
        ("全道の窓口", ["北海道開発局"]),
        ("011-709-2311", ["北海道開発局"]),
        ("北海道開発局 小樽開発建設部", ["小樽開発建設部"]),
        ("北海道開発局の余市町の担当", ["小樽開発建設部"]),
        ("全道大会を留萌市で開きたい", ["留萌開発建設部", "留萌振興局"]),
    ],
)
def test_the_head_office_is_found_only_where_no_other_is_meant(asked, names):
    assert [office.name for office in DIRECTORY.find_offices(asked)] == names


def test_a_publisher_is_its_part_not_its_head_office():
    assert [o.name for o in DIRECTORY.publisher_offices("国土交通省 北海道開発局 小樽開発建設部")] == ["小樽開発建設部"]
    assert [o.name for o in DIRECTORY.publisher_offices("国土交通省 北海道開発局")] == ["北海道開発局"]


def test_the_municipality_of_an_office_is_told_where_its_address_is_not_known():
    for name, town in {"後志総合振興局": "倶知安町", "日高振興局": "浦河町", "檜山振興局": "江差町"}.items():
        office = DIRECTORY.subprefecture_office(name)
        assert (office.located_in, office.address) == (town, None)
        assert any(f"所在地: {town}(番地は未確認)" in passage.text for passage in DIRECTORY.passages())
    assert all(DIRECTORY.municipality(office.located_in or "") for office in DIRECTORY.offices)


def test_find_projects():
    assert "炭鉄港" in DIRECTORY.find_projects("炭鉄港")[0].name
    assert "縄文" in DIRECTORY.find_projects("道南の縄文の事業")[0].name
    assert DIRECTORY.find_projects("") == list(DIRECTORY.projects)
    assert DIRECTORY.find_projects("ぬるぽ") == []


@pytest.mark.parametrize("asked", ["KPI", "kpi", "数値目標", "指標"])
def test_kpi_finds_the_projects_that_have_one(asked):
    assert set(DIRECTORY.find_projects(asked)) == {project for project in DIRECTORY.projects if project.kpi}


@pytest.mark.parametrize("asked", ["令和6年", "R6", "2024年", "令和６年度"])
def test_a_year_finds_the_projects_of_that_year_and_not_by_their_status(asked):
    found = DIRECTORY.find_projects(asked)
    assert found
    for project in found:
        fields = (project.name, project.period, project.measures, project.baseline_year, project.target_year)
        assert 2024 in {mention.year for field in fields for mention in years(field)}, project.name


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [("小樽商科大学", "partners", "小樽商科大学"), ("YNCA", "lead", "YNCA"), ("藻場", "measures", "藻場")],
)
def test_projects_are_found_by_who_takes_part_and_by_measures(asked, field, words):
    assert words in getattr(DIRECTORY.find_projects(asked)[0], field)


def test_passages():
    passages = DIRECTORY.passages()
    assert len(passages) == len(DIRECTORY.offices) == len({p.id for p in passages})
    for passage, office in zip(passages, DIRECTORY.offices, strict=True):
        assert passage.kind is PassageKind.DIRECTORY
        assert len(re.sub(r"\s", "", passage.text)) <= 900
        assert office.name in passage.text
        assert (office.phone or office.url) in passage.text


# ── an office's own rows, and bad rows ───────────────────────────────────────────────────────────────────────────────

OFFICE = {
    "name": "函館開発建設部",
    "section": "地域連携課",
    "level": "国",
    "phone": "000-000-0000",
    "source": "the office itself",
    "as_of": "2026-04-01",
    "verified": "yes",
}
PLACE = {
    "name": "ほしの広場",
    "kind": "facility",
    "municipalities": "函館市",
    "source": "the office itself",
    "as_of": "2026-04",
}


def test_an_own_row_takes_the_place_of_the_bundled_one(tmp_path):
    write(tmp_path / "offices.csv", {**OFFICE, "phone": "0138-00-0000"})
    own = Directory.load(tmp_path)
    assert own.bureau_office("函館開発建設部").phone == "0138-00-0000"
    assert len(own.offices) == len(DIRECTORY.offices)
    assert own.bureau_office("小樽開発建設部") == DIRECTORY.bureau_office("小樽開発建設部")


def test_an_own_place_is_added(tmp_path):
    write(tmp_path / "places.csv", PLACE)
    assert [o.name for o in Directory.load(tmp_path).find_offices("ほしの広場")] == ["函館開発建設部", "渡島総合振興局"]


@pytest.mark.parametrize(
    ("file", "row", "column", "expected"),
    [
        ("offices", {**OFFICE, "phone": "電話なし"}, "phone", "011-000-0000"),
        ("offices", {**OFFICE, "phone": "0138-00-0000", "email": "nobody"}, "email", "メールアドレス"),
        ("offices", {**OFFICE, "phone": "", "postal": "123"}, "postal", "060-0000"),
        ("offices", {**OFFICE, "phone": "", "level": "県"}, "level", "国"),
        ("offices", {**OFFICE, "phone": "", "verified": "maybe"}, "verified", "yes"),
        ("offices", {**OFFICE, "phone": "", "url": "www.example.jp"}, "url", "https://"),
        ("offices", {**OFFICE, "phone": "", "as_of": "令和8年"}, "as_of", "2025-03-31"),
        ("offices", {**OFFICE, "phone": "", "as_of": "2026-02-31"}, "as_of", "2025-03-31"),
        ("offices", {**OFFICE, "phone": "", "source": ""}, "source", "空欄でない値"),
        ("offices", {**OFFICE, "phone": "", "municipality": "無い町"}, "municipality", "札幌市"),
        ("offices", {**OFFICE, "phone": "", "other_phones": "0138-00-0000"}, "other_phones", "電話|出典|時点"),
        ("places", {**PLACE, "municipalities": "無い町"}, "municipalities", "無い町"),
        ("places", {**PLACE, "municipalities": ""}, "municipalities", "一つ以上"),
        ("places", {**PLACE, "kind": "city"}, "kind", "landmark"),
        ("places", {**PLACE, "kana": "漢字"}, "kana", "ひらがな"),
        ("places", {**PLACE, "as_of": ""}, "as_of", "空欄でない値"),
        ("places", {**PLACE, "name": ""}, "name", "空欄でない値"),
        ("projects", {"name": "事業", "source": ""}, "source", "空欄でない値"),
        ("projects", {"name": "事業", "source": "計画", "as_of": "昨年"}, "as_of", "2025-03-31"),
    ],
)
def test_a_bad_row_names_file_line_column_and_form(tmp_path, file, row, column, expected):
    path = tmp_path / f"{file}.csv"
    write(path, row)
    with pytest.raises(DataError) as error:
        Directory.load(tmp_path)
    for part in (f"{path} 2 行目「{column}」列", expected):
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name,section,source\n函館開発建設部,課,x\n函館開発建設部,課,x\n", "一つだけ"),
        ("name,source\n函館開発建設部,x\n", "「section」列がありません"),
        ("name,section,source,tel\n函館開発建設部,課,x,1\n", "「tel」列は知らない列"),
        ("name,section,source\n函館開発建設部,課,x,y\n", "値が 4 個で多すぎます"),
    ],
)
def test_a_bad_file_is_refused(tmp_path, content, expected):
    (tmp_path / "offices.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(expected)):
        Directory.load(tmp_path)


def test_every_bad_row_is_named_at_once(tmp_path):
    rows = (
        "函館開発建設部,課,x,電話なし",
        "小樽開発建設部,課,x",
        "旭川開発建設部,課,,",
        "稚内開発建設部,課,x,",
        "稚内開発建設部,課,x,",
    )
    (tmp_path / "offices.csv").write_text("\n".join(("name,section,source,phone", *rows)), encoding="utf-8")
    with pytest.raises(DataError) as error:
        Directory.load(tmp_path)
    complaints = str(error.value)
    for part in (
        "2 行目「level」列",
        "3 行目: 値が 3 個",
        "4 行目「",
        "5 行目「",
        "6 行目「name」列",
    ):
        assert part in complaints


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "offices.csv").write_bytes("name,section,source\n函館開発建設部,課,窓口\n".encode("cp932"))
    with pytest.raises(DataError, match="UTF-8"):
        Directory.load(tmp_path)


def write(path: Path, row: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
