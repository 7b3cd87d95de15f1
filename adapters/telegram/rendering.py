"""A payload of the outbox → messages in Telegram's HTML. Pure.

Every sign of the text is escaped. What is set apart (a bold line, a quotation) is set apart piece by piece after the
text was split, so that no tag is ever cut.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapters.telegram.splitting import sendable, split, units

LIMIT = 4000
"""UTF-16 units of one message. Telegram takes 4096; the rest is for a remark that it may be a repeat."""

_BOLD = re.compile(r"^(■ .+|【.+】.*)$", re.M)


class Kind(StrEnum):
    """How a stretch of text looks."""

    PLAIN = "plain"
    HEAD = "head"
    QUOTE = "quote"  # folded: a tap opens it


@dataclass(frozen=True, slots=True)
class Block:
    text: str
    kind: Kind = Kind.PLAIN


@dataclass(frozen=True, slots=True)
class Part:
    """One message, with and without markup."""

    html: str
    plain: str


def parts(payload: Mapping[str, Any], limit: int = LIMIT) -> list[Part]:
    """The messages of a payload, in order."""
    return [_part(group) for group in _grouped(blocks(payload), limit)]


def blocks(payload: Mapping[str, Any]) -> list[Block]:
    """The stretches of a payload's text: `quotes` are set apart where they stand in it, else at the end."""
    found = [Block(sendable(str(payload.get("text", ""))))]
    for quote in payload.get("quotes") or ():
        head, text = sendable(quote.get("head", "")).strip(), sendable(quote.get("text", "")).strip("\n")
        if text.strip():
            found = _set_apart(found, head, text)
    return [block for block in found if block.text.strip()]


def _set_apart(found: Sequence[Block], head: str, text: str) -> list[Block]:
    for n, block in enumerate(found):
        if block.kind is Kind.PLAIN and text in block.text:
            before, _, after = block.text.partition(text)
            return [*found[:n], Block(before), Block(text, Kind.QUOTE), Block(after), *found[n + 1 :]]
    return [*found, *([Block(head, Kind.HEAD)] if head else []), Block(text, Kind.QUOTE)]


def _grouped(found: Iterable[Block], limit: int) -> Iterator[list[Block]]:
    """The blocks of each message. A block that fits into the next message whole is not torn for this one."""
    group: list[Block] = []
    for block in found:
        for piece in split(block.text, limit):
            if group and sum(units(b.text) + 2 for b in group) + units(piece) > limit:
                yield group
                group = []
            group.append(Block(piece, block.kind))
    if group:
        yield group


def _part(group: Sequence[Block]) -> Part:
    return Part("\n".join(map(_html, group)), "\n".join(block.text for block in group))


def _html(block: Block) -> str:
    text = html.escape(block.text, quote=False)
    match block.kind:
        case Kind.QUOTE:
            return f"<blockquote expandable>{text}</blockquote>"
        case Kind.HEAD:
            return f"<b>{text}</b>"
        case _:
            return _BOLD.sub(r"<b>\1</b>", text)


def led(part: Part, words: str) -> Part:
    """`part` with a line before it."""
    return Part(f"<i>{html.escape(words, quote=False)}</i>\n{part.html}", f"{words}\n{part.plain}")


def called(part: Part, person: int, words: str) -> Part:
    """`part` with a line before it that names the person it is for, so that Telegram tells them."""
    link = f'<a href="tg://user?id={person}">{html.escape(words, quote=False)}</a>'
    return Part(f"{link}\n{part.html}", f"{words}\n{part.plain}")
