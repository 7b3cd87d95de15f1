"""A tiny deterministic embedding model and directory: the indexer's tests load no model."""

import zlib
from types import SimpleNamespace

import numpy as np

from knowledge.entities import Passage, PassageKind


class HashEmbedder:
    """Character pairs hashed into a small unit vector. Counts what it was asked to encode."""

    dimension = 32
    prefixes = ("", "")

    def __init__(self, name: str = "hash", digest: str = "0") -> None:
        self.name, self.digest = name, digest
        self.encoded: list[str] = []

    def encode_documents(self, texts: list[str]) -> np.ndarray:
        self.encoded.extend(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for pair in zip(text, text[1:] + " ", strict=True):
                vectors[row, zlib.crc32("".join(pair).encode()) % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class OneOffice:
    """A directory of one office without municipalities of note."""

    municipalities = (SimpleNamespace(name="倶知安町"), SimpleNamespace(name="旭川市"))

    def passages(self) -> list[Passage]:
        text = "小樽開発建設部 地域連携課"
        return [Passage("office-1", text, "連絡先", "連絡先", "", "directory", kind=PassageKind.DIRECTORY)]
