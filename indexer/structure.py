"""Clean lines → atoms: the smallest pieces that a passage is made of, each with the headings above it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from indexer.clean import Line
from indexer.headings import PROSE, SENTENCE, VALUE, Headings, heading_at
from knowledge.text import compact


class Kind(Enum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LABEL = "label"  # a short line that belongs to what follows it
    ITEM = "item"
    TAIL = "tail"  # a value or arrow that goes on with the line before it
    HEADER = "header"  # the row of column names
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Atom:
    """`path`: headings above, outermost first, its own included. `depth`: of a heading its level from 0, of a list
    item its indent. `gap`: an empty line stands before it. `columns`: the column names of a row."""

    text: str
    kind: Kind
    path: tuple[str, ...]
    page: int
    depth: int = 0
    gap: bool = False
    columns: tuple[str, ...] = ()


_ITEM = re.compile(r"(\s*)(?:[-*+•・●○◯〇◎◆◇■□▼▽▲△※★☆→⇒✓①-⑳]|\d{1,2}[.．)）]\s|[(（]\d{1,2}[)）])")
_RULE = re.compile(r"[\s:|\t-]*-{3,}[\s:|\t-]*")


def atoms(lines: Sequence[Line]) -> list[Atom]:
    """The atoms of a document in order. Nothing is lost but `#` marks, Markdown table rules and empty lines."""
    found: list[Atom] = []
    stack = Headings()
    table: list[Line] = []
    gap = False
    for number, line in enumerate(lines):
        if "\t" in line.text:
            table.append(line)
            continue
        found.extend(_rows(table, stack.path, gap))
        gap = gap and not table
        table = []
        if not line.text:
            gap = True
        elif heading := heading_at(lines, number):
            depth = stack.push(heading)
            found.append(Atom(heading.text, Kind.HEADING, stack.path, line.page, depth, gap))
            gap = False
        else:
            found.append(_body(lines, number, stack.path, gap))
            gap = False
    found.extend(_rows(table, stack.path, gap))
    return found


def _body(lines: Sequence[Line], number: int, path: tuple[str, ...], gap: bool) -> Atom:
    line = lines[number]
    text = line.text.strip()
    if not gap and VALUE.match(text):
        return Atom(text, Kind.TAIL, path, line.page)
    if match := _ITEM.match(line.text):
        return Atom(text, Kind.ITEM, path, line.page, len(match[1].expandtabs(2)), gap)
    follows = number + 1 < len(lines) and bool(lines[number + 1].text)
    introduces = text[-1] in ":：、" or (follows and len(compact(text)) < PROSE and not SENTENCE.search(text))
    return Atom(text, Kind.LABEL if introduces else Kind.PARAGRAPH, path, line.page, 0, gap)


def _rows(table: Sequence[Line], path: tuple[str, ...], gap: bool) -> list[Atom]:
    """The rows of one table. The first is the header where a rule follows it or it reads like column names."""
    rows = [line for line in table if not _RULE.fullmatch(line.text)]
    if not rows:
        return []
    ruled = len(table) > 1 and bool(_RULE.fullmatch(table[1].text))
    names = [cell.strip() for cell in rows[0].text.split("\t")]
    columns = tuple(names) if len(rows) > 1 and (ruled or _are_names(names, rows[1:])) else ()
    return [
        Atom(
            row.text.rstrip(),
            Kind.HEADER if columns and number == 0 else Kind.ROW,
            path,
            row.page,
            gap=gap and number == 0,
            columns=columns,
        )
        for number, row in enumerate(rows)
    ]


def _are_names(names: list[str], rest: Sequence[Line]) -> bool:
    """Column names are short, carry no values, and differ from what stands below them."""
    filled = [name for name in names if name]
    if not filled or len(set(filled)) < len(filled) or any(len(name) > 25 or "、" in name for name in filled):
        return False
    if any(re.search(r"\d{2,}-\d{2,}|https?:|@|^[\d,.%]+$", name) for name in filled):
        return False
    below = [cell for row in rest for cell in row.text.split("\t") if cell.strip()]
    longer = sum(len(cell) for cell in below) / len(below) > 1.8 * sum(map(len, filled)) / len(filled)
    numbers = all(re.match(r"\s*[\d,.]+", row.text.split("\t")[0]) for row in rest)
    return longer or numbers or not names[0]
