"""Folders → generations: what is reused, embedded, removed, skipped and failed."""

from pathlib import Path

from indexer_parts import HashEmbedder, OneOffice

from indexer.build import IndexReport, build_index
from knowledge.store import open_current


def build(folder: Path, store: Path, embedder: HashEmbedder | None = None) -> IndexReport:
    return build_index([folder], store, embedder or HashEmbedder(), OneOffice())


def test_text_and_markdown_become_a_generation(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text(
        "---\ntitle: 計画\ndate: 2025-03-31\n---\n# 計画\n\n町の将来像を定める。\n", encoding="utf-8"
    )
    (docs / "b.txt").write_text("余市町の取組\n\n果樹園を守る活動を続けている。\n", encoding="utf-8")
    report = build(docs, tmp_path / "store")
    generation = open_current(tmp_path / "store")
    assert (report.files, report.passages, report.failed) == (2, 3, [])
    assert generation.id == report.generation_id
    assert [passage.source for passage in generation.passages] == ["a.md", "b.txt", "directory"]
    assert generation.passages[0].date == "2025-03-31"
