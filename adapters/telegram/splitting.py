"""Text in pieces that Telegram takes: counted in UTF-16 units, cut where a reader would pause. Pure."""

import re
import unicodedata
from collections.abc import Iterator

_PAUSES = (
    re.compile(r"\n{2,}"),
    re.compile(r"\n"),
    re.compile(r"(?<=[。!?！？])|(?<=[.!?] )"),
    re.compile(r"(?<=[、，；])|(?<=[,;] )| "),
)
"""Where to cut, best first: paragraphs, lines, sentences, parts of sentences."""

_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_JOINER = "\u200d"


def units(text: str) -> int:
    """The length that Telegram counts: UTF-16 code units."""
    return len(text) + sum(1 for sign in text if ord(sign) > 0xFFFF)


def sendable(text: str) -> str:
    """`text` without control characters and halves of character pairs, which Telegram refuses."""
    return _UNSENDABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def split(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` units; none is empty, no character is cut or lost but the white space at the
    cuts."""
    return [piece for piece in _split(text.strip("\n "), limit) if piece.strip()]


def _split(text: str, limit: int) -> Iterator[str]:
    while units(text) > limit:
        end = _cut(text, _fitting(text, limit))
        yield text[:end].rstrip()
        text = text[end:].lstrip("\n ")
    yield text


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into `limit` units."""
    used = 0
    for at, sign in enumerate(text):
        used += 2 if ord(sign) > 0xFFFF else 1
        if used > limit:
            return at
    return len(text)


def _cut(text: str, most: int) -> int:
    """Where to cut within the first `most` characters: at the best pause in their second half, else anywhere between
    two whole characters."""
    for pause in _PAUSES:
        found = [match.end() for match in pause.finditer(text, 0, most) if match.end() > most // 2]
        if found:
            return found[-1]
    end = most
    while end > 1 and _clings(text, end):
        end -= 1
    return end if end > 1 else max(1, most)


def _clings(text: str, at: int) -> bool:
    """Whether the sign at `at` belongs to the one before it: an accent, a variation, a part of a joined emoji."""
    sign, before = text[at], text[at - 1]
    tone = "\U0001f3fb" <= sign <= "\U0001f3ff"
    return bool(unicodedata.combining(sign)) or sign in (_JOINER, "\ufe0f", "\u20e3") or before == _JOINER or tone
