from bot.units import units
from knowledge.entities import Passage


def passage(text, header=()):
    return Passage(id="p", text=text, context="", title="計画", section="第1章", source="a.md", header=header)


def shown(text, header=()):
    return [u.text for u in units(passage(text, header))]


def test_sentences_of_a_paragraph_are_units_of_one_block():
    found = units(passage("甲を行います。乙を行います。"))
    assert [u.text for u in found] == ["甲を行います。", "乙を行います。"]
    assert found[0].block == found[1].block


def test_list_items_share_a_block_with_their_lead():
    found = units(passage("構成員は次のとおりです。\n- 甲市\n- 乙町\n\n別の話です。"))
    lead, first, second, other = found
    assert lead.block == first.block == second.block != other.block
    assert first.item
    assert "構成員は次のとおりです。" in first.labels


def test_labelled_lines_stay_whole():
    assert shown("【会場】 甲ホテル\n【参加者数】会場 30名") == ["【会場】 甲ホテル", "【参加者数】会場 30名"]


def test_headings_label_what_follows():
    found = units(passage("## 沿革\n\n甲年に始まりました。"))
    assert found[0].heading
    assert "沿革" in found[1].labels


def test_short_table_rows_are_one_unit_with_column_names():
    assert shown("甲\t10人\n乙\t20人", ("名", "人数")) == ["名: 甲 / 人数: 10人", "名: 乙 / 人数: 20人"]


def test_cells_of_long_rows_are_units_with_row_and_column_as_caption():
    long = "・" + "あ" * 80 + "\v・" + "い" * 80
    found = units(passage(f"目標甲\t{long}", ("目標", "取組")))
    assert [u.text[:2] for u in found[-2:]] == ["・あ", "・い"]
    assert found[-1].caption == "目標甲 › 取組"


def test_a_value_on_the_next_line_joins_its_indicator():
    assert shown("○入込客数\n 10万人(R1)\n → 20万人(R7)") == ["○入込客数 10万人(R1) → 20万人(R7)"]


def test_a_remark_in_brackets_is_no_heading():
    found = units(passage("## 協力\n\n- (令和6年6月)\n道路の案内をしました。"))
    assert [u.text for u in found if u.heading] == ["協力"]
    assert "協力" in found[-1].labels


def test_a_role_alone_on_its_line_heads_the_names_below_it_and_keeps_the_heading_above():
    found = units(passage("## 座談会\n\n<話し手>\n甲 (乙大学)\n\n<聞き手>\n丙 (丁大学)"))
    assert [u.text for u in found if u.heading] == ["座談会", "<話し手>", "<聞き手>"]
    assert "座談会 › <聞き手>" in found[-1].labels
