"""Which lines are headings, and which of them stand above which.

Headings come as Markdown (`#`), numbered (1 / 1) / ① / Ⅲ / 第1章), marked (◆ ■ ○ 【…】 ＜…＞) or as a short line that
stands alone above a paragraph. Their levels follow from the order in which the styles appear, because the number of
`#` in converted documents says little: a style seen before closes all that was opened after it, and a number goes on
where its predecessor stood.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.clean import Line
from indexer.joining import MARK
from knowledge.text import compact


@dataclass(frozen=True, slots=True)
class Heading:
    """`style`: the kind of its mark, "#" without one. `hashes`: of its Markdown level, 6 for a heading without `#`."""

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
# 「○観光入込客数」 「2,260 万人(R1)」 「→ 2,504 万人(R7)」
_UNIT = r"[千万億]?(?:人|名|件|円|%|％|ha|t|トン|k[Ww]h?|kg|km|m|㎡|施設|か所|箇所|市町村|社|台|隻|戸|棟|回|校|本|団体)"
VALUE = re.compile(rf"[→⇒]|[\d,.]+\s*(?:{_UNIT}\s*$|\S{{1,5}}\s*(?:[(（][RHS令平昭\d]|[→⇒]))")
SENTENCE = re.compile(r"[。!?！？]")
_FULL_STOP = re.compile(r"[。!?！？]\s*$")
_FIELD = re.compile(r"[【\[]?\S{1,10}[】\]]?[:：]|【[^】]+】.")
PROSE = 30  # characters from which an unmarked line reads as a paragraph
_TITLE = 45  # characters up to which a line may be a heading without a `#`


class Headings:
    """The headings that are open, and where each numbered one stood, so that its successor stands there too."""

    def __init__(self) -> None:
        self._open: tuple[Heading, ...] = ()
        self._stood: dict[tuple[str, int], tuple[Heading, ...]] = {}

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(heading.text for heading in self._open if heading.text)

    def push(self, new: Heading) -> int:
        """Open `new`; its depth from 0."""
        above = self._above(new)
        if new.number is not None:
            self._stood[new.style, new.number] = above
        self._open = (*above, new)
        return len(above)

    def _above(self, new: Heading) -> tuple[Heading, ...]:
        if new.number is not None and (new.style, new.number - 1) in self._stood:
            return self._stood[new.style, new.number - 1]
        if self._open and new.hashes > self._open[-1].hashes:
            return self._open
        for position, heading in enumerate(self._open):
            if _closes(new, heading):
                return self._open[:position]
        return self._open


def _closes(new: Heading, old: Heading) -> bool:
    """A heading ends its equals; one without a mark, and any that is no deeper than a label, ends by its hashes."""
    if new.style == old.style and new.style != "#":
        return True
    by_hashes = old.style in _LABELS or new.style == old.style
    return by_hashes and new.hashes <= old.hashes


def heading_at(lines: Sequence[Line], number: int) -> Heading | None:
    text = lines[number].text.strip()
    if match := _HASHES.match(text):
        title = re.sub(r"\s#+$", "", text[match.end() :]).strip()
        style, count = _style(title)
        return Heading(style or "#", count, len(match[1]), title) if title else None
    if len(compact(text)) > _TITLE or _FULL_STOP.search(text) or text[-1] in "、,，:：":
        return None
    style, count = _style(text)
    if VALUE.match(text):
        return None
    if _is_bare_heading(lines, number, style):
        return Heading(style or "#", count, 6, text)
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
        return any(SENTENCE.search(line) for line in block[:3])
    if style in "○●■▼":
        return not MARK.match(block[0]) and _is_long(block[0])
    return alone or sum(len(compact(line)) for line in block) >= PROSE


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
    return "\t" not in text and (len(compact(text)) >= PROSE or bool(SENTENCE.search(text)))
