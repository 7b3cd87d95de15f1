"""Evidence on small passages of our own: the right stretch, the right year, the whole list."""

from datetime import date

import pytest

from bot.abstention import Outcome, judge
from bot.asking import Asked
from bot.evidence import find_evidence
from bot.question import analyse
from bot.quoting import quote
from bot.scoring import Lexicon, PlaceNames
from knowledge.entities import Hit, Passage

TODAY = date(2026, 11, 21)
LEXICON = Lexicon(idf=lambda word: 1.0)

FESTIVAL = """甲町の秋まつり
甲町の秋まつりは、令和6年10月5日に甲町公園で開かれました。来場者は1,200人でした。
出店した団体は次のとおりです。
- 甲町商工会
- 甲町観光協会
- 甲高校

主催者は、地域の産品を広く知ってもらうためにまつりを始めました。"""
COURSE = """乙町の自転車コース
乙町の自転車コースは全長12kmです。整備費は資料に示されていません。"""


def hit(text, title="まちの行事", score=1.0, source="a.md", **fields):
    lines = text.split("\n")
    context = f"{title}\n{lines[0]}\n甲地域"
    passage = Passage(id=source, text=text, context=context, title=title, section="", source=source, **fields)
    return Hit(passage, score, 0.5, 5.0)


def found(question, *hits):
    return find_evidence(
        analyse(question, TODAY), hits or (hit(FESTIVAL), hit(COURSE, score=0.6, source="b.md")), LEXICON
    )


def shown(question, *hits):
    return "\n".join(quote(found(question, *hits).units)[0])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("甲町の秋まつりの来場者は何人でしたか", "1,200人"),
        ("甲町の秋まつりはいつ開かれましたか", "令和6年10月5日"),
        ("乙町の自転車コースは何kmありますか", "12km"),
        ("主催者はなぜまつりを始めたのですか", "知ってもらうため"),
    ],
)
def test_the_sentence_that_holds_the_value(question, answer):
    assert answer in shown(question)


def test_a_list_that_is_asked_for_is_shown_whole():
    lines = shown("出店した団体を全部教えて")
    assert all(name in lines for name in ("甲町商工会", "甲町観光協会", "甲高校"))


def test_another_year_is_no_evidence_and_is_named():
    evidence = found("令和5年の甲町の秋まつりの来場者は何人でしたか", hit(FESTIVAL))
    assert not evidence.units
    assert 2024 in {m.year for m in evidence.other_years}


def test_a_year_that_stands_with_the_matter_is_not_denied():
    told = "ウニの蓄養\n令和6年度は、ウニの蓄養の試験を行いました。\n令和7年度は、ウニの蓄養の続け方を検討します。"
    asked = "ウニの蓄養の試験の結果は令和7年度に何人が見ましたか"
    assert 2025 not in {m.year for m in found(asked, hit(told)).other_years}
    assert not found(asked, hit(told)).other_years


def test_an_edition_that_stands_with_the_matter_is_not_denied():
    told = "会議\n地域会議の第2回は、甲町で開かれました。\n第1回の地域会議には、30人が来ました。"
    assert not found("第2回の地域会議には何人が来ましたか", hit(told)).other_editions


def test_a_stretch_does_not_end_on_a_heading():
    told = "座談会\n地域の共創について話しました。\n<話し手>\n甲山 一 (乙大学)\n丙川 二 (丁協会)"
    assert "丁協会" in shown("座談会の話し手は", hit(told))


def test_the_fiscal_year_of_a_date_counts():
    assert "1,200人" in shown("令和6年度の甲町の秋まつりの来場者は何人でしたか", hit(FESTIVAL))


def test_another_edition_is_no_evidence_and_is_named():
    text = "表彰\n第3回まちなみ大賞で、甲町の取組が優秀賞を受けました。"
    evidence = found("第4回まちなみ大賞で受けた賞は何ですか", hit(text))
    assert not evidence.units
    assert ("3", "回") in evidence.other_editions
    assert "優秀賞" in shown("第3回まちなみ大賞で受けた賞は何ですか", hit(text))


def test_a_name_that_ends_in_another_year_is_no_evidence():
    text = "行事\nみなとフェスタ2024では、除雪車を展示しました。"
    assert not found("みなとフェスタ2023では何を展示しましたか", hit(text)).units
    assert "除雪車" in shown("みなとフェスタ2024では何を展示しましたか", hit(text))


def test_a_value_that_nobody_states_is_missing():
    assert Asked.MONEY in found("乙町の自転車コースの整備費はいくらですか").missing


def test_nothing_retrieved_is_no_evidence():
    assert find_evidence(analyse("何人ですか", TODAY), (), LEXICON).units == ()


def placed(text):
    """道央 and 道南, two regions that share no town, with one town each."""
    towns = {"道央": frozenset({"甲町"}), "道南": frozenset({"乙町"})}
    return [PlaceNames(frozenset({n}), frozenset(), towns=t, wide=True) for n, t in towns.items() if n in text]


def test_a_row_of_another_region_is_no_evidence():
    table = hit("主な指標\n## 道央の指標\n来訪者数は3,000人です。\n## 道南の指標\n宿泊者数は700人です。")
    lexicon = Lexicon(idf=lambda word: 1.0, places=placed, named=placed)
    evidence = find_evidence(analyse("道南の来訪者数は何人ですか", TODAY), [table], lexicon)
    assert "3,000人" not in "\n".join(quote(evidence.units)[0])


def test_a_figure_belongs_to_the_year_before_it():
    told = hit("港\n令和5年度の22隻から令和6年度は32隻に増え、乗客も63,200人となりました。")
    assert "22隻" in shown("令和5年度の船は何隻でしたか", told)
    assert not found("令和5年度の乗客は何人でしたか", told).units


def test_a_numbered_step_is_one_of_its_own():
    told = hit(
        "進め方\nステップ1 夏に案を募りました。\nステップ2 秋に話し合いを開きました。\nステップ3 冬に発表しました。"
    )
    lines = shown("ステップ3は何をした段階ですか", told)
    assert "冬に発表" in lines
    assert "案を募" not in lines


def test_the_role_asked_about_leaves_the_others_out():
    told = hit("座談会\n<話し手>\n甲山 一氏 (乙大学)\n丙川 二氏 (丁協会)\n<進行役>\n戊田 三氏 (己社)")
    lines = shown("座談会の進行役は誰でしたか", told)
    assert "戊田" in lines
    assert "丙川" not in lines


def test_companies_are_not_counted_by_plans():
    told = hit("応援企業の募集\n応援企業を募集しています。これまでに16個の計画ができました。")
    assert found("応援企業は何社ありますか", told).missing == {Asked.COUNT}


def test_all_that_stands_below_the_heading_asked_about_is_listed():
    told = hit("案の概要\n3 改訂の視点\n負担を軽くする\n担い手を育てる\n連携を進める\nデジタルを使う\n見守りを続ける")
    lines = shown("改訂の視点を全部教えてください", told)
    assert all(word in lines for word in ("負担", "担い手", "連携", "デジタル", "見守り"))


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        ("データを持ち寄る会では、実際に何が話されましたか", True),
        ("データを持ち寄る会では、何を話す予定ですか", False),
        ("データを持ち寄る会はいつですか", False),
    ],
)
def test_a_plan_is_no_report(question, plan):
    told = hit("これから\nデータを持ち寄る会 令和7年5月頃", date="2025-04")
    assert found(question, told).features["not_yet"] == float(plan)
    report = hit("これまで\nデータを持ち寄る会を令和7年5月に開きました。", date="2025-04")
    assert found(question, report).features["not_yet"] == 0.0


@pytest.mark.parametrize(
    ("question", "enough"),
    [
        ("出店した団体3つの名前を全部教えてください", True),
        ("出店した団体9つの名前を全部教えてください", False),
        ("3つの団体のうち、出店がいちばん早かったのはどの団体ですか、全部教えて", True),
    ],
)
def test_fewer_things_than_asked_for_are_no_list(question, enough):
    assert found(question, hit(FESTIVAL)).features["short"] == float(not enough)


@pytest.mark.parametrize(
    "question",
    ["甲町の秋まつりの今日の来場者は何人ですか", "甲大学の今の学長は誰ですか", "Who is the current mayor of Ko?"],
)
def test_what_is_so_at_this_moment_is_in_no_paper(question):
    assert judge(analyse(question, TODAY), found(question, hit(FESTIVAL))) is Outcome.NOTHING
