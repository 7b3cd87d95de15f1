"""Passages follow the structure, stay within their limit, never overlap, and lose nothing."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.clean import clean
from indexer.split import MAX_CHARS, size, split
from indexer.structure import atoms
from knowledge.entities import Document, Passage, Status

DOCUMENT = Document(source="plan.md", pages=("",), numbered=False, title="北の町 総合計画")
SENTENCE = "町は多様な主体と連携して取組を進め、その成果を毎年度の会議で点検し評価します。"


def passages(text: str, document: Document = DOCUMENT) -> list[Passage]:
    return split(document, clean([text]))


def bare(text: str) -> str:
    return "".join(text.split())


# ── structure ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_small_document_is_one_passage() -> None:
    (passage,) = passages(f"# 目的\n\n{SENTENCE}\n\n# 体制\n\n{SENTENCE}")
    assert passage.text == f"目的\n\n{SENTENCE}\n\n体制\n\n{SENTENCE}"


def test_large_sections_are_cut_at_their_headings() -> None:
    sections = [f"# 第{n}の節\n\n{SENTENCE * 15}\n" for n in (1, 2, 3)]
    found = passages("\n".join(sections))
    assert [passage.text.split("\n")[0] for passage in found] == ["第1の節", "第2の節", "第3の節"]
    assert [passage.section for passage in found] == ["第1の節", "第2の節", "第3の節"]


def test_a_heading_is_never_the_end_of_a_passage() -> None:
    text = "\n".join(f"## 節{n}\n\n{SENTENCE * (n % 7 + 1)}\n" for n in range(30))
    for passage in passages(text):
        assert not re.fullmatch(r"節\d+", passage.text.split("\n")[-1])


def test_a_table_is_cut_between_rows_and_every_part_knows_its_columns() -> None:
    rows = "\n".join(f"| 事業{n} | {SENTENCE} | {n}月 |" for n in range(60))
    found = passages(f"# 一覧\n\n| 名称 | 内容 | 期限 |\n|---|---|---|\n{rows}")
    assert len(found) > 2
    assert all(passage.header == ("名称", "内容", "期限") for passage in found)
    assert all(
        line.count("\t") == 2 for passage in found for line in passage.text.split("\n") if line not in {"一覧", ""}
    )
    assert all(passage.section == "一覧" for passage in found)


def test_two_tables_never_share_a_passage_under_one_header() -> None:
    found = passages("甲\t乙\n---\t---\n一\t二\n\n丙\t丁\n---\t---\n三\t四")
    assert [passage.header for passage in found] == [("甲", "乙"), ("丙", "丁")]


def test_a_list_stays_with_the_line_that_introduces_it() -> None:
    filler = f"# 前\n\n{SENTENCE * 20}\n\n"
    items = "\n".join(f"- 項目{n}の内容を定める" for n in range(12))
    found = passages(f"{filler}# 後\n\n次の事項を進めます：\n{items}")
    assert found[-1].text.startswith("後\n\n次の事項を進めます：\n- 項目0")
    assert found[-1].text.endswith("- 項目11の内容を定める")


def test_a_name_and_its_values_stay_together() -> None:
    groups = "\n".join(f"地域{n}\n○観光入込客数（{n}）\n2,{n:03} 万人(R1)\n→ 3,{n:03} 万人(R7)" for n in range(60))
    for passage in passages(groups):
        assert passage.text.count("○") == passage.text.count("万人(R1)") == passage.text.count("→")


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE * 80,
        "文" * 5000,
        "、".join(["町"] * 3000),
        "甲\t" + SENTENCE * 60 + "\t乙",
        "\t".join(["ｾﾙ" * 40] * 60),
        "㍿" * 800,
    ],
)
def test_what_is_longer_than_a_passage_is_cut_and_nothing_lost(text: str) -> None:
    found = passages(text)
    assert all(size(passage.text) <= MAX_CHARS for passage in found)
    assert bare("".join(passage.text for passage in found)) == bare(text)


# ── what a passage carries ───────────────────────────────────────────────────────────────────────────────────────────


def test_context_stands_beside_the_text_never_inside() -> None:
    document = replace(
        DOCUMENT, region="後志", date="2025-03-31", publisher="北の町", status=Status.DRAFT, url="https://example.jp/"
    )
    (passage,) = passages(f"# 目的\n\n{SENTENCE}", document)
    assert passage.context == "北の町 総合計画\n目的\n後志 / 2025年 令和7年 令和6年度 / 北の町"
    assert passage.text == f"目的\n\n{SENTENCE}"
    assert (passage.region, passage.date, passage.status, passage.url) == (
        "後志",
        "2025-03-31",
        Status.DRAFT,
        "https://example.jp/",
    )


def test_pages_are_kept_where_they_mean_something() -> None:
    lines = clean([f"# 一\n\n{SENTENCE * 18}", f"# 二\n\n{SENTENCE * 18}"])
    assert [passage.page for passage in split(replace(DOCUMENT, numbered=True), lines)] == [1, 2]
    assert {passage.page for passage in split(DOCUMENT, lines)} == {None}


def test_ids_are_stable_and_distinct() -> None:
    text = "\n".join([f"# 節\n\n{SENTENCE * 20}\n"] * 3)
    first, again = passages(text), passages(text)
    assert [p.id for p in first] == [p.id for p in again]
    assert len({p.id for p in first}) == len(first)
    assert {p.id for p in first}.isdisjoint(p.id for p in passages(text, replace(DOCUMENT, source="other.md")))


# ── for any document ─────────────────────────────────────────────────────────────────────────────────────────────────

PIECES = st.one_of(
    st.integers(1, 40).map(lambda n: SENTENCE * n),
    st.integers(0, 99).map(lambda n: f"# 見出し{n}"),
    st.integers(0, 99).map(lambda n: f"◆ 節{n}"),
    st.lists(st.text("項目内容ABC。、・", min_size=1, max_size=60), min_size=1, max_size=9).map(
        lambda xs: "\n".join("- " + x for x in xs)
    ),
    st.lists(
        st.lists(st.text("値名12%・", max_size=300), min_size=2, max_size=4).map("\t".join), min_size=1, max_size=6
    ).map("\n".join),
    st.text("あ漢、。㌔ﾌﾟ1( ", max_size=2000),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=14))
def test_any_document_is_cut_within_the_limit_without_overlap_or_loss(pieces: list[str]) -> None:
    lines = clean(["\n\n".join(pieces)])
    found = split(DOCUMENT, lines)
    assert all(0 < size(passage.text) <= MAX_CHARS for passage in found)
    # In order and complete: what is cut at no place twice cannot overlap.
    assert bare("".join(p.text for p in found)) == bare("".join(atom.text for atom in atoms(lines)))
    assert len({passage.id for passage in found}) == len(found)
