"""A generation on disk: what goes in comes out; whatever is damaged or foreign is refused, with the remedy."""

import json
import pickle
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.entities import Passage, PassageKind, Status
from knowledge.errors import StoreError
from knowledge.manifest import MANIFEST_KEYS, digest_of, manifest_digest
from knowledge.pieces import PieceVectors
from knowledge.store import FILES, current_id, open_current, open_generation, write_generation_files
from knowledge.text import normalise

DIMENSION = 16


@dataclass(frozen=True)
class SomeModel:
    """Enough of an embedding model for the store."""

    name: str = "some-model"
    digest: str = "abc"
    dimension: int = DIMENSION


def passages_of(count: int, mark: str = "会議") -> list[Passage]:
    return [
        Passage(
            id=f"{mark}-{n}",
            text=f"第{n}回{mark}は倶知安町で開かれた。",
            context="後志の記録",
            title="記録",
            section="会議 › 日程",
            source="a.md",
        )
        for n in range(count)
    ]


def unit_rows(count: int, dimension: int = DIMENSION, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def fields_of(count: int, name: str = "g1", dimension: int = DIMENSION) -> dict[str, Any]:
    return {
        "id": name,
        "created_at": "2025-01-02T03:04:05+00:00",
        "created_by": "test",
        "model": "some-model",
        "model_digest": "abc",
        "dimension": dimension,
        "prefixes": ["", ""],
        "splitter_version": "1",
        "passages": count,
        "sources": [{"path": "a.md", "sha256": "0" * 64, "passages": count}],
    }


def pieces_of(vectors: np.ndarray) -> PieceVectors:
    """One piece of each passage, with the passage's own vector."""
    return PieceVectors.of([row[None, :] for row in vectors])


def write(folder: Path, passages: list[Passage], seed: int = 0) -> np.ndarray:
    vectors = unit_rows(len(passages), seed=seed)
    write_generation_files(folder, passages, vectors, pieces_of(vectors), fields_of(len(passages), folder.name))
    return vectors


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store") / "g1"
    write(folder, passages_of(12))
    return folder


@pytest.fixture
def generation(finished: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(finished, tmp_path / "g1"))


words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
any_passage = st.builds(
    Passage,
    id=st.uuids().map(str),
    text=words.map("本文 ".__add__),
    context=words,
    title=words,
    section=words,
    source=words,
    kind=st.sampled_from(PassageKind),
    header=st.lists(words, max_size=3).map(tuple),
    page=st.none() | st.integers(1, 999),
    date=st.none() | words,
    status=st.sampled_from(Status),
    url=st.none() | words,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(any_passage, min_size=1, max_size=6, unique_by=lambda passage: passage.id))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, passages: list[Passage]) -> None:
    folder = tmp_path_factory.mktemp("any") / "g"
    vectors = write(folder, passages)
    opened = open_generation(folder, embedder=SomeModel())
    assert opened.passages == tuple(passages)
    np.testing.assert_array_equal(opened.vectors(), vectors)
    for passage, vector in zip(passages, vectors, strict=True):
        np.testing.assert_array_equal(opened.vector_of(passage.id), vector)
    assert opened.vector_of("absent") is None


def test_manifest_holds_what_design_names(generation: Path) -> None:
    manifest = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    design = "id created_at created_by model dimension prefixes splitter_version passages sources files"
    assert set(design.split()) <= set(manifest)
    assert set(manifest["files"]) == {
        path.relative_to(generation).as_posix()
        for path in generation.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_flipped_bits_are_refused(generation: Path, name: str) -> None:
    whole = (generation / name).read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(5):
        data = bytearray(whole)
        data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
        (generation / name).write_bytes(data)
        with pytest.raises(StoreError, match="renkei index"):
            open_generation(generation)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_truncated_and_missing_files_are_refused(generation: Path, name: str) -> None:
    data = (generation / name).read_bytes()
    (generation / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(StoreError, match="renkei index"):
        open_generation(generation)
    (generation / name).unlink()
    with pytest.raises(StoreError, match="renkei index"):
        open_generation(generation)


@pytest.mark.parametrize("place", ["index.pkl", "lexical/extra.npy", ".hidden"])
def test_an_added_file_is_refused_and_no_pickle_is_run(generation: Path, tmp_path: Path, place: str) -> None:
    (generation / place).write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    with pytest.raises(StoreError, match=place.rpartition("/")[2]):
        open_generation(generation)
    assert not (tmp_path / "ran").exists()


def test_a_pickle_in_place_of_an_array_is_refused_even_with_its_digest(generation: Path, tmp_path: Path) -> None:
    bomb = np.array([Bomb(tmp_path / "ran")], dtype=object)
    np.save(generation / "lexical/data.csc.index.npy", bomb, allow_pickle=True)
    sign(generation)
    with pytest.raises(StoreError, match="renkei index"):
        open_generation(generation)
    assert not (tmp_path / "ran").exists()


def test_a_symbolic_link_is_refused(generation: Path, tmp_path: Path) -> None:
    (generation / "passages.jsonl").rename(tmp_path / "elsewhere")
    (generation / "passages.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="シンボリックリンク"):
        open_generation(generation)


def test_files_that_disagree_are_refused(generation: Path) -> None:
    lines = (generation / "passages.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (generation / "passages.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    sign(generation)
    with pytest.raises(StoreError, match="パッセージ数が合いません"):
        open_generation(generation)


def test_the_manifest_of_another_index_is_refused(generation: Path) -> None:
    sign(generation, dimension=DIMENSION + 1)
    with pytest.raises(StoreError, match="次元"):
        open_generation(generation)


@pytest.mark.parametrize("key", sorted(MANIFEST_KEYS))
def test_a_manifest_without_a_key_is_refused(generation: Path, key: str) -> None:
    manifest = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    del manifest[key]
    (generation / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StoreError, match="renkei index"):
        open_generation(generation)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (SomeModel(name="other", digest="def"), "別のモデル some-model で作られて.* other の索引"),
        (SomeModel(digest="def"), "モデル some-model の別の重み"),
        (SomeModel(dimension=32), "モデル some-model の別の重み"),
    ],
)
def test_an_index_of_another_model_is_refused(generation: Path, model: SomeModel, says: str) -> None:
    with pytest.raises(StoreError, match=says) as refused:
        open_generation(generation, embedder=model)
    assert "renkei index" in str(refused.value)


def test_the_same_model_under_another_name_is_no_other_model(generation: Path) -> None:
    assert open_generation(generation, embedder=SomeModel(name="models/other/path")).id


def test_an_index_of_another_version_names_what_was_in_it(generation: Path) -> None:
    manifest = json.loads((generation / "manifest.json").read_text(encoding="utf-8")) | {"format": 1}
    (generation / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StoreError, match=r"別の版.*renkei index 資料.*a\.md") as refused:
        open_generation(generation)
    assert "rollback" not in str(refused.value)


def spoil(**changes: Any) -> Callable[[list[Passage], np.ndarray, PieceVectors, dict[str, Any]], tuple[Any, ...]]:
    return lambda passages, vectors, pieces, fields: (
        changes.get("passages", passages),
        changes.get("vectors", vectors),
        changes.get("pieces", pieces),
        fields | changes.get("fields", {}),
    )


@pytest.mark.parametrize(
    "change",
    [
        spoil(passages=passages_of(2)),
        spoil(passages=[passages_of(1)[0]] * 3),
        spoil(passages=[], vectors=unit_rows(0), fields={"passages": 0}),
        spoil(vectors=unit_rows(3) * 2),
        spoil(vectors=np.full((3, DIMENSION), np.nan, dtype=np.float32)),
        spoil(vectors=unit_rows(3, DIMENSION + 1)),
        spoil(fields={"passages": 4}),
        spoil(pieces=pieces_of(unit_rows(2))),
        spoil(pieces=pieces_of(np.full((3, DIMENSION), np.nan, dtype=np.float32))),
        spoil(pieces=pieces_of(unit_rows(3) * 2)),
        spoil(pieces=pieces_of(unit_rows(3, DIMENSION + 1))),
        spoil(pieces=PieceVectors(np.zeros((2, DIMENSION), np.float16), np.array([0, 1, 1, 2]))),
    ],
)
def test_parts_that_do_not_fit_are_not_written(tmp_path: Path, change: Any) -> None:
    parts = change(passages_of(3), unit_rows(3), pieces_of(unit_rows(3)), fields_of(3))
    with pytest.raises(StoreError):
        write_generation_files(tmp_path / "g", *parts)
    assert not (tmp_path / "g").exists()


def test_a_manifest_must_be_complete_to_be_written(tmp_path: Path) -> None:
    fields = fields_of(3)
    del fields["sources"]
    with pytest.raises(StoreError, match="sources"):
        write_generation_files(tmp_path / "g", passages_of(3), unit_rows(3), pieces_of(unit_rows(3)), fields)


def test_no_store_yet_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="renkei index"):
        open_current(tmp_path)


@pytest.mark.parametrize("line", ["", "../g1", "/etc", ".", "..", "a/b"])
def test_current_names_nothing_outside_the_store(tmp_path: Path, line: str) -> None:
    (tmp_path / "CURRENT").write_text(line, encoding="utf-8")
    with pytest.raises(StoreError, match="renkei index"):
        current_id(tmp_path)


def test_current_names_a_generation_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("g9\n", encoding="utf-8")
    with pytest.raises(StoreError, match="renkei rollback"):
        open_current(tmp_path)


def test_a_generation_under_another_name_is_refused(generation: Path, tmp_path: Path) -> None:
    (tmp_path / "generations").mkdir()
    generation.rename(tmp_path / "generations/g2")
    (tmp_path / "CURRENT").write_text("g2\n", encoding="utf-8")
    with pytest.raises(StoreError, match="g1"):
        open_current(tmp_path)


def test_readers_never_mix_generations_while_they_are_swapped(tmp_path: Path) -> None:
    swap_under_readers(tmp_path, swaps=40, readers=2)


@pytest.mark.full
def test_readers_never_mix_generations_at_length(tmp_path: Path) -> None:
    swap_under_readers(tmp_path, swaps=2_000, readers=4)


def swap_under_readers(root: Path, swaps: int, readers: int) -> None:
    """Replace and remove generations under readers: each reader sees passages, vectors and terms of one generation."""
    publish(root, 0)
    done = threading.Event()
    failures: list[BaseException] = []
    seen: set[str] = set()

    def read() -> None:
        try:
            while not done.is_set():
                opened = open_current(root)
                seen.add(opened.id)
                assert all(passage.id.startswith(f"{opened.id}-") for passage in opened.passages)
                n = int(opened.id[1:])
                np.testing.assert_array_equal(opened.vectors(), unit_rows(3, seed=n))
                assert opened.lexical.scores({"\x02" + normalise(own_mark(n)): 1.0}).all()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for n in range(1, swaps + 1):
        publish(root, n)
        if n >= 2:
            shutil.rmtree(root / f"generations/g{n - 2}")
    done.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    assert len(seen) > 1


def own_mark(n: int) -> str:
    """A pair of characters that only generation `n` contains."""
    return chr(0x4E00 + n) * 2


def publish(root: Path, n: int) -> None:
    passages = [replace(passage, context=own_mark(n)) for passage in passages_of(3, mark=f"g{n}")]
    write(root / f"generations/g{n}", passages, seed=n)
    temporary = root / "CURRENT.new"
    temporary.write_text(f"g{n}\n", encoding="utf-8")
    temporary.replace(root / "CURRENT")


class Bomb:
    """Leaves a file behind if it is ever unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Path]]:
        return Path.touch, (self.path,)


def sign(folder: Path, **changes: Any) -> None:
    """Make the manifest's digests fit the files again, as a careless or hostile hand would."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8")) | changes
    manifest["files"] = {name: digest_of((folder / name).read_bytes()) for name in FILES}
    manifest["digest"] = manifest_digest(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
