"""Destinations and threads as Telegram's ids. Pure.

"telegram:123"            a private chat             "telegram:123/45"       a topic in it
"telegram:-100123"        a group                    "telegram:-100123/45"   a topic in it
"telegram:-100123/topics" a group with a topic for each case (DESKS_FILE)
"telegram:-100123/0/678"  a person's conversation in a group, "…/45/678" in a topic of it
"""

import re
from dataclasses import dataclass

NAME = "telegram"
_FORM = re.compile(rf"{NAME}:(-?\d+)(?:/(topics|\d+)(?:/(\d+))?)?")
GENERAL = 1
"""The id of a forum's first topic, which calls must not name."""


@dataclass(frozen=True, slots=True)
class Address:
    """`topic`: 0 for none. `person`: whose conversation in a group, 0 for everybody's. `topics`: one for each case."""

    chat: int
    topic: int = 0
    person: int = 0
    topics: bool = False

    @property
    def group(self) -> bool:
        return self.chat < 0


def address(destination: str) -> Address | None:
    """The address that `destination` is, None for any other text."""
    found = _FORM.fullmatch(destination)
    if found is None:
        return None
    chat, topic, person = found.groups()
    if topic == "topics":
        return None if person else Address(int(chat), topics=True)
    return Address(int(chat), int(topic or 0), int(person or 0))


def thread(chat: int, topic: int, person: int) -> str:
    """The thread of what `person` says: in groups everybody has a conversation of their own, so that a consultation
    that was claimed silences the bot for nobody else. Who writes in the name of the group has that of the group."""
    if chat < 0 < person:
        return f"{NAME}:{chat}/{topic}/{person}"
    return f"{NAME}:{chat}/{topic}" if topic else f"{NAME}:{chat}"


def posted_id(topic: int, message: int) -> str:
    """What `send` returns: "45/678" in a topic of a case's own (`topic`), "678" elsewhere."""
    return f"{topic}/{message}" if topic else f"{message}"


def read_posted(text: object) -> tuple[int, int]:
    """(topic, message) of what `posted_id` wrote; zeros where it is none."""
    found = re.fullmatch(r"(?:(\d+)/)?(\d+)", text) if isinstance(text, str) else None
    return (int(found[1] or 0), int(found[2])) if found else (0, 0)
