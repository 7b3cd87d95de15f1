"""Slack's markup → the words that a person typed, and words → what Slack shows as they are. Pure."""

import html
import re

_ANGLE = re.compile(r"<([^<>\n]+)>")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"  # controls, direction marks, tags
)
_PING = re.compile(r"<(?=[!@#])")
WORD_JOINER = "\u2060"


def typed(text: str, me: str = "") -> str:
    """The words as they were typed: mentions of the bot are gone, links and names stand as text."""
    return html.unescape(_ANGLE.sub(lambda match: _spelled(match[1], me), text)).strip()


def _spelled(inside: str, me: str) -> str:
    what, _, label = inside.partition("|")
    if what.startswith("@"):
        return "" if what == f"@{me}" else f"@{label or what[1:]}"
    if what.startswith("#"):
        return f"#{label or what[1:]}"
    if what.startswith("!"):
        return label or f"@{what[1:].partition('^')[0]}"
    return label or what.removeprefix("mailto:").removeprefix("tel:")


def addressed_to(text: str) -> str:
    """The user id with which a message begins; "" where it begins otherwise."""
    match = re.match(r"\s*<@([UW][A-Z0-9]+)", text)
    return match[1] if match else ""


def shown(text: str) -> str:
    """`text` without characters that are not seen but do something."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def escaped(text: str) -> str:
    """`text` for a field that Slack reads as markup: nothing in it is a mention or link."""
    return html.escape(shown(text), quote=False)


def literal(text: str) -> str:
    """`text` for a field that Slack shows as it is: what looks like a mention is broken up all the same."""
    return _PING.sub(f"<{WORD_JOINER}", shown(text))
