"""Orders to a machine inside a document: whoever planted them, they are neither quoted, nor read, nor evidence.

A document may say anything to its readers. A sentence that tells an assistant what to answer is no information.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from bot.cleaning import without_hidden
from bot.personal import fold
from knowledge.entities import Hit, Passage

Span = tuple[int, int]
_LEET = str.maketrans("013457", "oieast")
_MIXED = re.compile(r"[a-z0-9]*(?:[a-z][0-9]|[0-9][a-z])[a-z0-9]*")
_BORDER = re.compile(r"[.!?。!?]+[\"'」』)]*(?=\s|[^\x00-\x7f]|$)|\n\s*\n|\n(?=\s*(?:[-*・●#|>]|\d{1,2}[.)]\s))")
_GOES_ON = re.compile(r"[:：,、][ \t]*$")


def without_orders(text: str) -> str:
    """`text` without the sentences and blocks that address a machine; the same text where there is none."""
    folded = _folded(text)
    spans = _merged(sorted([*_blocks(folded), *_sentences(folded)]))
    if not spans:
        return text
    kept, end = [], 0
    for start, stop in spans:
        kept.append(text[end:start])
        end = stop
    lines = "".join([*kept, text[end:]]).split("\n")
    return "\n".join(line for line, before in zip(lines, ["", *lines], strict=False) if line.strip() or before.strip())


def trusted(hits: Sequence[Hit]) -> list[Hit]:
    """`hits` with what may be read and quoted of their passages."""
    return [hit if (plain := _plain(hit.passage)) == hit.passage else replace(hit, passage=plain) for hit in hits]


@lru_cache(maxsize=1024)
def _plain(passage: Passage) -> Passage:
    text, context, title, section = map(_shown, (passage.text, passage.context, passage.title, passage.section))
    return replace(passage, text=text, context=context, title=title.strip() or passage.source, section=section.strip())


def _shown(text: str) -> str:
    """`text` without what nobody sees, and then without orders."""
    return without_orders("\v".join(map(without_hidden, text.split("\v"))))  # a line break inside of a paragraph


def _folded(text: str) -> str:
    """`text` as the expressions read it; of the same length."""
    lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in fold(text))
    return _MIXED.sub(lambda m: m[0].translate(_LEET), lowered)


def _blocks(folded: str) -> Iterator[Span]:
    trigger, patterns = _table()["blocks"]
    if trigger.search(folded):
        yield from (match.span() for pattern in patterns for match in pattern.finditer(folded))


def _sentences(folded: str) -> Iterator[Span]:
    """Each sentence with an order and the rest of its line; the line behind it where it ends with a colon."""
    tried = [patterns for kind, (trigger, patterns) in _table().items() if kind != "blocks" and trigger.search(folded)]
    matches = [match for patterns in tried for pattern in patterns for match in pattern.finditer(folded)]
    borders = [0, *(match.end() for match in _BORDER.finditer(folded)), len(folded)] if matches else []
    for match in matches:
        start = max(border for border in borders if border <= match.start())
        end = min(border for border in borders if border >= match.end())
        if _GOES_ON.search(folded[start:end].rstrip()):
            end = min((border for border in borders if border > end), default=end)
        line = folded.find("\n", match.end())  # what follows in the line is what the order wants said
        yield start, max(end, len(folded) if line < 0 else line)


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


@cache
def _table() -> dict[str, tuple[re.Pattern[str], list[re.Pattern[str]]]]:
    """kind → when to try it, and its expressions."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    kinds = {"blocks": table["blocks"]["all"], **table["sentences"]}
    return {
        kind: (re.compile(table["triggers"][kind], re.M), [re.compile(p, re.S | re.M) for p in patterns])
        for kind, patterns in kinds.items()
    }
