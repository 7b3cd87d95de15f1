"""The trained table as a standard sentence-transformers folder: StaticEmbedding and Normalize, no code of ours.

Rows are int8 with one float32 scale each (the form of model2vec's quantised models, which StaticEmbedding reads):
a quarter of the size, and no loss that the benchmark shows.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.training.vocabulary import Vocabulary
from knowledge.embedding import DIGESTS
from knowledge.features import UNKNOWN, VERSION

UNKNOWN_LENGTH = 1e-3  # the unknown feature alone gives a direction; beside known ones it counts for nothing
_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def export(folder: Path, vocabulary: Vocabulary, table: npt.NDArray[np.float32]) -> None:
    """Write the model of `table` (rows, dim) into `folder`; a README.md that stands there is left alone."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    table = table / np.mean(np.linalg.norm(table, axis=1))
    unknown = vocabulary.rows[UNKNOWN]
    table[unknown] *= UNKNOWN_LENGTH / np.linalg.norm(table[unknown])
    rows, scales = quantise(table)
    save_file({"embeddings": rows, "weights": scales}, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "modules.json").write_text(json.dumps(_MODULES, indent=1) + "\n")
    config: dict[str, object] = {"similarity_fn_name": "cosine", "prompts": {}, "default_prompt_name": None}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "1_Normalize").mkdir(exist_ok=True)
    (folder / "1_Normalize" / "config.json").write_text("{}\n")
    write_digests(folder)


def quantise(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """(rows int8, scales float32) with rows * scales ≈ table, at most half a step off."""
    scales = np.maximum(np.abs(table).max(axis=1), 1e-12).astype(np.float32) / np.float32(127)
    return np.rint(table / scales[:, None]).astype(np.int8), scales


def write_digests(folder: Path) -> None:
    """`digests.json`: the sha256 of every file that shapes a vector (not of the card), and the cut of the features."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in (DIGESTS, "README.md"))
    digests = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (folder / DIGESTS).write_text(json.dumps({"features": VERSION, "files": digests}, indent=1) + "\n")


def _tokenizer(vocabulary: Vocabulary):  # type: ignore[no-untyped-def]  # tokenizers' class, known only when loaded
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    tokenizer = Tokenizer(WordLevel(vocabulary.rows, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return tokenizer
