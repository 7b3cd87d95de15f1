from bot.quoting import quote
from bot.units import units
from knowledge.entities import Passage


def passage(text, source="a.md"):
    return Passage(id=source, text=text, context="題\n見出し\n", title="題", section="", source=source)


def test_a_run_of_lines_from_one_source_is_marked_once_at_its_end():
    lines, citations = quote(units(passage("甲です。乙です。")) + units(passage("丙です。", "b.md")))
    assert lines == ["甲です。", "乙です。 [1]", "丙です。 [2]"]
    assert [c.n for c in citations] == [1, 2]


def test_a_heading_leads_and_names_the_section():
    lines, citations = quote(units(passage("見出し\n甲です。"))[1:])
    assert lines == ["見出し", "甲です。 [1]"]
    assert citations[0].section == "見出し"


def test_the_very_words_stand_in_the_citation():
    _, (citation,) = quote(units(passage("甲は10です。")))
    assert citation.passage == "甲は10です。"
    assert citation.source == "a.md"


def test_names_of_post_holders_are_left_out_of_quotation_and_citation():
    text = "甲課\t課長\t山川 一二\t(電話 000-111-2222)"
    lines, (citation,) = quote(units(passage(text)))
    assert "山川" not in lines[0] + citation.passage
    assert "000-111-2222" in lines[0]


def test_a_cell_of_a_table_carries_its_mark():
    cell = "とても長い説明が続きます" * 16
    lines, _ = quote(units(passage(f"見出し\n目標\t{cell}"))[-1:])
    assert lines[-1].endswith(" [1]")
