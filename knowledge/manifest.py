"""The manifest of a generation: what it was made of and by what, and whether this version and model can read it."""

import hashlib
import json
from pathlib import Path
from typing import Any, Protocol

from knowledge import lexical
from knowledge.errors import StoreError

FORMAT = 2
MANIFEST_KEYS = frozenset(
    "format id created_at created_by model model_digest dimension prefixes splitter_version lexical_version "
    "passages sources files digest".split()
)
REBUILD = "`renkei index` で作り直すか、`renkei rollback` で前の世代に戻してください。"


class Model(Protocol):
    """What the store must know of an embedding model to tell whether an index is its own."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def dimension(self) -> int: ...


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def manifest_digest(manifest: dict[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    return digest_of(json.dumps(rest, ensure_ascii=False, sort_keys=True).encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the generation in `folder`; StoreError with the remedy where this version cannot read it."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{folder} に manifest.json がなく、世代として開けません。{REBUILD}") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"世代 {folder.name} の manifest が壊れています({error})。{REBUILD}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StoreError(_of_another_version(folder, manifest))
    missing = MANIFEST_KEYS - manifest.keys()
    if missing:
        raise StoreError(f"世代 {folder.name} の manifest に {'、'.join(sorted(missing))} がありません。{REBUILD}")
    if manifest["digest"] != manifest_digest(manifest):
        raise StoreError(f"世代 {folder.name} の manifest が後から書き換えられています。{REBUILD}")
    if manifest["lexical_version"] != lexical.VERSION:
        raise StoreError(_of_another_version(folder, manifest))
    return manifest


def sources_of_old(folder: Path) -> frozenset[str] | None:
    """The files in a generation that another version made; None where it is of this version, or does not say."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        old = (manifest["format"], manifest["lexical_version"]) != (FORMAT, lexical.VERSION)
        return frozenset(str(row["path"]) for row in manifest["sources"]) if old else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _of_another_version(folder: Path, manifest: Any) -> str:
    """What to do about an index that another version made: an office must not lose its own documents from it."""
    rows = manifest.get("sources") if isinstance(manifest, dict) else None
    named = (
        [str(row["path"]) for row in rows if isinstance(row, dict) and "path" in row] if isinstance(rows, list) else []
    )
    files = (
        f"入っていた資料: {'、'.join(named[:5])}{'など' if len(named) > 5 else ''}"
        if named
        else "資料の名は分かりません"
    )
    return (
        f"世代 {folder.name} は別の版の renkei が作ったもので、この版では開けません。"
        f"前と同じ資料を渡して `renkei index 資料…` で作り直してください({files})。"
    )


def check_model(manifest: dict[str, Any], embedder: Model) -> None:
    made, asked = manifest["model"], embedder.name
    if (manifest["model_digest"], manifest["dimension"]) == (embedder.digest, embedder.dimension):
        return
    what = f"別のモデル {made} で" if made != asked else f"モデル {made} の別の重みで"
    raise StoreError(f"索引は{what}作られています。`renkei index` で {asked} の索引を作り直してください。")
