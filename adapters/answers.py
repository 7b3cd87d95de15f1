"""Answers on their way to the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.platform import Heard
from bot.cases.changes import buttons_as_data
from bot.message import Button
from bot.post import Outgoing

if TYPE_CHECKING:
    from adapters.database.work import SqlWork


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said back. `extra`: further fields of the payload (`adapters/platform.py`)."""

    text: str
    buttons: tuple[Button, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def put(heard: Heard, answer: Answer, work: "SqlWork", *, key: str = "", cause: str = "") -> None:
    """Write an answer to where it was asked, for the asker's eyes alone where it was asked so."""
    message = heard.message
    payload: dict[str, Any] = {"text": answer.text, "buttons": buttons_as_data(answer.buttons), **answer.extra}
    if heard.private and not answer.extra.get("keep"):  # what is for one person's eyes cannot be edited later
        payload["to"] = message.user
    if heard.via:
        payload["via"] = dict(heard.via)
    work.outbox.put(Outgoing(message.thread, key or f"reply:{message.key}", payload, cause=cause))
