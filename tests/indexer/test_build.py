"""Folders → generations: what is reused, embedded, removed, skipped and failed."""

import io
from pathlib import Path

import pytest
from fpdf import FPDF
from indexer_parts import HashEmbedder, OneOffice, japanese_pdf

from indexer import reading
from indexer.build import IndexReport, build_index, embedded_text
from indexer.split import SPLITTER_VERSION
from knowledge.entities import PassageKind
from knowledge.errors import StoreError
from knowledge.pieces import pieces
from knowledge.store import open_current

A = "---\ntitle: 計画\ndate: 2025-03-31\n---\n# 計画\n\n町の将来像を定める。\n"
B = "余市町の取組\n\n果樹園を守る活動を続けている。\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text(A, encoding="utf-8")
    (folder / "b.txt").write_text(B, encoding="utf-8")
    return folder


def build(docs: Path, embedder: HashEmbedder | None = None, **settings: int) -> IndexReport:
    return build_index([docs], docs.parent / "store", embedder or HashEmbedder(), OneOffice(), **settings)


def counts(report: IndexReport) -> tuple[int, int, int, int]:
    return report.passages, report.reused, report.embedded, report.removed


def test_files_become_a_generation(docs: Path) -> None:
    report = build(docs)
    generation = open_current(docs.parent / "store", HashEmbedder())
    assert (report.files, report.failed, report.skipped) == (2, [], [])
    assert counts(report) == (3, 0, 3, 0)
    assert generation.id == report.generation_id
    assert [passage.source for passage in generation.passages] == ["a.md", "b.txt", "directory"]
    assert generation.passages[0].date == "2025-03-31"
    assert generation.passages[2].kind is PassageKind.DIRECTORY
    assert generation.manifest["splitter_version"] == SPLITTER_VERSION
    assert [(entry["path"], entry["passages"]) for entry in generation.manifest["sources"]] == [
        ("a.md", 1),
        ("b.txt", 1),
    ]


def test_each_vector_belongs_to_its_passage(docs: Path) -> None:
    build(docs)
    (docs / "0.txt").write_text("先頭に入る町の話\n\n本文です。\n", encoding="utf-8")
    build(docs)
    generation = open_current(docs.parent / "store")
    expected = HashEmbedder().encode_documents([embedded_text(passage) for passage in generation.passages])
    assert generation.vectors() == pytest.approx(expected, abs=1e-6)
    for row, passage in enumerate(generation.passages):
        expected = HashEmbedder().encode_documents(pieces(passage))
        assert generation.pieces[row] == pytest.approx(expected, abs=1e-3)


def change(docs: Path, what: str) -> None:
    match what:
        case "added":
            (docs / "c.md").write_text("# 新しい話\n\n港の再開発が始まった。\n", encoding="utf-8")
        case "changed":
            (docs / "b.txt").write_text(B + "\n新しい一文を加えた。\n", encoding="utf-8")
        case "renamed":
            (docs / "a.md").rename(docs / "z.md")
        case "deleted":
            (docs / "b.txt").unlink()
        case "sidecar":
            (docs / "b.txt.meta.toml").write_text('publisher = "余市町"\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("nothing", (3, 3, 0, 0)),
        ("added", (4, 3, 1, 0)),
        ("changed", (3, 2, 1, 1)),
        ("renamed", (3, 3, 0, 0)),
        ("deleted", (2, 2, 0, 1)),
        ("sidecar", (3, 2, 1, 1)),
    ],
)
def test_only_what_changed_is_embedded(docs: Path, what: str, expected: tuple[int, int, int, int]) -> None:
    build(docs)
    change(docs, what)
    embedder = HashEmbedder()
    assert counts(build(docs, embedder)) == expected
    passages = open_current(docs.parent / "store").passages
    whole = {embedded_text(passage) for passage in passages}
    assert len([text for text in embedder.encoded if text in whole]) == expected[2]
    assert bool(embedder.encoded) == bool(expected[2])
    sources = [passage.source for passage in passages]
    assert sources == [*sorted(sources[:-1]), "directory"]


def test_where_nothing_changed_the_generation_stays(docs: Path) -> None:
    first = build(docs)
    assert build(docs).generation_id == first.generation_id
    change(docs, "added")
    assert build(docs).generation_id != first.generation_id


def test_unchanged_files_are_not_read_again(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(docs)
    change(docs, "added")
    parsed: list[str] = []
    parse = reading.parse
    monkeypatch.setattr(reading, "parse", lambda path, data: (parsed.append(path.name), parse(path, data))[1])
    build(docs)
    assert parsed == ["c.md"]


def test_another_model_or_splitter_reuses_nothing(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(docs)
    assert counts(build(docs, HashEmbedder(digest="1"))) == (3, 0, 3, 0)
    monkeypatch.setattr("indexer.build.SPLITTER_VERSION", SPLITTER_VERSION + 1)
    assert counts(build(docs, HashEmbedder(digest="1"))) == (3, 0, 3, 0)


def test_a_damaged_current_generation_is_replaced(docs: Path) -> None:
    first = build(docs)
    index = docs.parent / "store" / "generations" / str(first.generation_id) / "index.faiss"
    data = bytearray(index.read_bytes())
    data[-1] ^= 1
    index.write_bytes(bytes(data))
    assert counts(build(docs)) == (3, 0, 3, 0)
    assert open_current(docs.parent / "store", HashEmbedder()).id != first.generation_id


def test_a_bad_file_is_reported_and_the_rest_published(docs: Path) -> None:
    (docs / "empty.txt").touch()
    (docs / "bad.pdf").write_bytes(b"%PDF-1.7 half")
    (docs / "copy.txt").write_text(B, encoding="utf-8")
    (docs / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    report = build(docs)
    assert [path for path, _ in report.failed] == ["bad.pdf", "empty.txt"]
    assert dict(report.skipped).keys() == {"photo.jpg", "copy.txt"}
    assert dict(report.skipped)["copy.txt"] == "b.txt と同じ内容です。"
    assert open_current(docs.parent / "store").id == report.generation_id
    assert report.files == 2


def test_nothing_is_published_where_nothing_could_be_read(docs: Path) -> None:
    before = build(docs)
    for path in docs.iterdir():
        path.write_bytes(b"")
    after = build(docs)
    assert after.generation_id is None
    assert len(after.failed) == 2
    assert open_current(docs.parent / "store").id == before.generation_id


def test_page_numbers_of_a_pdf_reach_the_passages(docs: Path) -> None:
    document = FPDF()
    document.set_font("helvetica", size=12)
    for number in (1, 2):
        document.add_page()
        document.multi_cell(0, 8, f"Part {number}. " + "The harbour is used by many ships every year. " * 20)
    (docs / "plan.pdf").write_bytes(bytes(document.output()))
    build(docs)
    pages = [p.page for p in open_current(docs.parent / "store").passages if p.source == "plan.pdf"]
    assert pages == [1, 2]


NORTH = """北の町 地域づくり計画
１ 計画の目的
　本町の港では、荷を運ぶ船が年ごとに減り、古い岸
壁の手入れに困っています。補修の長い工事のあいだ
は、朝市の広場も使えなくなりました。
- 1 -
\f北の町 地域づくり計画
そこで町では、漁師や農家と話し合い、駅の前の空地を
使った朝市を始めます。
・果樹園を守り、若い担い手を
育てます。
２ 推進体制
会議を年2回開き、
進み具合を点検します。
- 2 -
\f北の町 地域づくり計画
３ 指標
○観光入込客数
226 万人(R1)
→ 250 万人(R7)
- 3 -"""


def test_a_japanese_pdf_is_read_as_its_author_meant_it(docs: Path) -> None:
    (docs / "north.pdf").write_bytes(japanese_pdf(NORTH.split("\n\f")))
    build(docs)
    (passage,) = [p for p in open_current(docs.parent / "store").passages if p.source == "north.pdf"]
    assert passage.title == "北の町 地域づくり計画"
    assert passage.text.split("\n") == [
        "１ 計画の目的",
        "本町の港では、荷を運ぶ船が年ごとに減り、古い岸壁の手入れに困っています。補修の長い工事のあいだは、朝市の広場も"
        "使えなくなりました。",
        "そこで町では、漁師や農家と話し合い、駅の前の空地を使った朝市を始めます。",
        "・果樹園を守り、若い担い手を育てます。",
        "２ 推進体制",
        "会議を年2回開き、進み具合を点検します。",
        "３ 指標",
        "○観光入込客数",
        "226 万人(R1)",
        "→ 250 万人(R7)",
    ]


def test_progress_is_told_in_order(docs: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    build_index([docs], docs.parent / "store", HashEmbedder(), OneOffice(), lambda *step: seen.append(step))
    assert seen[:3] == [("read", 0, 2), ("read", 1, 2), ("read", 2, 2)]
    assert seen[3:] == [("embed", 0, 3), ("embed", 3, 3), ("publish", 0, 1), ("publish", 1, 1)]


def test_without_paths_the_bundled_documents_are_indexed(tmp_path: Path) -> None:
    report = build_index(None, tmp_path / "store", HashEmbedder(), OneOffice())
    assert report.failed == []
    assert report.files >= 5
    assert all(len(p.text) <= 1000 for p in open_current(tmp_path / "store").passages)


def test_an_error_of_the_model_leaves_the_store_as_it_was(docs: Path) -> None:
    before = build(docs)

    class Broken(HashEmbedder):
        def encode_documents(self, texts: list[str]) -> None:
            raise StoreError("no memory")

    (docs / "c.txt").write_text("新しい話\n\n本文です。", encoding="utf-8")
    with pytest.raises(StoreError):
        build(docs, Broken())
    assert open_current(docs.parent / "store").id == before.generation_id
    assert build(docs).generation_id is not None


def test_text_files_of_other_encodings_are_the_same_document(docs: Path) -> None:
    build(docs)
    (docs / "b.txt").write_bytes(B.encode("cp932"))
    report = build(docs)
    assert counts(report) == (3, 3, 0, 0)
    assert io.StringIO(B).readline().strip() in open_current(docs.parent / "store").passages[1].text
