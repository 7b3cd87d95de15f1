"""Publishing is all or nothing: lock, leftovers, full disk, rollback, and runs killed at any moment."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from indexer_parts import HashEmbedder, OneOffice

from indexer import generations
from indexer.build import build_index
from knowledge.errors import StoreError
from knowledge.store import open_current

HERE = Path(__file__).parent


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    write_doc(tmp_path / "store", "最初の話")
    publish(tmp_path / "store")
    return tmp_path / "store"


def write_doc(store: Path, words: str) -> None:
    (store.parent / "docs" / "a.md").write_text(f"# {words}\n\n町の将来像を定める。\n", encoding="utf-8")


def publish(store: Path, words: str | None = None, keep: int = 5) -> str:
    if words:
        write_doc(store, words)
    name = build_index([store.parent / "docs"], store, HashEmbedder(), OneOffice(), keep=keep).generation_id
    assert name is not None
    return name


def leftovers(store: Path) -> list[str]:
    return [path.name for path in (*store.glob(".*"), *(store / "generations").glob(".*"))]


# ── keeping and returning ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_last_generations_are_kept_newest_first(store: Path) -> None:
    names = [publish(store, f"第{n}の話", keep=3) for n in range(5)]
    listed = generations.list_generations(store)
    assert [info.id for info in listed] == names[:1:-1]
    assert [info.current for info in listed] == [True, False, False]
    assert (listed[0].model, listed[0].documents, listed[0].problem) == ("hash", 1, None)


def test_rollback_to_the_one_before_and_to_any(store: Path) -> None:
    second, third = publish(store, "二番目の話"), publish(store, "三番目の話")
    assert generations.rollback(store) == second
    assert "二番目の話" in open_current(store).passages[0].text
    assert generations.rollback(store, third) == third
    assert open_current(store).id == third


def test_what_cannot_be_returned_to(store: Path) -> None:
    with pytest.raises(StoreError, match="より前の世代はありません"):
        generations.rollback(store)
    with pytest.raises(StoreError, match="世代 2020 はありません"):
        generations.rollback(store, "2020")
    with pytest.raises(StoreError, match=r"世代 \.\./generations はありません"):
        generations.rollback(store, "../generations")
    first, second = open_current(store).id, publish(store, "次の話")
    (store / "generations" / first / "passages.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="壊れて"):
        generations.rollback(store)
    assert open_current(store).id == second


def test_pruning_never_takes_the_current_generation(store: Path) -> None:
    first = open_current(store).id
    for n in range(3):
        publish(store, f"第{n}の話", keep=2)
    assert first not in [info.id for info in generations.list_generations(store)]
    oldest = generations.list_generations(store)[-1].id
    generations.rollback(store, oldest)
    assert open_current(store).id == oldest


def test_a_damaged_manifest_is_listed_with_its_problem(store: Path) -> None:
    (store / "generations" / open_current(store).id / "manifest.json").write_text("{", encoding="utf-8")
    (info,) = generations.list_generations(store)
    assert info.problem is not None


def test_an_empty_store_lists_nothing(tmp_path: Path) -> None:
    assert generations.list_generations(tmp_path) == []


# ── two at once ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_run_is_told_who_is_at_work(store: Path) -> None:
    with generations.lock(store), pytest.raises(StoreError, match=rf"プロセス {os.getpid()}\).*もう一度実行"):
        publish(store)
    assert publish(store)


def test_the_lock_holds_between_processes_and_dies_with_its_holder(store: Path) -> None:
    script = f"""
import sys, time
from pathlib import Path
from indexer.generations import lock
with lock(Path({str(store)!r})):
    print("locked", flush=True)
    time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=HERE.parents[1])
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(StoreError, match=rf"プロセス {holder.pid}\)"):
        publish(store)
    holder.kill()
    holder.wait()
    assert publish(store)


# ── failures on the way ──────────────────────────────────────────────────────────────────────────────────────────────


def failing(code: int) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("place", ["write_generation_files", "_sync_tree", "_point_to"])
def test_a_full_disk_keeps_the_old_generation(store: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    before = open_current(store).id
    target = "indexer.build." if place == "write_generation_files" else "indexer.generations."
    with monkeypatch.context() as patch:
        patch.setattr(target + place, failing(errno.ENOSPC))
        with pytest.raises(StoreError, match=rf"ディスクがいっぱい.*公開済みの世代 {before} はそのまま"):
            publish(store, "新しい話")
    assert open_current(store).id == before
    assert leftovers(store) == []
    assert publish(store) != before


def test_a_write_that_really_fails(store: Path) -> None:
    """A child process that may write files of 4 KB at most meets the limit in the middle of its files."""
    before = open_current(store).id
    write_doc(store, "長い話。" * 4000)
    script = f"""
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {str(HERE)!r})
from indexer_parts import HashEmbedder, OneOffice
from indexer.build import build_index
from knowledge.errors import StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    build_index([Path({str(store.parent / "docs")!r})], Path({str(store)!r}), HashEmbedder(), OneOffice())
except StoreError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=HERE.parents[1], check=True
    )
    assert "ディスクがいっぱい" in done.stdout
    assert open_current(store).id == before
    assert leftovers(store) == []


def test_a_first_run_claims_no_generation_published_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    write_doc(tmp_path / "store", "話")
    monkeypatch.setattr(generations, "_sync_tree", failing(errno.ENOSPC))
    with pytest.raises(StoreError, match="ディスクがいっぱい") as caught:
        publish(tmp_path / "store")
    assert "公開済み" not in str(caught.value)


def test_a_store_that_is_a_file_or_may_not_be_written_names_the_setting(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for store in (file, file / "store"):
        for use in (generations.check_writable, lambda path: generations.lock(path).__enter__()):
            with pytest.raises(StoreError, match=r"フォルダーではありません.*STORE_DIR.*--store"):
                use(store)
    with pytest.raises(StoreError, match=r"書き込めません.*STORE_DIR"):
        generations.check_writable(Path("/proc/store/deep"))
    generations.check_writable(tmp_path / "new/store")
    assert sorted(tmp_path.iterdir()) == [file]


def test_a_generation_that_does_not_open_is_not_published(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_current(store).id
    whole = generations.open_generation

    def damaged(folder: Path) -> object:
        (folder / "index.faiss").write_bytes(b"")
        return whole(folder)

    monkeypatch.setattr(generations, "open_generation", damaged)
    with pytest.raises(StoreError, match="壊れて"):
        publish(store, "新しい話")
    assert open_current(store).id == before
    assert leftovers(store) == []


def test_vectors_that_are_no_numbers_are_not_published(store: Path) -> None:
    before = open_current(store).id

    class Broken(HashEmbedder):
        def encode_documents(self, texts: list[str]) -> np.ndarray:
            return np.full((len(texts), self.dimension), np.nan, dtype=np.float32)

    write_doc(store, "別の話")
    with pytest.raises(StoreError):
        build_index([store.parent / "docs"], store, Broken(), OneOffice())
    assert open_current(store).id == before


# ── kill -9 ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from indexer_parts import HashEmbedder, OneOffice
from indexer.build import build_index
import bm25s, faiss
from knowledge.text import terms
terms("暖機")
print("ready", flush=True)
n = 0
while True:
    n += 1
    Path({docs!r}, "a.md").write_text(f"# 第{{n}}の話\\n\\n町の将来像を定める。\\n", encoding="utf-8")
    build_index([Path({docs!r})], Path({store!r}), HashEmbedder(), OneOffice())
"""


def kill_at(store: Path, delay: float) -> None:
    """Let a child publish without end, kill it after `delay` seconds, and see that the store is whole."""
    script = _CHILD.format(here=str(HERE), docs=str(store.parent / "docs"), store=str(store))
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=HERE.parents[1])
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.wait()
    current = open_current(store)
    assert current.passages
    published = publish(store, "後の話")
    assert open_current(store).id == published
    assert leftovers(store) == []


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.11])
def test_killed_runs_leave_a_whole_store(store: Path, delay: float) -> None:
    kill_at(store, delay)


@pytest.mark.full
def test_a_hundred_killed_runs_leave_a_whole_store(store: Path) -> None:
    rng = np.random.default_rng(7)
    for delay in rng.uniform(0, 0.4, 100):
        kill_at(store, float(delay))


def test_leftovers_of_a_killed_run_are_removed(store: Path) -> None:
    (store / "generations" / ".tmp-dead").mkdir()
    (store / "generations" / ".tmp-dead" / "index.faiss").write_bytes(b"half")
    (store / ".CURRENT-999").write_text("half", encoding="utf-8")
    with generations.lock(store):
        assert generations.clean_leftovers(store) == 2
    assert leftovers(store) == []
