"""The payload of a message → what Slack shows: one calm message, or several where it is too long. Pure.

Words stand in `rich_text` blocks, which Slack does not read as markup: nothing quoted can ping, link or hide anything.
The fallback `text` holds the same words, escaped.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack import plain
from adapters.slack.buttons import button_blocks
from adapters.slack.splitting import split
from bot.message import Lang
from bot.texts import Texts

Block = dict[str, Any]

MAX_BLOCK = 2800  # characters of one block; Slack refuses a section of more than 3,000
MAX_PART = 9000  # characters of one message; Slack refuses blocks of some 13,000 together
MAX_HOME = 90  # blocks; Slack refuses a page of more than 100
MAX_ROWS, MAX_COLUMNS = 99, 20

_URL = re.compile(r"https?://[\w\-.~:/?#@!$&'*+,;=%]*[\w/#=]", re.ASCII)
_HEAD = re.compile(r"^(?:■ |【).*$", re.M)


@dataclass(frozen=True, slots=True)
class Part:
    """One message. `plainer`: the same in blocks that every workspace knows; `text` alone is the last resort."""

    text: str
    blocks: Sequence[Block]
    plainer: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. `quoted`: the very words of a source."""

    text: str
    quoted: bool = False


def render(payload: Mapping[str, Any], texts: Texts, *, repeated: bool = False) -> list[Part]:
    """The parts of a message, in order; its buttons stand below the last."""
    lang = lang_of(payload)
    pieces = _pieces(payload)
    if repeated:
        pieces.insert(0, Piece(texts.say(lang, "command.repeated")))
    parts = list(_packed(pieces))
    table = _table(payload.get("table"))
    rich, plainer = button_blocks(payload, texts, lang, modern=True), button_blocks(payload, texts, lang, modern=False)
    return [
        Part(
            text=plain.escaped("\n".join(piece.text for piece in part)),
            blocks=[*(table or _blocks(part)), *rich] if n == len(parts) else _blocks(part),
            plainer=[*_sections(part), *(plainer if n == len(parts) else ())],
        )
        for n, part in enumerate(parts, 1)
    ]


def home(payload: Mapping[str, Any], texts: Texts) -> Block:
    """The page of a person."""
    lang = lang_of(payload)
    words = [block for part in _packed(_pieces(payload)) for block in _blocks(part)]
    return {"type": "home", "blocks": [*words[:MAX_HOME], *button_blocks(payload, texts, lang, modern=False)]}


def lang_of(payload: Mapping[str, Any]) -> Lang:
    lang = payload.get("lang")
    return Lang(lang) if lang in list(Lang) else Lang.JA


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pieces(payload: Mapping[str, Any]) -> list[Piece]:
    """The text, its quotations set apart."""
    rest, pieces = plain.shown(str(payload.get("text") or "")), list[Piece]()
    for quote in payload.get("quotes") or ():
        words = plain.shown(str(quote.get("text") or "")).strip()
        before, found, after = rest.partition(words) if words else (rest, "", "")
        if found:
            pieces += [Piece(before.strip("\n")), Piece(words, quoted=True)]
            rest = after
    pieces.append(Piece(rest.strip("\n")))
    return [piece for piece in pieces if piece.text.strip()] or [Piece("…")]


def _packed(pieces: Iterable[Piece]) -> Iterable[list[Piece]]:
    """Pieces that fit a block each, in groups that fit a message each."""
    group, length = list[Piece](), 0
    for piece in pieces:
        for words in split(piece.text, MAX_BLOCK):
            if group and length + len(words) > MAX_PART:
                yield group
                group, length = [], 0
            group.append(Piece(words, piece.quoted))
            length += len(words)
    yield group


def _blocks(pieces: Iterable[Piece]) -> list[Block]:
    return [{"type": "rich_text", "elements": [_element(piece)]} for piece in pieces]


def _element(piece: Piece) -> Block:
    kind = "rich_text_quote" if piece.quoted else "rich_text_section"
    return {"type": kind, "elements": list(_spans(plain.literal(piece.text), heads=not piece.quoted))}


def _spans(text: str, *, heads: bool) -> Iterable[Block]:
    """Names of offices stand out; addresses of pages can be followed, and show where they lead."""
    at = 0
    marks = [(m.span(), "head") for m in _HEAD.finditer(text)] if heads else []
    marks += [(m.span(), "url") for m in _URL.finditer(text)]
    for (start, end), kind in sorted(marks):
        if start < at:
            continue
        if start > at:
            yield {"type": "text", "text": text[at:start]}
        bold = {"style": {"bold": True}} if kind == "head" else {}
        yield (
            {"type": "link", "url": text[start:end]}
            if kind == "url"
            else {"type": "text", "text": text[start:end]} | bold
        )
        at = end
    if at < len(text):
        yield {"type": "text", "text": text[at:]}


def _sections(pieces: Iterable[Piece]) -> list[Block]:
    """The same in the oldest of blocks. Not read as markup either."""
    return [
        {"type": "section", "text": {"type": "plain_text", "text": plain.literal(piece.text), "emoji": False}}
        for piece in pieces
    ]


def _table(table: object) -> list[Block]:
    """A table in place of the lines that say the same; empty where there is none, or it is too large."""
    if not isinstance(table, Mapping) or not table.get("rows"):
        return []
    columns, rows = list(table.get("columns") or ()), list(table["rows"])
    if len(rows) > MAX_ROWS or len(columns) > MAX_COLUMNS or sum(len(str(c)) for row in rows for c in row) > MAX_PART:
        return []
    lines = [columns, *rows] if columns else rows
    cells = [[{"type": "raw_text", "text": plain.literal(str(cell)) or "-"} for cell in row] for row in lines]
    title = [Piece(str(table["title"]))] if table.get("title") else []
    return [*_blocks(title), {"type": "table", "rows": cells}]
