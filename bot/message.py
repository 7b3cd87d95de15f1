"""What a person said, and what the bot says back. The reply object of `--json` is `Reply.as_dict()`."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from knowledge.entities import Contact, Office


class ReplyStatus(StrEnum):
    """How a message was dealt with; there is always one of these, never two."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    NO_SOURCE = "no_source"
    ASK_PLACE = "ask_place"
    ROUTED = "routed"
    OUT_OF_AREA = "out_of_area"
    OTHER_DESK = "other_desk"
    EMERGENCY = "emergency"
    SMALLTALK = "smalltalk"
    REFUSED = "refused"
    CONSULTATION = "consultation"
    HELD = "held"
    COMMAND = "command"
    LIMITED = "limited"
    ERROR = "error"


class Lang(StrEnum):
    """The language of a reply's frame. The codes are the names of the files in bot/texts."""

    JA = "ja"
    JA_EASY = "ja-easy"
    EN = "en"
    ZH = "zh"


class Action(StrEnum):
    """What a button does. The names are fixed: platforms send them back, other programs read them."""

    CONSULT = "consult"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    CLAIM = "claim"
    REPLY = "reply"
    NOTE = "note"
    SEND_TO_RESIDENT = "send_to_resident"
    TRANSFER = "transfer"
    CLOSE = "close"
    REOPEN = "reopen"
    EVIDENCE = "evidence"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Button:
    """One choice below a message. `value`: what the platform sends back with `action`, at most 64 bytes together."""

    action: Action
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a person said. `thread`: platform-independent key of the conversation. `user`: who, for limits and roles.

    A button that was pressed comes as `action` and `value`, with an empty `text` or words typed beside it. `key`: the
    platform's id of the event, "" where there is none. `public`: whether others can read the conversation.
    """

    text: str
    thread: str = "local"
    user: str = "local"
    action: Action | None = None
    value: str = ""
    key: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered piece of evidence. `passage`: the very words; `source`: file name or address."""

    n: int
    title: str
    source: str
    section: str
    page: int | None
    date: str | None
    passage: str


@dataclass(frozen=True, slots=True)
class Destination:
    """A pair of desks: 国 and 道. One of them is None where it is not decided."""

    bureau: str | None
    subprefecture: str | None


@dataclass(frozen=True, slots=True)
class Route:
    """Where a consultation goes: the desks of the first place that the matter is about, and those of the others."""

    bureau: str | None
    subprefecture: str | None
    reason: str
    alternatives: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A retrieved document passage, for diagnosis. `text`: original characters."""

    source: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says back. `text` is all that the person reads, without platform markup."""

    status: ReplyStatus
    text: str
    lang: Lang = Lang.JA
    citations: tuple[Citation, ...] = ()
    route: Route | None = None
    offices: tuple[Office, ...] = ()
    contacts: tuple[Contact, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    buttons: tuple[Button, ...] = ()
    ms: float = field(default=0.0, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """The reply object of `renkei ask --json` (others read it: fields are added, never renamed)."""
        return {
            "status": self.status.value,
            "lang": self.lang.value,
            "text": self.text,
            "citations": [asdict(c) | {"section": c.section or None} for c in self.citations],
            "route": asdict(self.route) if self.route else None,
            "offices": [_office(o) for o in self.offices],
            "contacts": [asdict(c) for c in self.contacts],
            "retrieved": [asdict(r) for r in self.retrieved],
            "buttons": [asdict(b) | {"action": b.action.value} for b in self.buttons],
            "ms": round(self.ms, 1),
        }


def _office(office: Office) -> dict[str, Any]:
    row = asdict(office)
    row["level"] = office.level.value
    row["other_phones"] = list(row["other_phones"])
    row["section"] = office.section or None
    row.pop("postal")
    row.pop("note")
    return row
