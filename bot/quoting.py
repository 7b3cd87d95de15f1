"""Chosen units → the lines of an answer and their numbered citations: the very words, nothing else."""

import re
from collections.abc import Sequence

from bot.grounding import unsupported
from bot.message import Citation, Retrieved
from bot.units import Unit
from knowledge.entities import Hit
from knowledge.privacy import without_post_holders


def quote(units: Sequence[Unit], first: int = 1) -> tuple[list[str], tuple[Citation, ...]]:
    """The units as lines with citation numbers from `first`, what introduces them before them; a line that its passage
    does not support is dropped."""
    numbers: dict[tuple[str, str], int] = {}
    lines: list[str] = []
    citations: list[Citation] = []
    for unit in units:
        evidence = f"{unit.passage.context}\n{unit.passage.text}"
        key = (unit.passage.id, unit.head)
        leads = (unit.head,) if unit.heading else (unit.head, unit.lead)
        own = len(units) == 1 if unit.heading else True
        for text, quoted in [
            *((lead, own and unit.heading) for lead in leads),
            *[(unit.shown, True)] * (not unit.heading),
        ]:
            shown = without_post_holders(text).strip()
            if not shown or any(shown in line for line in lines) or unsupported(shown, evidence):
                continue
            if key not in numbers:
                numbers[key] = len(numbers) + first
                citations.append(cite(numbers[key], unit))
            lines.append(f"{shown} [{numbers[key]}]" if quoted else shown)
    return _marked_once(lines), tuple(citations)


_MARK = re.compile(r" \[\d+\]$")


def _marked_once(lines: list[str]) -> list[str]:
    """A run of lines from one source is marked at its last line only."""
    kept = []
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        mark, next_mark = _MARK.search(line), _MARK.search(following)
        same = mark and next_mark and mark.group() == next_mark.group()
        kept.append(_MARK.sub("", line) if same else line)
    return kept


def cite(n: int, unit: Unit) -> Citation:
    """The passage of `unit` as evidence number `n`."""
    passage = unit.passage
    words = without_post_holders(passage.text.replace("\v", "\n"))
    head = "" if unit.head in passage.section else unit.head
    section = " › ".join(part for part in (passage.section, head) if part)
    return Citation(n, passage.title, passage.source, section, passage.page, passage.date, words)


def retrieved(hits: Sequence[Hit]) -> tuple[Retrieved, ...]:
    """What was found, for diagnosis: original characters."""
    return tuple(Retrieved(h.passage.source, h.passage.text.replace("\v", "\n"), round(h.score, 4)) for h in hits)
