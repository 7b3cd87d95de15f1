"""A passage → the units an answer is made of: sentences, list items, labelled lines, table rows and cells."""

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.entities import Passage
from knowledge.text import compact, sentences

_MARK = re.compile(r"^\s*(?:[-*]\s*)?(?:[・●○◯〇◆◇■□▼▽▲△※•◎★☆>＞]|[①-⑳]|\(?\d{1,2}[).)]\s|[-*]\s|\(\d{1,2}\))")
_LABEL = re.compile(
    r"^\s*(?:[・●○■◆※-]\s*)?(?:【([^】]{1,20})】|<([^>]{1,20})>|＜([^＞]{1,20})＞|([^\s:：。、「]{2,16})[:：])\s*(.*)$"
)
_HEADING = re.compile(r"^\s*(?:#{1,6}\s+|[◆■]\s*\S|ステップ\s*\d|(?:\d{1,2}|[①-⑳])[.)．)]?\s+\S)")
_CONTINUES = re.compile(r"^\s*(?:→|⇒|->|[\d,.]+\s*(?:万|千)?\s*(?:人|名|kW|％|%|市町村|施設)\s*[((])")
_LONE_LABEL = re.compile(r"^\s*【[^】]{1,40}】\s*$")
_REMARK = re.compile(r"^[(（][^()（）]{1,20}[)）]$")  # (令和6年6月) below a heading: no heading of its own
_ROLE = re.compile(r"^\s*[<＜‹][^<>＜＞‹›]{1,20}[>＞›]\s*$")
_UNDER = " › "
_NAME = 16  # a line up to this long above 【…】 is the name of what follows
_ROW_WHOLE = 140  # a table row up to this many characters is one unit


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a passage that can be shown alone: `text`, its very words without line breaks.

    `labels`: what stands above or beside it (section path, heading, lead line, column, row), nearest last.
    `block`: list items, table rows and the sentences of a paragraph share a number; `item`: part of a list or table.
    `caption`: row and column of a table cell; `head`: the heading line above it inside the passage; `lead`: the
    sentence or item that introduces it ("" where there is none).
    """

    text: str
    labels: tuple[str, ...]
    passage: Passage
    order: int
    block: int
    item: bool = False
    heading: bool = False
    caption: str = ""
    head: str = ""
    lead: str = ""

    @property
    def shown(self) -> str:
        """As a person reads it: a table cell with its row and column before it."""
        return f"{self.caption}: {self.text}" if self.caption else self.text

    @property
    def label_text(self) -> str:
        return " ".join(self.labels)


@lru_cache(maxsize=4096)
def units(passage: Passage) -> tuple[Unit, ...]:
    """The units of `passage` in order."""
    return tuple(_Parser(passage).run())


class _Parser:
    """Reads the lines of one passage once, from top to bottom."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.headings = {passage.title, *_headings(passage.context)}
        self.found: list[Unit] = []
        self.block = 0
        self.lead = ""
        self.heading = ""
        self.item = ""
        self.in_list = False

    def run(self) -> list[Unit]:
        lines = _joined(self.passage.text)
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if not line.strip():
                self._gap()
            elif "\t" in line:
                self._row(line)
            elif _LONE_LABEL.match(line):
                self._record(line)
            elif _REMARK.match(line.lstrip("#- ").strip()):
                self._add(line.lstrip("# "))
            elif _ROLE.match(line):
                self._role(line)
            elif line.strip() in self.headings or _is_heading(line, following):
                self._head(line)
            elif _MARK.match(line):
                self._item(line)
            else:
                self._paragraph(line)
        return self.found

    def _add(self, text: str, *extra: str, item: bool = False, heading: bool = False, caption: str = "") -> None:
        text = text.replace("\v", " ").strip()
        if len(compact(text)) < 2:
            return
        labels = tuple(s for s in (self.passage.title, self.passage.section, self.heading, *extra) if s)
        lead = extra[0] if item and extra and not caption else ""
        self.found.append(
            Unit(text, labels, self.passage, len(self.found), self.block, item, heading, caption, self.heading, lead)
        )

    def _gap(self) -> None:
        """An empty line: what follows is another block."""
        self.block += 1
        self.in_list = False
        self.item = ""

    def _head(self, line: str) -> None:
        self._gap()
        name = line.lstrip("# ").strip()
        self.heading = self.lead = name if name != self.passage.title else ""
        self._add(name, heading=True)

    def _role(self, line: str) -> None:
        """<コメンテーター> alone on its line heads the names below it and stays under the heading above."""
        top = self.heading.split(_UNDER)[0]
        self._gap()
        self.heading = self.lead = f"{top}{_UNDER}{line.strip()}" if top and not _ROLE.match(top) else line.strip()
        self._add(line, heading=True)

    def _record(self, line: str) -> None:
        """【…】 alone on its line heads what follows, together with a short line directly above it (a name)."""
        above = self.found[-1] if self.found else None
        name = ""
        if above and len(above.text) <= _NAME and above.block == self.block and not _MARK.match(above.text):
            name = self.found.pop().text
        self._gap()
        self.heading = self.lead = f"{name} {line.strip()}".strip()
        self._add(line, heading=True)

    def _item(self, line: str) -> None:
        if not self.in_list:
            self.in_list = True
            if not self.found or self.found[-1].text != self.lead:
                self.block += 1
        for sentence in sentences(line):
            self._add(sentence, self.lead if self.lead != self.heading else "", item=True)
        self.item = line.strip()

    def _row(self, line: str) -> None:
        cells = [cell.strip() for cell in line.split("\t")]
        header = self.passage.header
        if header and tuple(cells) == header:
            return
        if not self.in_list:
            self.in_list = True
            self.block += 1
        if len(compact(line)) <= _ROW_WHOLE:
            self._add(_shown_row(cells, header), "", *header, item=True)
            return
        keys = [cell for cell in cells[:2] if cell and len(cell) <= 40]
        for i, cell in enumerate(cells):
            column = header[i] if i < len(header) else ""
            for piece in cell.split("\v"):
                if piece.strip():
                    row = [k for k in keys if k != piece]
                    caption = " › ".join(s for s in (*row[-1:], column) if s)
                    self._add(piece, *row, column, item=True, caption=caption)

    def _paragraph(self, line: str) -> None:
        """A line of prose, or one that goes on below a list item (a name under 「基調講演」) and stays with it."""
        match = _LABEL.match(line)
        if match and match.group(5):
            self._add(line, item=True)
            self.lead = line
            return
        for sentence in sentences(line):
            self._add(sentence, self.item, item=bool(self.item))
        if not self.item:
            self.lead = sentences(line)[-1]


def _joined(text: str) -> list[str]:
    """The lines of `text`; a line that only continues a value ("→ 19市町村(R7)") joins the one before."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and _CONTINUES.match(line) and lines[-1].strip() and "\t" not in line:
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line)
    return lines


def _headings(context: str) -> list[str]:
    """The headings inside a passage: the second line of its context, as the splitter writes it."""
    lines = context.split("\n")
    return [name.strip() for name in lines[1].split(" › ")] if len(lines) > 1 else []


def _is_heading(line: str, following: str) -> bool:
    """A Markdown heading, or a short numbered or marked line; ◆ and ■ head only what is prose, else they are items."""
    stripped = line.strip()
    if stripped.startswith("#"):
        return True
    if not _HEADING.match(line) or len(stripped) > 60 or stripped.endswith(("。", "ます", "です")):
        return False
    if stripped[0] in "◆■":
        if _MARK.match(following):
            return False
        return len(following) >= 40 or following.strip().endswith("。") or bool(_LONE_LABEL.match(following))
    return True


def _shown_row(cells: list[str], header: tuple[str, ...]) -> str:
    if header and len(header) == len(cells):
        return " / ".join(f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell)
    return " ".join(cell for cell in cells if cell)
