"""Front matter > sidecar > known originals > what the text shows; what nobody knows stays None."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from indexer import loaders, metadata
from indexer.clean import clean
from indexer.metadata import describe
from indexer.reading import passages_of
from knowledge.entities import Document, Status
from knowledge.errors import DocumentError
from knowledge.sources import COLUMNS, Sources, text_digest

LETTER = "令和7年3月31日\n北の開発建設部\n\n## 後志地域の計画を策定\n\n計画をとりまとめました。\n"


def described(folder: Path, text: str, name: str = "a.md", places: tuple[str, ...] = ()) -> Document:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    loaded = loaders.load(path)
    return describe(name, path, "", loaded, clean(loaded.pages), places)


def test_what_the_text_shows(tmp_path: Path) -> None:
    document = described(tmp_path, LETTER + "お問合せ: 小樽開発建設部\n小樽開発建設部の案内\n")
    assert (document.title, document.region, document.date) == ("後志地域の計画を策定", "後志", "2025-03-31")
    assert document.publisher == "小樽開発建設部"
    assert document.status is Status.CURRENT
    assert document.url is None


def test_nothing_is_guessed(tmp_path: Path) -> None:
    document = described(tmp_path, "覚え書き\n\n令和5年に始まり、2024年7月に終わった。十勝と網走の話。\n", "b.txt")
    assert document.title == "覚え書き"
    assert (document.publisher, document.region, document.date) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# 町の計画\n\n本文。", "町の計画"),
        ("町の計画\n本文です。", "町の計画"),
        ("町の計画は長い一文で始まり、どこにも題が立てられていない。\n", "report"),
        ("項目\t値\n甲\t1\n", "項目"),
    ],
)
def test_titles(tmp_path: Path, text: str, title: str) -> None:
    assert described(tmp_path, text, "report.txt").title == title


def test_html_title_without_the_name_of_the_site(tmp_path: Path) -> None:
    page = "<html><head><title>共創の取組｜北の町役場</title></head><body><p>取組の案内です。</p></body></html>"
    assert described(tmp_path, page, "a.html").title == "共創の取組"


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("令和7年3月31日", "2025-03-31"),
        ("（令和６年１２月４日現在）", "2024-12-04"),
        ("更新日：2024年7月1日", "2024-07-01"),
        ("2025年4月発行", "2025-04"),
        ("【2025(令和7)年4月発行】", "2025-04"),
        ("令和 6 年 4 月 1 日", "2024-04-01"),
        ("発行の目安は令和7年4月ごろ", None),
        ("令和7年3月31日までに申し込むこと", None),
        ("令和5年度から令和7年度まで", None),
    ],
)
def test_dates(tmp_path: Path, line: str, date: str | None) -> None:
    assert described(tmp_path, f"お知らせ\n\n{line}\n\n本文です。\n", "a.txt").date == date


def test_the_region_is_the_longest_place_in_the_title(tmp_path: Path) -> None:
    assert described(tmp_path, "# 余市町の計画\n\n後志、後志、後志。", places=("余市町", "市町")).region == "余市町"


def test_the_order_of_those_who_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert described(tmp_path, LETTER).title == "後志地域の計画を策定"
    known = replace(Sources.load().rows[0], title="原本の題", date="2020", filename_hint="a.md")
    monkeypatch.setattr(metadata, "known_originals", lambda: Sources([known]))
    assert described(tmp_path, LETTER).title == "原本の題"
    (tmp_path / "a.md.meta.toml").write_text('title = "添え書きの題"\ndate = 2024-07-01\n', encoding="utf-8")
    document = described(tmp_path, LETTER)
    assert (document.title, document.date) == ("添え書きの題", "2024-07-01")
    document = described(tmp_path, "---\ntitle: 前付けの題\n---\n" + LETTER)
    assert (document.title, document.date) == ("前付けの題", "2024-07-01")


def test_misread_lines_of_a_known_original_go_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# 計画\n\n開業記念式典\n\n町の将来像を定める。\n"
    values = dict.fromkeys(COLUMNS, "") | {
        "id": "plan", "title": "計画", "publisher": "北の町", "status": "current", "source": "本文", "as_of": "2025",
        "sha256": "0" * 64, "text_digest": text_digest(text), "digest": "doo-vision-sakutei.md",
        "filename_hint": "plan.md", "drop": "開業記念式典",
    }  # fmt: skip
    with (tmp_path / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(values)
    sources = Sources.load(tmp_path / "sources.csv")
    monkeypatch.setattr(metadata, "known_originals", lambda: sources)
    path = tmp_path / "plan.md"
    (known,) = passages_of("plan.md", path, text.encode("utf-16"))
    assert (known.publisher, known.text.split()) == ("北の町", ["計画", "町の将来像を定める。"])
    (changed,) = passages_of("plan.md", path, (text + "新しい行。").encode())
    assert "開業記念式典" in changed.text


def test_yaml_sidecar(tmp_path: Path) -> None:
    (tmp_path / "a.txt.meta.yaml").write_text(
        "publisher: 北の町\nstatus: superseded\nsuccessor: 新計画\n", encoding="utf-8"
    )
    document = described(tmp_path, "町の計画\n\n本文です。", "a.txt")
    assert (document.publisher, document.status, document.successor) == ("北の町", Status.SUPERSEDED, "新計画")


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("status: old", "a.md の status 'old' を current、draft、superseded のどれか"),
        ("date: 春ごろ", "a.md の date '春ごろ' を 2025-03-31"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, front: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        described(tmp_path, f"---\n{front}\n---\n# 題\n\n本文。")


def test_a_broken_sidecar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md.meta.toml").write_text("title = 計画", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"添え書き a\.md\.meta\.toml を読み取れません"):
        described(tmp_path, LETTER)


def test_japanese_dates_in_front_matter(tmp_path: Path) -> None:
    assert described(tmp_path, "---\ndate: 令和7年3月31日\n---\n# 題\n\n本文。").date == "2025-03-31"
