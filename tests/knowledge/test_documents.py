"""The digests: sound front matter, short self-standing sections, our own words, nothing of the sources' damage."""

import csv
import os
import re
from itertools import pairwise
from pathlib import Path

import frontmatter
import pytest

from knowledge.entities import Status
from knowledge.glossary import Glossary
from knowledge.sources import Sources
from knowledge.text import compact, normalise

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "knowledge"
DIGESTS = sorted((KNOWLEDGE / "documents").glob("*.md"))
SEEDS = Path(os.environ.get("RENKEI_SHARED", ROOT.parent / "shared")) / "seeds"
LONGEST_SECTION = 900
LONGEST_COPY = 60
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
DAMAGE = (
    "北海道新幹線開業 開業記念セレモニー black 二セコ 二七〇 横閑 レモンコー ライオンズベンチャー "
    "みなどアシス みなど観光 インフォメンション 積丹地区マリンビジョン 美國 アメリカ・美しい海 かこたる "
    "省効率化 クラウドセーミング 外水産物 開拓機関 密猟 ようついカラマツ アドベンチャーラベル 通過率 "
    "二世産業 西海岸の冬 ドライバースト 充気 シーニックハイウェイ 安全と活用 過年雇用 転居確保 "
    "地域特化 誰が健康 國際 ShinBeshi 共生の市 つまでも健康 離島の方 移住住定住 運行手帳 "
    "前講習会 国との第9期 早川 県知事会議 かしていく 产学官 開拓の進展 インフラツアへ 俱 ミシン目線 "
    "実行性 補充"
).split()
POST_HOLDERS = "川岸 賀川 尾野 宮本 杉村 菊池 西崎 井神 遠藤 金子".split()  # posts are named, not their holders


def body(path: Path) -> str:
    return str(frontmatter.load(str(path)).content)


def sections(text: str) -> list[str]:
    return [part for part in re.split(r"(?m)^(?=#)", text) if part.strip()]


def test_one_digest_for_every_known_original() -> None:
    assert {path.name for path in DIGESTS} == {row.digest for row in Sources.load().rows}


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_front_matter(path: Path) -> None:
    meta = frontmatter.load(str(path)).metadata
    assert meta["title"]
    assert meta["publisher"]
    assert meta["region"]
    assert meta["status"] in set(Status)
    assert (meta["status"] == Status.SUPERSEDED) == bool(meta.get("successor"))
    assert meta["date"] is None or DATE.fullmatch(meta["date"])
    assert (meta["date"] and len(meta["date"]) > 4) or meta["date_note"]
    assert meta["url"] is None or str(meta["url"]).startswith("https://")


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_front_matter_says_what_the_list_of_originals_says(path: Path) -> None:
    meta = frontmatter.load(str(path)).metadata
    row = next(row for row in Sources.load().rows if row.digest == path.name)
    for field in ("title", "publisher", "region", "date", "status", "successor", "url"):
        assert meta.get(field) == getattr(row, field), field


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_sections_are_short_and_have_words_of_their_own(path: Path) -> None:
    text = body(path)
    assert text.startswith(f"# {frontmatter.load(str(path)).metadata['title']}\n")
    assert text.rstrip().splitlines()[-1].startswith("出典：")
    for section in sections(text):
        assert len(compact(section)) <= LONGEST_SECTION, section.splitlines()[0]
        assert len(section.strip().splitlines()) > 1, section


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_lists_and_tables_are_introduced(path: Path) -> None:
    for section in sections(body(path)):
        blocks = [block for block in section.split("\n\n") if not block.startswith("#")]
        assert not blocks[0].startswith(("-", "|")), section.splitlines()[0]


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_tables_have_rows_as_wide_as_their_header(path: Path) -> None:
    rows = [(line, line.count("|")) for line in body(path).splitlines()]
    for (line, width), (below, next_width) in pairwise(rows):
        if line.startswith("|") and below.startswith("|"):
            assert width == next_width, below


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_no_damage_and_no_post_holder_is_carried_over(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [word for word in (*DAMAGE, *POST_HOLDERS) if word in text] == []


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_addresses_are_https(path: Path) -> None:
    addresses = re.findall(r"https?://[^\s、。）)」|]+", body(path))
    assert [address for address in addresses if not address.startswith("https://")] == []


def own_words(text: str) -> str:
    """`text` without what is rightly the same as in the source: quotations, names in tables, addresses."""
    lines = [line for line in text.splitlines() if not line.startswith("|")]
    return compact(re.sub(r"「[^」]*」|https?://\S+", "※", "\n".join(lines)))


def longest_copy(text: str, source: str) -> str:
    """The longest part of `text` that stands in `source`, if it has `LONGEST_COPY` characters or more."""
    copies = (
        text[i : i + LONGEST_COPY] for i in range(len(text) - LONGEST_COPY) if text[i : i + LONGEST_COPY] in source
    )
    return next(copies, "")


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the original files are not here (RENKEI_SHARED)")
@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_digests_are_in_our_own_words(path: Path) -> None:
    text = own_words(body(path))
    for seed in sorted(SEEDS.glob("*.txt")):
        assert longest_copy(text, compact(seed.read_text("utf-8"))) == ""


def test_a_copy_would_be_found() -> None:
    copied = "".join(chr(0x4E00 + i) for i in range(80))
    assert longest_copy("前" + copied, copied + "後") == copied[:LONGEST_COPY]
    assert longest_copy(own_words(f"「{copied}」"), copied) == ""


def test_projects_have_what_staff_look_up() -> None:
    with (KNOWLEDGE / "directory" / "projects.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 20
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert None not in row.values(), row["name"]
        assert all(row[column] for column in ("name", "area", "lead", "status", "measures", "contact", "source"))
        measured = [bool(row[c]) for c in ("kpi", "unit", "baseline", "baseline_year", "target", "target_year")]
        assert all(measured) or not any(measured), row["name"]
    assert sum(bool(row["kpi"]) for row in rows) == 6


def test_figures_of_projects_stand_in_a_digest() -> None:
    said = compact("".join(body(path) for path in DIGESTS))
    with (KNOWLEDGE / "directory" / "projects.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for column in ("baseline", "target"):
                assert compact(row[column] + (row["unit"] if row[column] else "")) in said, (row["name"], column)


def test_glossary_names_the_digests_it_is_taken_from() -> None:
    texts = {path.name: normalise(path.read_text("utf-8")) for path in DIGESTS}
    for entry in Glossary.load().entries:
        if entry.source.endswith(".md"):
            assert normalise(entry.variant) in texts[entry.source], entry
