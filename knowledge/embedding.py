"""The embedding models, all behind LangChain's `Embeddings`.

`embedded` is the small static model in `knowledge/models/`: a table of feature vectors that needs neither torch
nor a download. Any other name or folder is loaded by sentence-transformers, with the prefixes it was trained with.
"""

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from knowledge import features
from knowledge.errors import ModelError

Matrix = npt.NDArray[np.float32]

EMBEDDED = "embedded"
BUNDLED = Path(__file__).parent / "models" / "static-ja-en"
DIGESTS = "digests.json"

# (part of the model's name, prefix of a question, prefix of a passage); the first that fits. A wrong row silently
# costs quality, so the names are those of the models' own cards.
_PREFIXES = (
    ("ruri-v3", "検索クエリ: ", "検索文書: "),
    ("multilingual-e5", "query: ", "passage: "),
    ("static-embedding-japanese", "", ""),
    ("minilm", "", ""),
)


class Encoder(Protocol):
    """What turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """(n, dim) float32, any length of row."""


class Embedder(Embeddings):
    """An embedding model with its prefixes. `digest` identifies the weights and all else that shapes a vector."""

    def __init__(self, name: str, encoder: Encoder, digest: str, prefixes: tuple[str, str] = ("", "")) -> None:
        self.name = name
        self.digest = digest
        self.prefixes = prefixes
        self._encoder = encoder
        self._depth: int | None = None
        self.dimension = int(self.encode_queries(["北海道"]).shape[1])

    def shortened(self, dimension: int) -> "Embedder":
        """The same model, of each vector only the first `dimension` numbers (for a Matryoshka model)."""
        if not 0 < dimension <= self.dimension:
            raise ModelError(f"{self.name} は {self.dimension} 次元です。{dimension} 次元にはできません。")
        short = copy(self)
        short.dimension = short._depth = dimension
        short.digest = f"{self.digest}:{dimension}"
        return short

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """(n, dim) float32 unit rows of questions, in order."""
        return self._encode(self.prefixes[0], texts)

    def encode_documents(self, texts: Sequence[str]) -> Matrix:
        """(n, dim) float32 unit rows of passages, in order."""
        return self._encode(self.prefixes[1], texts)

    def embed_query(self, text: str) -> list[float]:
        row: list[float] = self.encode_queries([text])[0].tolist()
        return row

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self.encode_documents(texts).tolist()
        return rows

    def _encode(self, prefix: str, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, getattr(self, "dimension", 0)), np.float32)
        rows = self._encoder.encode([prefix + text for text in texts])[:, : self._depth]
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))


def load_embedder(name: str = EMBEDDED) -> Embedder:
    """The model of that name: `embedded`, a folder, or a name on the model hub. Raises ModelError with the remedy."""
    folder = BUNDLED if name == EMBEDDED else Path(name)
    if name == EMBEDDED or (folder / DIGESTS).is_file():
        digest = _verify(folder)
        return Embedder(name, load_encoder(folder), digest)
    return _load_sentence_transformer(name)


# -- the static model ------------------------------------------------------------------------------------------------


class StaticEncoder:
    """The mean of the vectors of a text's features: what sentence-transformers' StaticEmbedding computes, in numpy.

    `table` (rows, dim) int8, `scales` (rows,) float32: a feature's vector is its row times its scale.
    """

    def __init__(self, vocabulary: dict[str, int], table: npt.NDArray[np.int8], scales: npt.NDArray[np.float32]):
        self._vocabulary = vocabulary
        self._table = table
        self._scales = scales
        self._unknown = vocabulary[features.UNKNOWN]

    def encode(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self.vector(features.features(text)) for text in texts])

    def vector(self, names: Sequence[str]) -> npt.NDArray[np.float32]:
        """(dim,) float32, the mean of the vectors of the features `names`, of which there is at least one."""
        rows = [self._vocabulary.get(name, self._unknown) for name in names]
        return (self._scales[rows] @ self._table[rows].astype(np.float32)) / np.float32(len(rows))


def load_encoder(folder: Path = BUNDLED) -> StaticEncoder:
    """The static model in `folder`, without a look at its digests."""
    from safetensors.numpy import load_file

    tensors = load_file(folder / "model.safetensors")
    vocabulary = json.loads((folder / "tokenizer.json").read_bytes())["model"]["vocab"]
    return StaticEncoder(vocabulary, tensors["embeddings"], tensors["weights"])


def _verify(folder: Path) -> str:
    """The digest of the model in `folder`, once every file in it has the digest that `digests.json` names."""
    remedy = (
        "入れ直す(pip install --force-reinstall、git checkout)か、python -m indexer.training で作り直してください。"
    )
    try:
        manifest = json.loads((folder / DIGESTS).read_bytes())
        files: dict[str, str] = manifest["files"]
        damaged = [file for file, known in files.items() if _sha256(folder / file) != known]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder} の同梱モデルを読み込めません({error})。{remedy}") from error
    if damaged:
        raise ModelError(f"{folder} の {'、'.join(damaged)} が {DIGESTS} の値と合いません。{remedy}")
    if manifest.get("features") != features.VERSION:
        raise ModelError(f"{folder} は別の版(features {manifest.get('features')})のモデルです。{remedy}")
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- models of sentence-transformers ---------------------------------------------------------------------------------


class SentenceTransformerEncoder:
    """A sentence-transformers model."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def encode(self, texts: Sequence[str]) -> Matrix:
        rows = self._model.encode(list(texts), show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(rows, np.float32)

    def digest(self) -> str:
        """sha256 of all weights, whatever folder or hub they came from."""
        import torch

        total = hashlib.sha256()
        for key, tensor in sorted(self._model.state_dict().items()):
            total.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
            total.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
        return total.hexdigest()


def prefixes_of(name: str) -> tuple[str, str]:
    """The prefixes (question, passage) that the model of that name was trained with; none for an unknown name."""
    for part, question, passage in _PREFIXES:
        if part in name.lower():
            return question, passage
    return "", ""


def _load_sentence_transformer(name: str) -> Embedder:
    _silence()
    try:
        encoder = SentenceTransformerEncoder(_open(name))
        return Embedder(name, encoder, encoder.digest(), prefixes_of(name))
    except Exception as error:  # the library raises a dozen kinds: network, missing file, bad weights, custom code
        raise ModelError(
            f"EMBEDDING_MODEL={name} を読み込めません({_first_line(error)})。EMBEDDING_MODEL={EMBEDDED} にするか、"
            "sentence-transformers のモデルがある手元のフォルダーを指定してください。"
        ) from error


def _open(name: str) -> Any:
    """The model of a folder or of the hub's cache as it is; else from the hub, which is asked once whether it is there.

    Without that question the library tries an absent hub again and again, for over a minute.
    """
    from huggingface_hub import HfApi
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, trust_remote_code=False, local_files_only=True)
    except Exception:
        if Path(name).exists() or Path(name).is_absolute():
            raise
    HfApi().model_info(name if "/" in name else f"sentence-transformers/{name}", timeout=10)
    return SentenceTransformer(name, trust_remote_code=False)


def _silence() -> None:
    """No progress bars and no warnings of the libraries on the terminal; what matters becomes a ModelError."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    for noisy in ("sentence_transformers", "transformers", "huggingface_hub"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
