"""One Generation on disk: FAISS vectors, passages, lexical index and a manifest with the digest of each file.

    generations/<id>/{index.faiss, passages.jsonl, lexical/…, manifest.json}      CURRENT (the id in use)

FAISS and numpy notice truncation but not flipped bits, so every file is checked against its digest before it is
parsed. Nothing here reads or writes a pickle.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from knowledge import lexical
from knowledge.entities import Passage, PassageKind, Status
from knowledge.errors import StoreError
from knowledge.lexical import LexicalIndex

if TYPE_CHECKING:
    from knowledge.vectorstore import FaissStore

FORMAT = 1
FILES = ("index.faiss", "passages.jsonl", *(f"lexical/{name}" for name in lexical.FILES))
MANIFEST_KEYS = frozenset(
    "format id created_at created_by model model_digest dimension prefixes splitter_version lexical_version "
    "passages sources files digest".split()
)
CHOOSE_FOLDER = "STORE_DIR または --store に、書き込めるフォルダーを指定してください。"
_REBUILD = "`renkei index` で作り直すか、`renkei rollback` で前の世代に戻してください。"


class Model(Protocol):
    """What the store must know of an embedding model to tell whether an index is its own."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def dimension(self) -> int: ...


@dataclass(frozen=True)
class Generation:
    """One finished, immutable index. `index`: FAISS inner product over unit rows, row i belongs to `passages[i]`."""

    id: str
    manifest: dict[str, Any]
    passages: tuple[Passage, ...]
    index: Any
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
    folder: Path, passages: Sequence[Passage], vectors: np.ndarray, manifest: dict[str, Any]
) -> None:
    """Write all files of a generation into the empty or absent `folder`; `manifest.json` comes last.

    `vectors`: (n, dim) float32 unit rows. `manifest` holds id, created_at, created_by, model, model_digest,
    dimension, prefixes, splitter_version, passages, sources; the rest is filled in here, in place.
    Raises StoreError where the parts do not fit together. Publishing (fsync, rename, CURRENT) is the indexer's.
    """
    _check_parts(passages, vectors, manifest)
    folder.mkdir(parents=True, exist_ok=True)
    _write_index(folder / "index.faiss", vectors)
    with (folder / "passages.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(asdict(passage), ensure_ascii=False) + "\n" for passage in passages)
    LexicalIndex.build([lexical.passage_terms(passage) for passage in passages]).save(folder / "lexical")
    manifest["format"] = FORMAT
    manifest["lexical_version"] = lexical.VERSION
    manifest["files"] = {name: _digest((folder / name).read_bytes()) for name in FILES}
    manifest["digest"] = _manifest_digest(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _check_parts(passages: Sequence[Passage], vectors: np.ndarray, manifest: dict[str, Any]) -> None:
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
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):
        raise StoreError("埋め込みモデルが長さ 1 でないベクトルを返しました。EMBEDDING_MODEL を確かめてください。")


def _write_index(path: Path, vectors: np.ndarray) -> None:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    path.write_bytes(faiss.serialize_index(index).tobytes())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _manifest_digest(manifest: dict[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    return _digest(json.dumps(rest, ensure_ascii=False, sort_keys=True).encode())


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
        raise StoreError(f"{store_dir / 'CURRENT'} を読み取れません({error})。{_REBUILD}") from error
    if not name or Path(name).name != name or name.startswith("."):
        raise StoreError(f"{store_dir / 'CURRENT'} が世代を指していません。{_REBUILD}")
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
            raise StoreError(f"世代 {name} の中身は {generation.id} です。{_REBUILD}")
        return generation


def open_generation(folder: Path, *, embedder: Model | None = None) -> Generation:
    """Open and verify one generation; with `embedder`, also that its vectors are that model's.

    Raises StoreError, with the command that mends it, where a file is missing, damaged or not ours.
    """
    manifest = _read_manifest(folder)
    if embedder is not None:
        _check_model(manifest, embedder)
    try:
        _check_listing(folder, manifest)
        return _open_files(folder, manifest)
    except StoreError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise StoreError(f"世代 {folder.name} を開けません({error})。{_REBUILD}") from error


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{folder} に manifest.json がなく、世代として開けません。{_REBUILD}") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"世代 {folder.name} の manifest が壊れています({error})。{_REBUILD}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StoreError(f"世代 {folder.name} は別の形式です。{_REBUILD}")
    missing = MANIFEST_KEYS - manifest.keys()
    if missing:
        raise StoreError(f"世代 {folder.name} の manifest に {'、'.join(sorted(missing))} がありません。{_REBUILD}")
    if manifest["digest"] != _manifest_digest(manifest):
        raise StoreError(f"世代 {folder.name} の manifest が後から書き換えられています。{_REBUILD}")
    if manifest["lexical_version"] != lexical.VERSION:
        raise StoreError(f"世代 {folder.name} は別の版の renkei が作ったものです。{_REBUILD}")
    return manifest


def _check_model(manifest: dict[str, Any], embedder: Model) -> None:
    made, asked = manifest["model"], embedder.name
    if (made, manifest["model_digest"], manifest["dimension"]) == (asked, embedder.digest, embedder.dimension):
        return
    what = f"別のモデル {made} で" if made != asked else f"モデル {made} の別の重みで"
    raise StoreError(f"索引は{what}作られています。`renkei index` で {asked} の索引を作り直してください。")


def _check_listing(folder: Path, manifest: dict[str, Any]) -> None:
    """Exactly the files of the format, regular ones: a file that was added, such as a pickle, is refused."""
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    expected = {"manifest.json", *FILES}
    if set(manifest["files"]) != set(FILES) or present - expected:
        foreign = sorted((present | set(manifest["files"])) - expected)
        raise StoreError(f"世代 {folder.name} に知らないファイルがあります: {'、'.join(foreign)}。{_REBUILD}")
    if expected - present:
        lost = "、".join(sorted(expected - present))
        raise StoreError(f"世代 {folder.name} の {lost} がありません。{_REBUILD}")
    if any(path.is_symlink() for path in folder.rglob("*")):
        raise StoreError(f"世代 {folder.name} にシンボリックリンクがあります。{_REBUILD}")


def _open_files(folder: Path, manifest: dict[str, Any]) -> Generation:
    import faiss

    data = {name: _verified(folder, name, manifest["files"][name]) for name in FILES}
    index = faiss.deserialize_index(np.frombuffer(data["index.faiss"], dtype=np.uint8))
    passages = tuple(_passages(data["passages.jsonl"].decode()))
    words = LexicalIndex.load(folder / "lexical")
    counts = {manifest["passages"], len(passages), index.ntotal, len(words)}
    if len(counts) != 1 or len({passage.id for passage in passages}) != len(passages):
        raise StoreError(f"世代 {folder.name} のファイルのパッセージ数が合いません。{_REBUILD}")
    if index.d != manifest["dimension"]:
        raise StoreError(f"世代 {folder.name} のベクトルの次元が manifest と違います。{_REBUILD}")
    return Generation(manifest["id"], manifest, passages, index, words)


def _verified(folder: Path, name: str, digest: str) -> bytes:
    data = (folder / name).read_bytes()
    if _digest(data) != digest:
        raise StoreError(f"世代 {folder.name} の {name} が壊れています。{_REBUILD}")
    return data


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
