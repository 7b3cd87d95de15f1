"""Headings in every style, their levels, tables and their column names, labels and values."""

import pytest

from indexer.clean import clean
from indexer.structure import Atom, Kind, atoms


def parsed(text: str) -> list[Atom]:
    return atoms(clean([text]))


def paths(text: str) -> dict[str, tuple[str, ...]]:
    return {atom.text: atom.path for atom in parsed(text)}


BODY = "これは節の本文であり、見出しのあとに続く段落として十分な長さがあります。"


def test_markdown_levels() -> None:
    found = paths(f"# 計画\n\n{BODY}1\n\n## 目標\n\n{BODY}2\n\n### 指標\n\n{BODY}3\n\n## 体制\n\n{BODY}4\n")
    assert found[BODY + "3"] == ("計画", "目標", "指標")
    assert found[BODY + "4"] == ("計画", "体制")


def test_numbers_go_on_where_their_predecessor_stood_whatever_the_hashes_say() -> None:
    text = f"""# 報告

## 1. 新設

## 1) 新しい課

{BODY}1

## 2)催し

{BODY}2

# 標語

{BODY}3

## 2. 取組

### ①整備

{BODY}4

#### ○自転車

{BODY}5

## ○景観

{BODY}6

## ②連携

{BODY}7
"""
    found = paths(text)
    assert found[BODY + "2"] == ("報告", "1. 新設", "2)催し")
    assert found[BODY + "4"] == ("報告", "2. 取組", "①整備")
    assert found[BODY + "5"] == ("報告", "2. 取組", "①整備", "○自転車")
    assert found[BODY + "6"] == ("報告", "2. 取組", "①整備", "○景観")
    assert found[BODY + "7"] == ("報告", "2. 取組", "②連携")


@pytest.mark.parametrize(
    "heading", ["◆ 考え方", "１ 方針の概要", "Ⅲ 各地の政策", "第1章 総論", "【目的】", "＜方針＞", "ステップ1 募集"]
)
def test_headings_without_hashes(heading: str) -> None:
    first, second = parsed(f"前の段落です。\n\n{heading}\n{BODY}")[1:]
    assert (first.text, first.kind) == (heading, Kind.HEADING)
    assert second.path == (heading,)


def test_a_short_line_alone_above_a_paragraph_is_a_heading() -> None:
    found = paths(f"催しを開きました\n\n{BODY}1\n\n次の催しについて\n\n{BODY}2")
    assert found[BODY + "2"] == ("次の催しについて",)


@pytest.mark.parametrize(
    "label", ["【18 事業】", "【日時】 3月7日", "人口減少", "○観光客数", "2,260 万人(R1)", "67.7％(R2)", "1 市町村(R2)"]
)
def test_labels_and_values_are_no_headings(label: str) -> None:
    found = parsed(f"連携地域\n{label}\n炭鉱の跡を活用した\n→ 2,504 万人(R7)\n【会場】 市民ホール")
    assert all(atom.kind is not Kind.HEADING for atom in found)


def test_values_go_on_with_the_line_before_them() -> None:
    kinds = [atom.kind for atom in parsed("○観光入込客数\n2,260 万人(R1)\n→ 2,504 万人(R7)")]
    assert kinds == [Kind.ITEM, Kind.TAIL, Kind.TAIL]


def test_a_ruled_table_has_its_first_row_as_header() -> None:
    rows = parsed("| 事業 | 期限 |\n|---|:--:|\n| 除雪 | 3月 |\n| 排雪 | 4月 |")
    assert [(row.text, row.kind) for row in rows] == [
        ("事業\t期限", Kind.HEADER),
        ("除雪\t3月", Kind.ROW),
        ("排雪\t4月", Kind.ROW),
    ]
    assert rows[2].columns == ("事業", "期限")


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("\t北部\t南部\n1\t小樽市長\t島牧村長\n2\t積丹町長\t寿都町長", ("", "北部", "南部")),
        (
            "理念\t目標\n住民が主体的に考え行動できる地域づくりの推進\t組織間の連携促進と機能強化を図る",
            ("理念", "目標"),
        ),
        ("札幌\t地域連携課\t(電話 000-000-0000)\n小樽\t地域連携課\t(電話 000-000-0001)", ()),
        ("町村\t甲町、乙町、丙村\n観光協会\t甲町観光協会、乙町観光協会", ()),
        ("一行だけ\tの表", ()),
    ],
)
def test_column_names_are_told_from_values(table: str, columns: tuple[str, ...]) -> None:
    assert parsed(table)[-1].columns == columns


def test_nothing_is_lost_but_hashes_and_rules() -> None:
    text = f"# 題\n\n前文。\n\n事業\t期限\n---\t---\n除雪\t3月\n\n- 項目\n  - 子項目\n\n## 節\n{BODY}"
    joined = "".join(atom.text for atom in parsed(text))
    assert "".join(joined.split()) == "題前文。事業期限除雪3月-項目-子項目節" + BODY
