"""CSV and TSV: one table, its first row the column names."""

import csv
import io

from indexer.loaders.base import Loaded
from indexer.loaders.encoding import decode
from knowledge.errors import DocumentError


def load(data: bytes) -> Loaded:
    """Every row becomes one line of tab-separated cells; the header is marked by a Markdown rule below it."""
    text = decode(data)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), _dialect(text), strict=True) if any(map(str.strip, row))]
    except csv.Error as error:
        raise DocumentError(f"表の形式が壊れています({error})。UTF-8 の CSV で保存し直してください。") from error
    lines = ["\t".join(_cell(cell) for cell in row) for row in rows]
    if len(lines) > 1:
        lines.insert(1, "\t".join("---" for _ in rows[0]))
    return Loaded(pages=("\n".join(lines),))


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.split("\n", 1)[0]
    return csv.excel_tab if first.count("\t") > first.count(",") else csv.excel


def _cell(text: str) -> str:
    """Line breaks inside a cell separate its items."""
    return "\v".join(line.strip().replace("\t", " ") for line in text.splitlines() if line.strip())
