"""Layout goes, words stay: joined lines, dropped frames and navigation, markup turned into rows and items."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean import clean
from indexer.joining import continues


def lines(*pages: str) -> list[str]:
    return [line.text for line in clean(pages)]


# ── lines that a layout broke ────────────────────────────────────────────────────────────────────────────────────────

DOUBLE_SPACED = """◆ 港の使い方

本町の港では荷を運ぶ船が年ごとに減り、古い岸壁

の使い方を見直しています。あわせて、コンクリー

ト補修の工事の都合により朝市と釣り場と祭りの広

場が使えなくなるなど、暮らしへの影響も広がって

います。

・朝市の場所を駅の前へ移し、漁師や農家と話し合

った日程を便りで知らせるとともに、子ども会の花

壇の世話が続けられるよう手伝います。

"""


def test_a_double_spaced_column_becomes_paragraphs_again() -> None:
    assert lines(DOUBLE_SPACED) == [
        "◆ 港の使い方",
        "本町の港では荷を運ぶ船が年ごとに減り、古い岸壁の使い方を見直しています。あわせて、コンクリート補修の工事の都合により"
        "朝市と釣り場と祭りの広場が使えなくなるなど、暮らしへの影響も広がっています。",
        "・朝市の場所を駅の前へ移し、漁師や農家と話し合った日程を便りで知らせるとともに、子ども会の花壇の世話が続けられる"
        "よう手伝います。",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("橋のコンクリー", "ト補修の工事"),  # inside a word
        ("駅前の空き地の活用", "を進めます"),  # before a particle
        ("朝市の出店者の募集と", "案内を続けます"),  # after a particle
        ("漁師、農家、", "商店主が出し合う"),  # after a comma
        ("子どもの力が十分に発揮", "できる遊び場"),  # before the verb that the noun makes
        ("（塗り替え中の", "灯台の中）を見学"),  # inside brackets
        ("出店する人が減り", "朝市の続け方が難しい"),  # after a verb that goes on
    ],
)
def test_a_broken_sentence_goes_on(first: str, second: str) -> None:
    assert continues(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("取組を進めます。", "次に、計画を示す"),
        ("札幌開発建設部", "小樽開発建設部"),
        ("中核都市", "地域中心都市"),
        ("人口減少", "少子高齢化"),
        ("連携・協働の推進", "・町民と企業の連携"),
        ("推進するための", "◆ 推進の手立て"),
        ("取組を進める", "１ 方針の概要"),
        ("お問合せ先", "電話:000-000-0000"),
        ("# 町の将来に向けて", "この計画では、"),
        ("名称\tと", "の期限\t3月"),
        ("地域の魅力を  ", "発信します"),  # a line break on purpose (Markdown)
        ("道北の未来を語るシンポジウム", "会場 市民ホール"),
    ],
)
def test_a_line_of_its_own_stays_one(first: str, second: str) -> None:
    assert not continues(first, second)


def test_paragraphs_of_an_ordinary_text_stay_apart() -> None:
    text = "計画の目的は、町の将来像を示すことです。\n\n計画の期間は10年です。\n\n対象は町の全域です。"
    assert lines(text) == text.split("\n")


def test_a_sentence_runs_on_over_a_page_border() -> None:
    found = clean(["町では多様な主体の連携を\n", "\n推進していきます。\n第二の文です。"])
    assert [(line.text, line.page) for line in found] == [
        ("町では多様な主体の連携を推進していきます。", 1),
        ("第二の文です。", 2),
    ]


def test_english_lines_are_joined_with_a_blank() -> None:
    assert lines("The harbour was opened in the spring of that year and\nhas been in use since.") == [
        "The harbour was opened in the spring of that year and has been in use since."
    ]


# ── frames and navigation ────────────────────────────────────────────────────────────────────────────────────────────


def test_running_heads_and_page_numbers_go() -> None:
    pages = [
        f"北の町 総合計画 {n}\n\n第{n}の話。これは本文です。\n続きの話もあります。\n\n{n} / 4" for n in (1, 2, 3, 4)
    ]
    assert lines(*pages) == [
        text for n in (1, 2, 3, 4) for text in (f"第{n}の話。これは本文です。", "続きの話もあります。")
    ]


def test_what_stands_on_one_page_alone_is_no_running_head() -> None:
    assert lines("表紙の題\n本文です。", "次の頁です。", "最後の頁です。")[0] == "表紙の題"


@pytest.mark.parametrize("number", ["- 81 -", "－ 3 －", "— 12 —", "p. 7", "Page 3 of 9", "ページ 4"])
def test_page_numbers_in_a_text_go(number: str) -> None:
    assert lines(f"前の文です。\n{unicodedata.normalize('NFKC', number)}\n後の文です。") == [
        "前の文です。",
        "後の文です。",
    ]


def test_values_are_no_page_numbers() -> None:
    assert lines("目標値は次のとおり。\n2030\n-5\n52.8") == ["目標値は次のとおり。", "2030", "-5", "52.8"]


def test_navigation_goes_wherever_it_stands() -> None:
    trail = "現在位置の階層\n\n  1. トップページ\n  2. 地域連携課\n  3. 地域連携\n"
    skips = "ホーム > くらし > 相談\n本文へスキップ\n取組の案内です。\nこのページの先頭へ戻る"
    text = f"{trail}\n地域連携\n\n{skips}\n{trail}"
    assert lines(text) == ["地域連携", "", "取組の案内です。"]


# ── markup ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (r"札幌：[https://example.jp/a\_b](https://example.jp/a_b)", "札幌：https://example.jp/a_b"),
        ("<https://example.jp/x>", "https://example.jp/x"),
        ("[様式](https://example.jp/a_(1).pdf)をご覧ください", "様式 https://example.jp/a_(1).pdfをご覧ください"),
        ("[次の節](#s2)と![地図](map.png)", "次の節と地図"),
        (r"2\_3 \* 4", "2_3 * 4"),
        ("**重要** な点と__注意__", "重要 な点と注意"),
        ("a_b_c と <パネリスト> と 3<5", "a_b_c と <パネリスト> と 3<5"),
        ("各 地 域 の 政 策", "各地域の政策"),
        ("【会  場】 市民ホール", "【会場】 市民ホール"),
        ("石田 東生氏", "石田 東生氏"),
        ("令和7年1月17日 第2回会議", "令和7年1月17日 第2回会議"),
        ("| 事業 | 期限 |", "事業\t期限"),
        ("太字の<b>町</b>と<br>改行", "太字の町と\v改行"),
    ],
)
def test_inline_markup(raw: str, wanted: str) -> None:
    assert lines(raw) == [wanted]


def test_lists_inside_table_cells_become_items() -> None:
    row = "支援\t<ul><li>・助言の体制づくりを進める・依頼事項を見直し、負担を減らす・庁内の各組織の強化・充実</ul>\t"
    assert lines(row) == [
        "支援\t・助言の体制づくりを進める\v・依頼事項を見直し、負担を減らす\v・庁内の各組織の強化・充実"
    ]
    nested = "連携\t<ul> <li>○分野を越える <ul> <li>・データを開く。</li> <li>・線へ。</li> </ul> </li> </ul>"
    assert lines(nested) == ["連携\t○分野を越える\v・データを開く。\v・線へ。"]


TEXTS = st.lists(st.text("あいうカキ漢字町村。、・「」()1２A b　\n", max_size=30), min_size=1, max_size=5)


@given(TEXTS)
def test_only_white_space_changes_in_plain_text(pages: list[str]) -> None:
    """Page numbers aside (no line here reads as one), the characters and their order stay."""
    raw = "".join("".join(page.split()) for page in pages)
    cleaned = "".join("".join(text.split()) for text in lines(*pages))
    dropped = re.sub(r"[\d２]", "", raw)
    assert re.sub(r"[\d２]", "", cleaned) == dropped or len(pages) > 2
