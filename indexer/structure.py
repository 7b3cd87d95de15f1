"""Clean lines → atoms: the smallest pieces that a passage is made of, each with the headings above it.

Headings come as Markdown (`#`), numbered (1 / 1) / ① / Ⅲ / 第1章), marked (◆ ■ ○ 【…】 ＜…＞) or as a short line that
stands alone above a paragraph. Their levels follow from the order in which the styles appear, because the number of
`#` in converted documents says little: a style seen before closes all that was opened after it, and a number goes on
where its predecessor stood.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from indexer.clean import Line
from indexer.joining import MARK
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


@dataclass(frozen=True, slots=True)
class _Heading:
    style: str
    number: int | None
    hashes: int
    text: str


_NUMBER = r"(?P<n>\d{1,2}|[一二三四五六七八九十]{1,2})"
_STYLES = (
    ("第{}", re.compile(rf"第\s*{_NUMBER}\s*(?P<unit>[章節条項編部])")),
    ("Ⅰ", re.compile(r"(?P<roman>[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ])[\s.．]")),
    ("1.1.1", re.compile(r"\d{1,2}[.-]\d{1,2}[.-](?P<n>\d{1,2})[.．]?\s")),
    ("1.1", re.compile(r"\d{1,2}[.-](?P<n>\d{1,2})[.．]?\s")),
    ("(1)", re.compile(rf"[(（]{_NUMBER}[)）]")),
    ("1)", re.compile(rf"{_NUMBER}[)）]")),
    ("1", re.compile(rf"{_NUMBER}(?:[.．、]\s*|\s+)(?=[^\d\s])")),
    ("①", re.compile(r"(?P<circled>[①-⑳])")),
    ("○", re.compile(r"[○〇◯]")),
    ("●", re.compile(r"[●◎]")),
    ("◆", re.compile(r"[◆◇]")),
    ("■", re.compile(r"[■□]")),
    ("▼", re.compile(r"[▼▽▲△]")),
    ("【", re.compile(r"【[^】]*】(?:[(（][^)）]*[)）])?$")),
    ("<", re.compile(r"[＜<《〈][^＞>》〉]*[＞>》〉]$")),
    ("{}1", re.compile(r"(?P<unit>ステップ|STEP|Step|プロジェクト|施策|事例|別紙|資料|Q)\s*(?P<n>\d{1,2})")),
)
_LABELS = {"【", "<", "▼", "●"}  # seldom hold headings of another style
_HASHES = re.compile(r"(#{1,6})\s*")
_ITEM = re.compile(r"(\s*)(?:[-*+•・●○◯〇◎◆◇■□▼▽▲△※★☆→⇒✓①-⑳]|\d{1,2}[.．)）]\s|[(（]\d{1,2}[)）])")
# 「○観光入込客数」 「2,260 万人(R1)」 「→ 2,504 万人(R7)」
_UNIT = r"[千万億]?(?:人|名|件|円|%|％|ha|t|トン|k[Ww]h?|kg|km|m|㎡|施設|か所|箇所|市町村|社|台|隻|戸|棟|回|校|本|団体)"
_TAIL = re.compile(rf"[→⇒]|[\d,.]+\s*(?:{_UNIT}\s*$|\S{{1,5}}\s*(?:[(（][RHS令平昭\d]|[→⇒]))")
_RULE = re.compile(r"[\s:|\t-]*-{3,}[\s:|\t-]*")
_SENTENCE = re.compile(r"[。!?！？]")
_FULL_STOP = re.compile(r"[。!?！？]\s*$")
_FIELD = re.compile(r"[【\[]?\S{1,10}[】\]]?[:：]|【[^】]+】.")
_PROSE = 30  # characters from which an unmarked line reads as a paragraph
_TITLE = 45  # characters up to which a line may be a heading without a `#`


def atoms(lines: Sequence[Line]) -> list[Atom]:
    """The atoms of a document in order. Nothing is lost but `#` marks, Markdown table rules and empty lines."""
    found: list[Atom] = []
    stack = _Stack()
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
        elif heading := _heading(lines, number):
            depth = stack.push(heading)
            found.append(Atom(heading.text, Kind.HEADING, stack.path, line.page, depth, gap))
            gap = False
        else:
            found.append(_body(lines, number, stack.path, gap))
            gap = False
    found.extend(_rows(table, stack.path, gap))
    return found


class _Stack:
    """The headings that are open, and where each numbered one stood, so that its successor stands there too."""

    def __init__(self) -> None:
        self._open: tuple[_Heading, ...] = ()
        self._stood: dict[tuple[str, int], tuple[_Heading, ...]] = {}

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(heading.text for heading in self._open if heading.text)

    def push(self, new: _Heading) -> int:
        """Open `new`; its depth from 0."""
        above = self._above(new)
        if new.number is not None:
            self._stood[new.style, new.number] = above
        self._open = (*above, new)
        return len(above)

    def _above(self, new: _Heading) -> tuple[_Heading, ...]:
        if new.number is not None and (new.style, new.number - 1) in self._stood:
            return self._stood[new.style, new.number - 1]
        if self._open and new.hashes > self._open[-1].hashes:
            return self._open
        for position, heading in enumerate(self._open):
            if _closes(new, heading):
                return self._open[:position]
        return self._open


def _closes(new: _Heading, old: _Heading) -> bool:
    """A heading ends its equals; one without a mark, and any that is no deeper than a label, ends by its hashes."""
    if new.style == old.style and new.style != "#":
        return True
    by_hashes = old.style in _LABELS or new.style == old.style
    return by_hashes and new.hashes <= old.hashes


def _heading(lines: Sequence[Line], number: int) -> _Heading | None:
    text = lines[number].text.strip()
    if match := _HASHES.match(text):
        title = re.sub(r"\s#+$", "", text[match.end() :]).strip()
        style, count = _style(title)
        return _Heading(style or "#", count, len(match[1]), title) if title else None
    if len(compact(text)) > _TITLE or _FULL_STOP.search(text) or text[-1] in "、,，:：":
        return None
    style, count = _style(text)
    if _TAIL.match(text):
        return None
    if _is_bare_heading(lines, number, style):
        return _Heading(style or "#", count, 6, text)
    return None


def _style(text: str) -> tuple[str | None, int | None]:
    """The style of a heading's mark and its number, None where it has none."""
    for name, pattern in _STYLES:
        if match := pattern.match(text):
            groups = match.groupdict()
            return name.format(groups.get("unit")), _count(groups)
    return None, None


def _count(groups: dict[str, str | None]) -> int | None:
    if roman := groups.get("roman"):
        return "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ".index(roman) + 1
    if circled := groups.get("circled"):
        return ord(circled) - ord("①") + 1
    digits = groups.get("n")
    return int(digits) if digits and digits.isdigit() else None


def _is_bare_heading(lines: Sequence[Line], number: int, style: str | None) -> bool:
    """Whether a short line without `#` is a heading: what follows decides."""
    text = lines[number].text.strip()
    block = _block_after(lines, number)
    if not block or block[0].startswith("#") or (style and _style(block[0])[0] == style):
        return False
    alone = (number == 0 or not lines[number - 1].text) and not lines[number + 1].text
    if style is None:
        plain = not MARK.match(text) and not _FIELD.match(text)
        return alone and plain and any(_is_long(line) for line in block)
    if style in "【<":
        return any(_SENTENCE.search(line) for line in block[:3])
    if style in "○●■▼":
        return not MARK.match(block[0]) and _is_long(block[0])
    return alone or sum(len(compact(line)) for line in block) >= _PROSE


def _block_after(lines: Sequence[Line], number: int) -> list[str]:
    """The lines after `number` up to the next empty one, a dozen at most."""
    block: list[str] = []
    for line in lines[number + 1 : number + 13]:
        if line.text:
            block.append(line.text.strip())
        elif block:
            break
    return block


def _is_long(text: str) -> bool:
    """A paragraph: a long line or a whole sentence."""
    return "\t" not in text and (len(compact(text)) >= _PROSE or bool(_SENTENCE.search(text)))


def _body(lines: Sequence[Line], number: int, path: tuple[str, ...], gap: bool) -> Atom:
    line = lines[number]
    text = line.text.strip()
    if not gap and _TAIL.match(text):
        return Atom(text, Kind.TAIL, path, line.page)
    if match := _ITEM.match(line.text):
        return Atom(text, Kind.ITEM, path, line.page, len(match[1].expandtabs(2)), gap)
    follows = number + 1 < len(lines) and bool(lines[number + 1].text)
    introduces = text[-1] in ":：、" or (follows and len(compact(text)) < _PROSE and not _SENTENCE.search(text))
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
