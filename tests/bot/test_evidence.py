"""Evidence on small passages of our own: the right stretch, the right year, the whole list."""

from datetime import date

import pytest

from bot.asking import Asked
from bot.evidence import find_evidence
from bot.question import analyse
from bot.quoting import quote
from bot.scoring import Lexicon
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
