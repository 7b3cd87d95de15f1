"""What comes in and what goes out: an event of a platform, a message to send, and how sending can fail.

SendError
├── PermanentError    it can never be delivered there (unknown channel, bot blocked, wrong token)
├── RetryLaterError   refused for now, nothing was posted; `seconds`: how long the platform wants to be left alone
├── UnreachableError  the platform was not reached, nothing was posted
├── UncertainError    it may have been posted: the connection broke after the request had gone
└── NoReadBackError   raised by `find` alone: this platform cannot say whether a message was posted
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class SendError(Exception):
    """Base of all ways in which sending can fail. The message names a kind of fault, never a token or content."""


class PermanentError(SendError):
    """It can never be delivered there."""


class RetryLaterError(SendError):
    """Refused for now; nothing was posted. `seconds`: what the platform asked for, None where it gave no number."""

    def __init__(self, message: str = "", seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class UnreachableError(SendError):
    """The platform was not reached; nothing was posted."""


class UncertainError(SendError):
    """It may have been posted."""


class NoReadBackError(SendError):
    """This platform, or the rights given to the bot there, cannot say whether a message was posted."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a platform.

    `keys`: every name under which the platform may deliver it again (Slack: event id, and team–channel–ts); an event
    that shares one of them with an earlier event is the same event. `conversation`: events with the same key are
    handled one at a time in order of arrival. `payload`: what the platform sent, as JSON allows.
    """

    platform: str
    keys: tuple[str, ...]
    conversation: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send.

    `destination`: "slack:C024BE91L", "telegram:-100123/5"; what stands before the colon is the platform. `key`: the
    same key twice is the same message; platforms that can, carry it along so that it can be looked up there.
    `payload`: what the platform needs, as JSON allows. `cause`: what it was written for, such as a receipt number.
    `order`: messages with the same key are sent in the order in which they were written (default: the destination).
    `repeated`: set by the dispatcher where an earlier try may have arrived already; the platform marks it as such.
    """

    destination: str
    key: str
    payload: Mapping[str, Any]
    cause: str = ""
    order: str = ""
    not_before: datetime | None = None
    repeated: bool = field(default=False, compare=False)

    @property
    def platform(self) -> str:
        return self.destination.partition(":")[0]
