"""Atoms → passages: the cheapest way to cut a document into pieces of at most 900 characters that follow its structure.

Every border between two atoms has a price for cutting there and one for not cutting; every passage has a price of its
own. Dynamic programming finds the cut with the lowest sum, so small neighbouring sections of one parent are packed
together, and lists and tables are only torn where they must be. Passages never overlap.
"""

import hashlib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.clean import Line
from indexer.structure import Atom, Kind, atoms
from knowledge import wareki
from knowledge.entities import Document, Passage
from knowledge.text import compact, sentences

# Rises with every change that makes other passages of the same document.
SPLITTER_VERSION = 3
MAX_CHARS = 900

_MAX_ATOMS = 200  # lines of a few characters each make no passage
_PASSAGE = 10.0  # price of one more passage
_SHORT = 400  # characters below which a passage costs extra
_CUT_AFTER = {Kind.HEADING: 40.0, Kind.HEADER: 20.0, Kind.LABEL: 9.0}
_CUT_INSIDE_TABLE = 5.0
_CUT_INSIDE_LIST = 5.0
_CUT_FROM_PARENT = 9.0
_CUT_PARAGRAPH = 3.0
_CUT_LINE = 4.0
_KEEP_HEADING = (8.0, 5.0, 3.0, 1.0)  # price of a heading of this depth inside a passage


def split(document: Document, lines: Sequence[Line]) -> list[Passage]:
    """The passages of a document in order; together they hold every atom once.

    Each has at most 900 characters without white space, in its original characters and after NFKC.
    """
    pieces = [piece for atom in atoms(lines) for piece in _fitting(atom)]
    cuts = _cheapest_cuts(pieces)
    groups = [pieces[start:end] for start, end in itertools.pairwise(cuts)]
    seen: dict[str, int] = {}
    return [_passage(document, group, seen) for group in groups]


def size(text: str) -> int:
    """Characters without white space, as they are or after NFKC, whichever is more."""
    return max(len("".join(text.split())), len(compact(text)))


# ── atoms that are too long ──────────────────────────────────────────────────────────────────────────────────────────


def _fitting(atom: Atom) -> Iterator[Atom]:
    """`atom` itself, or its parts where it is over the limit: a row by cells, then items, anything by sentences."""
    if size(atom.text) <= MAX_CHARS:
        yield atom
    elif atom.kind in {Kind.ROW, Kind.HEADER}:
        yield from _row_parts(atom)
    else:
        for part in _packed(_shredded(atom.text)):
            yield replace(atom, text=part)


def _row_parts(atom: Atom) -> Iterator[Atom]:
    cells = atom.text.split("\t")
    start = 0
    while start < len(cells):
        end = start + 1
        while end < len(cells) and size("\t".join(cells[start : end + 1])) <= MAX_CHARS:
            end += 1
        columns = atom.columns[start:end]
        for part in _packed(_shredded("\t".join(cells[start:end]))):
            yield replace(atom, text=part, columns=columns)
        start = end


def _shredded(text: str) -> list[str]:
    """Pieces of at most the limit: items, else sentences, else at commas, else anywhere."""
    if size(text) <= MAX_CHARS:
        return [text]
    for pieces in (text.split("\v"), sentences(text), re.findall(r"[^、,，;；]*[、,，;；]?", text)):
        pieces = [piece for piece in pieces if piece.strip()]
        if len(pieces) > 1:
            return [small for piece in pieces for small in _shredded(piece)]
    half = len(text) // 2
    return [*_shredded(text[:half]), *_shredded(text[half:])]


def _packed(pieces: list[str]) -> list[str]:
    """Neighbouring pieces together, of even size, none over the limit."""
    parts = -(-sum(map(size, pieces)) // MAX_CHARS)
    aim = sum(map(size, pieces)) / parts
    packed = [""]
    for piece in pieces:
        if packed[-1] and (size(packed[-1]) >= aim or size(packed[-1] + piece) > MAX_CHARS):
            packed.append("")
        packed[-1] += piece
    return packed


# ── where to cut ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _cheapest_cuts(pieces: Sequence[Atom]) -> list[int]:
    """Positions 0 … len(pieces) at which passages begin and end, of the lowest total price."""
    sizes = [size(piece.text) for piece in pieces]
    borders = list(itertools.pairwise(pieces))
    keep = [0.0, *(_price_to_keep(before, after) for before, after in borders)]
    cut = [0.0, *(_price_to_cut(before, after) for before, after in borders)]
    best = [0.0] + [float("inf")] * len(pieces)
    origin = [0] * (len(pieces) + 1)
    for end in range(1, len(pieces) + 1):
        total, kept = 0, 0.0
        for start in range(end - 1, max(-1, end - 1 - _MAX_ATOMS), -1):
            total += sizes[start]
            if start < end - 1:
                kept += keep[start + 1]
                if total > MAX_CHARS or kept == float("inf"):
                    break
            price = best[start] + cut[start] + kept + _price_of_passage(total)
            if price < best[end]:
                best[end], origin[end] = price, start
    cuts = [len(pieces)]
    while cuts[-1] > 0:
        cuts.append(origin[cuts[-1]])
    return cuts[::-1]


def _price_of_passage(total: int) -> float:
    return _PASSAGE + max(0, _SHORT - total) / 100


def _price_to_keep(before: Atom, after: Atom) -> float:
    """What it costs to have both in one passage."""
    if before.columns and after.columns and before.columns != after.columns:
        return float("inf")
    if after.kind is Kind.HEADING and before.kind is not Kind.HEADING:
        return _KEEP_HEADING[min(after.depth, len(_KEEP_HEADING) - 1)]
    return 0.0


def _price_to_cut(before: Atom, after: Atom) -> float:
    """What it costs to begin a new passage with `after`."""
    if before.kind in _CUT_AFTER:
        return _CUT_AFTER[before.kind]
    if after.kind is Kind.HEADING:
        return float(min(after.depth, 3)) * 0.5
    if before.kind is after.kind is Kind.ROW:
        return _CUT_INSIDE_TABLE
    if after.kind is Kind.TAIL:
        return _CUT_FROM_PARENT
    if after.kind is Kind.ITEM:
        if before.kind is Kind.ITEM and after.depth <= before.depth:
            return _CUT_INSIDE_LIST + after.depth
        return _CUT_FROM_PARENT
    if not after.gap and before.kind is after.kind is Kind.PARAGRAPH and before.path == after.path:
        return _CUT_LINE
    return _CUT_PARAGRAPH


# ── passages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _passage(document: Document, group: Sequence[Atom], seen: dict[str, int]) -> Passage:
    """One passage; an empty line stays where one stood. `seen` counts equal texts of a document: ids stay apart."""
    text = group[0].text + "".join(("\n\n" if atom.gap else "\n") + atom.text for atom in group[1:])
    context = _context(document, group)
    key = f"{document.source}\0{context}\0{text}"
    seen[key] = seen.get(key, 0) + 1
    return Passage(
        id=hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest()[:16],
        text=text,
        context=context,
        title=document.title,
        section=" › ".join(_section(document, group)),
        source=document.source,
        header=next((atom.columns for atom in group if atom.columns), ()),
        page=group[0].page if document.numbered else None,
        date=document.date,
        publisher=document.publisher,
        region=document.region,
        status=document.status,
        successor=document.successor,
        url=document.url,
    )


def _section(document: Document, group: Sequence[Atom]) -> tuple[str, ...]:
    """The headings above all atoms of the passage; those of only some of them stand in its text."""
    paths = [atom.path for atom in group]
    shared = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return tuple(names[0] for names in shared if compact(names[0]) != compact(document.title))


def _context(document: Document, group: Sequence[Atom]) -> str:
    """What a reader of the passage alone would have to be told: title, headings, region, year and publisher.

    All headings of the passage are named, not only those above it: what a text is about counts more than its words.
    """
    headings = dict.fromkeys(name for atom in group for name in atom.path if compact(name) != compact(document.title))
    rest = (document.region, _year(document.date), document.publisher)
    lines = (document.title, " › ".join(headings), " / ".join(part for part in rest if part))
    return "\n".join(line for line in lines if line)


def _year(date: str | None) -> str | None:
    """ "2025-03-31" → "2025年 令和7年 令和6年度": as questions name it."""
    if not date:
        return None
    year = int(date[:4])
    names = [f"{year}年", wareki.wareki(year)]
    if len(date) >= 7:
        fiscal = year if int(date[5:7]) >= 4 else year - 1
        names.append(wareki.wareki(fiscal, fiscal=True))
    return " ".join(names)
