"""Chosen units → the lines of an answer and their numbered citations: the very words, nothing else."""

from collections.abc import Sequence

from bot.grounding import unsupported
from bot.message import Citation
from bot.units import Unit
from knowledge.privacy import without_post_holders


def quote(units: Sequence[Unit]) -> tuple[list[str], tuple[Citation, ...]]:
    """The units as lines with citation numbers, what introduces them before them; a line that its passage does not
    support is dropped."""
    numbers: dict[tuple[str, str], int] = {}
    lines: list[str] = []
    citations: list[Citation] = []
    for unit in units:
        evidence = f"{unit.passage.context}\n{unit.passage.text}"
        key = (unit.passage.id, unit.head)
        for text in (unit.head, unit.lead, unit.shown):
            shown = without_post_holders(text).strip()
            if not shown or any(shown in line for line in lines) or unsupported(shown, evidence):
                continue
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                citations.append(_citation(numbers[key], unit))
            lines.append(f"{shown} [{numbers[key]}]" if text is unit.shown else shown)
    return lines, tuple(citations)


def _citation(n: int, unit: Unit) -> Citation:
    passage = unit.passage
    words = without_post_holders(passage.text.replace("\v", "\n"))
    head = "" if unit.head in passage.section else unit.head
    section = " › ".join(part for part in (passage.section, head) if part)
    return Citation(n, passage.title, passage.source, section, passage.page, passage.date, words)
