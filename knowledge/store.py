"""One Generation on disk: FAISS vectors, passages, lexical index and a manifest with the digest of each file.

    generations/<id>/{index.faiss, pieces/…, passages.jsonl, lexical/…, manifest.json}      CURRENT (the id in use)

FAISS and numpy notice truncation but not flipped bits, so every file is checked against its digest before it is
parsed. Nothing here reads or writes a pickle.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge import lexical
from knowledge.entities import Passage, PassageKind, Status
from knowledge.errors import StoreError
from knowledge.lexical import LexicalIndex
from knowledge.manifest import (
    FORMAT,
    MANIFEST_KEYS,
    REBUILD,
    Model,
    check_model,
    digest_of,
    manifest_digest,
    read_manifest,
)
from knowledge.pieces import PieceVectors

if TYPE_CHECKING:
    from knowledge.vectorstore import FaissStore

_PIECES = "pieces/rows.npy"
FILES = (
    "index.faiss",
    _PIECES,
    "pieces/starts.npy",
    "passages.jsonl",
    *(f"lexical/{name}" for name in lexical.FILES),
)
CHOOSE_FOLDER = "STORE_DIR または --store に、書き込めるフォルダーを指定してください。"


@dataclass(frozen=True)
class Generation:
    """One finished, immutable index. `index`: FAISS inner product over unit rows, row i belongs to `passages[i]`;
    `pieces`: the vectors of the pieces of each."""

    id: str
    manifest: dict[str, Any]
    passages: tuple[Passage, ...]
    index: Any
    pieces: PieceVectors
    lexical: LexicalIndex

    @cached_property
    def rows(self) -> dict[str, int]:
        """Passage id → row."""
        return {passage.id: row for row, passage in enumerate(self.passages)}

    def vector_of(self, passage_id: str) -> np.ndarray | None:
        """(dim,) float32 unit vector of a passage, or None if it is not in this generation."""
        row = self.rows.get(passage_id)
        return None if row is None else self.index.reconstruct(row)

    def vectors(self) -> np.ndarray:
        """(n, dim) float32 unit rows in passage order."""
        return self.index.reconstruct_n(0, self.index.ntotal)

    def vector_store(self, embedder: Any) -> "FaissStore":
        """This generation behind LangChain's `VectorStore` interface."""
        from knowledge.vectorstore import FaissStore, to_document

        return FaissStore(self.index, [to_document(passage) for passage in self.passages], embedder)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_generation_files(
    folder: Path, passages: Sequence[Passage], vectors: np.ndarray, pieces: PieceVectors, manifest: dict[str, Any]
) -> None:
    """Write all files of a generation into the empty or absent `folder`; `manifest.json` comes last.

    `vectors`: (n, dim) float32 unit rows; `pieces`: those of their pieces. `manifest` holds id, created_at, created_by,
    model, model_digest, dimension, prefixes, splitter_version, passages, sources; the rest is filled in here, in place.
    Raises StoreError where the parts do not fit together. Publishing (fsync, rename, CURRENT) is the indexer's.
    """
    _check_parts(passages, vectors, pieces, manifest)
    (folder / "pieces").mkdir(parents=True, exist_ok=True)
    _write_index(folder / "index.faiss", vectors)
    np.save(folder / "pieces" / "rows.npy", pieces.rows, allow_pickle=False)
    np.save(folder / "pieces" / "starts.npy", pieces.starts, allow_pickle=False)
    with (folder / "passages.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(asdict(passage), ensure_ascii=False) + "\n" for passage in passages)
    LexicalIndex.build([lexical.passage_terms(passage) for passage in passages]).save(folder / "lexical")
    manifest["format"] = FORMAT
    manifest["lexical_version"] = lexical.VERSION
    manifest["files"] = {name: digest_of((folder / name).read_bytes()) for name in FILES}
    manifest["digest"] = manifest_digest(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _check_parts(
    passages: Sequence[Passage], vectors: np.ndarray, pieces: PieceVectors, manifest: dict[str, Any]
) -> None:
    missing = MANIFEST_KEYS - {"format", "lexical_version", "files", "digest"} - manifest.keys()
    if missing:
        raise StoreError(f"manifest に {'、'.join(sorted(missing))} がありません。")
    if not passages:
        raise StoreError("索引に入れる文がありません。読める文書を一つ以上 `renkei index` に渡してください。")
    if len({passage.id for passage in passages}) != len(passages):
        raise StoreError("同じ id のパッセージが二つあります。")
    if vectors.shape != (len(passages), manifest["dimension"]) or manifest["passages"] != len(passages):
        raise StoreError(
            f"パッセージ {len(passages)} 件、ベクトル {vectors.shape}、manifest "
            f"{manifest['passages']} × {manifest['dimension']} が合いません。"
        )
    if not pieces.fits(len(passages), manifest["dimension"]):
        raise StoreError(f"パッセージ {len(passages)} 件と、その断片のベクトル {pieces.rows.shape} が合いません。")
    lengths = np.concatenate([np.linalg.norm(part.astype(np.float32), axis=1) for part in (vectors, pieces.rows)])
    if not np.allclose(lengths, 1.0, atol=2e-3):
        raise StoreError("埋め込みモデルが長さ 1 でないベクトルを返しました。EMBEDDING_MODEL を確かめてください。")


def _write_index(path: Path, vectors: np.ndarray) -> None:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    path.write_bytes(faiss.serialize_index(index).tobytes())


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def current_id(store_dir: Path) -> str:
    """The id that CURRENT names; StoreError where there is no store yet or CURRENT is damaged."""
    try:
        name = (store_dir / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise StoreError(f"{store_dir} に索引がまだありません。`renkei index` で作ってください。") from None
    except NotADirectoryError:
        raise StoreError(f"{store_dir} はフォルダーではありません。{CHOOSE_FOLDER}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{store_dir / 'CURRENT'} を読み取れません({error})。{REBUILD}") from error
    if not name or Path(name).name != name or name.startswith("."):
        raise StoreError(f"{store_dir / 'CURRENT'} が世代を指していません。{REBUILD}")
    return name


def open_current(store_dir: Path, embedder: Model | None = None) -> Generation:
    """The current generation: CURRENT is resolved once and everything is opened from there.

    Where that generation was removed meanwhile because a newer one took its place, the newer one is opened.
    """
    name = current_id(store_dir)
    while True:
        try:
            generation = open_generation(store_dir / "generations" / name, embedder=embedder)
        except StoreError:
            latest = current_id(store_dir)
            if latest == name:
                raise
            name = latest
            continue
        if generation.id != name:
            raise StoreError(f"世代 {name} の中身は {generation.id} です。{REBUILD}")
        return generation


def open_generation(folder: Path, *, embedder: Model | None = None) -> Generation:
    """Open and verify one generation; with `embedder`, also that its vectors are that model's.

    Raises StoreError, with the command that mends it, where a file is missing, damaged or not ours.
    """
    manifest = read_manifest(folder)
    if embedder is not None:
        check_model(manifest, embedder)
    try:
        _check_listing(folder, manifest)
        return _open_files(folder, manifest)
    except StoreError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise StoreError(f"世代 {folder.name} を開けません({error})。{REBUILD}") from error


def _check_listing(folder: Path, manifest: dict[str, Any]) -> None:
    """Exactly the files of the format, regular ones: a file that was added, such as a pickle, is refused."""
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    expected = {"manifest.json", *FILES}
    if set(manifest["files"]) != set(FILES) or present - expected:
        foreign = sorted((present | set(manifest["files"])) - expected)
        raise StoreError(f"世代 {folder.name} に知らないファイルがあります: {'、'.join(foreign)}。{REBUILD}")
    if expected - present:
        lost = "、".join(sorted(expected - present))
        raise StoreError(f"世代 {folder.name} の {lost} がありません。{REBUILD}")
    if any(path.is_symlink() for path in folder.rglob("*")):
        raise StoreError(f"世代 {folder.name} にシンボリックリンクがあります。{REBUILD}")


def _open_files(folder: Path, manifest: dict[str, Any]) -> Generation:
    import faiss

    data = {name: _verified(folder, name, manifest["files"][name]) for name in FILES if name != _PIECES}
    index = faiss.deserialize_index(np.frombuffer(data["index.faiss"], dtype=np.uint8))
    passages = tuple(_passages(data["passages.jsonl"].decode()))
    starts = np.load(io.BytesIO(data["pieces/starts.npy"]), allow_pickle=False)
    pieces = PieceVectors(_mapped(folder, _PIECES, manifest["files"][_PIECES]), starts)
    words = LexicalIndex.load(folder / "lexical")
    counts = {manifest["passages"], len(passages), index.ntotal, len(words)}
    if len(counts) != 1 or len({passage.id for passage in passages}) != len(passages):
        raise StoreError(f"世代 {folder.name} のファイルのパッセージ数が合いません。{REBUILD}")
    if index.d != manifest["dimension"]:
        raise StoreError(f"世代 {folder.name} のベクトルの次元が manifest と違います。{REBUILD}")
    if not pieces.fits(len(passages), index.d):
        raise StoreError(f"世代 {folder.name} の断片のベクトルがパッセージと合いません。{REBUILD}")
    return Generation(manifest["id"], manifest, passages, index, pieces, words)


def _mapped(folder: Path, name: str, digest: str) -> np.ndarray:
    """The array of a large file, read as it is needed."""
    with (folder / name).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise _damaged(folder, name)
    array: np.ndarray = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    return array


def _verified(folder: Path, name: str, digest: str) -> bytes:
    data = (folder / name).read_bytes()
    if digest_of(data) != digest:
        raise _damaged(folder, name)
    return data


def _damaged(folder: Path, name: str) -> StoreError:
    return StoreError(f"世代 {folder.name} の {name} が壊れています。{REBUILD}")


def _passages(lines: str) -> Iterator[Passage]:
    names = {field.name for field in fields(Passage)}
    for line in lines.split("\n"):
        if not line:
            continue
        row = json.loads(line)
        if set(row) != names:
            raise ValueError("passages.jsonl の項目がこの版と違います")
        yield Passage(
            **{**row, "kind": PassageKind(row["kind"]), "status": Status(row["status"]), "header": tuple(row["header"])}
        )
