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


def japanese_pdf(pages: list[str]) -> bytes:
    """A PDF whose text is Japanese in a font that is not embedded, one line of `pages` a line of the page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /90ms-RKSJ-H /DescendantFonts [4 0 R] >>"
    )
    objects.append(
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /DW 1000 "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>"
    )
    kids = []
    for page in pages:
        lines = "".join(f"<{line.encode('cp932').hex()}> Tj 0 -16 Td\n" for line in page.split("\n"))
        content = f"BT /F1 11 Tf 60 780 Td\n{lines}ET".encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (len(objects))
        )
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % k for k in kids), len(kids))
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
        len(objects) + 1,
        start,
    )
    return out
