"""Which files of the paths are documents, under which names, and why others are passed over."""

import os
from pathlib import Path

import pytest

from indexer.files import find_files, readable


def write(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("町", encoding="utf-8")


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    write(tmp_path / "b.md", tmp_path / "a" / "z.txt", tmp_path / "a" / "計画.html")
    assert [source for source, _ in find_files([tmp_path]).files] == ["a/z.txt", "a/計画.html", "b.md"]


def test_a_named_file_has_its_own_name_and_counts_once(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    found = find_files([tmp_path / "a.md", tmp_path])
    assert [source for source, _ in found.files] == ["a.md"]


def test_equal_names_of_two_folders_stay_apart(tmp_path: Path) -> None:
    write(tmp_path / "x" / "a.md", tmp_path / "y" / "a.md", tmp_path / "y" / "b.md")
    found = find_files([tmp_path / "x", tmp_path / "y"])
    assert [source for source, _ in found.files] == ["b.md", "x/a.md", "y/a.md"]


def test_what_is_passed_over_and_why(tmp_path: Path) -> None:
    docs, outside = tmp_path / "docs", tmp_path / "secret.txt"
    write(docs / "a.md", docs / "a.md.meta.toml", docs / ".hidden.md", docs / "~$a.txt", docs / "a.xyz", outside)
    (docs / "link.txt").symlink_to(outside)
    (docs / "around").symlink_to(docs)
    os.mkfifo(docs / "pipe.txt")
    found = find_files([docs])
    assert [source for source, _ in found.files] == ["a.md"]
    reasons = dict(found.skipped)
    assert set(reasons) == {"a.xyz", "link.txt", "around", "pipe.txt"}
    assert "シンボリックリンク" in reasons["link.txt"]
    assert "パイプ" in reasons["pipe.txt"]
    assert ".pdf" in reasons["a.xyz"]
    assert found.failed == []


def test_a_path_that_does_not_exist_fails(tmp_path: Path) -> None:
    ((path, reason),) = find_files([tmp_path / "absent"]).failed
    assert path.endswith("absent")
    assert "パスを確かめて" in reason


def test_names_in_shift_jis_become_readable(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode("計画書.txt".encode("cp932"))).write_text("町", encoding="utf-8")
    except OSError:
        pytest.skip("this file system refuses names that are not UTF-8")
    ((source, path),) = find_files([tmp_path]).files
    assert source == "計画書.txt"
    assert path.is_file()
    assert readable(os.fsdecode(b"a\x81")) == r"a\x81"
