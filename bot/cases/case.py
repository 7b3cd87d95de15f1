"""A consultation as data. Nothing here decides: `table.py` changes its state, `journey.py` fills in its draft."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.message import Lang


class ConflictError(Exception):
    """Somebody else has changed the case meanwhile: nothing of this work may happen, it is done anew."""


class State(StrEnum):
    """Where a consultation stands (DESIGN §4.4)."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


LIVE = (State.OPEN, State.CLAIMED)


class Step(StrEnum):
    """What a draft waits for."""

    PLACE = "place"
    MATTER = "matter"
    WAY = "way"
    ADDRESS = "address"
    REVIEW = "review"


class Way(StrEnum):
    """How the resident wants the answer: in this conversation, by phone or mail, not at all."""

    HERE = "here"
    OUTSIDE = "outside"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether and how to be contacted. `address`: phone or mail, kept as typed, only where it was given for this."""

    way: Way
    address: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A section that can take a case. `office`: as the directory writes it, "小樽開発建設部 地域連携課"; "" is the
    fallback desk. `level`: 国, 道 or 市, "" where it has none."""

    office: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a draft answer stands written."""

    title: str
    section: str
    date: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Case:
    """One consultation. Times carry a time zone; what is not known yet is None or empty.

    `matter`: the words that the resident confirms. `reason`: why these desks, in the resident's language; `why`: the
    same in Japanese for the desk. `offered`: every desk that routing found, `desks`: those it goes to, `cards`: the
    addresses where a card of it was posted. `waiting_since`: when it began to wait for a claim. `preview`: a staff
    reply that waits to be sent. `version` counts the changes; a store refuses one that is not the next.
    """

    receipt: str
    state: State
    thread: str
    user: str
    lang: Lang
    touched_at: datetime
    step: Step | None = None
    matter: str = ""
    places: tuple[str, ...] = ()
    reason: str = ""
    why: str = ""
    offered: tuple[Desk, ...] = ()
    desks: tuple[Desk, ...] = ()
    cards: tuple[str, ...] = ()
    wish: Wish | None = None
    answer: str = ""
    sources: tuple[Source, ...] = ()
    holder: str | None = None
    holder_desk: str = ""
    reminded: bool = False
    escalated: bool = False
    undelivered: str | None = None
    preview: str = ""
    opened_at: datetime | None = None
    waiting_since: datetime | None = None
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
    rating: str | None = None
    erased: bool = False
    public: bool = False
    asked: int = 0
    version: int = 0

    @property
    def human(self) -> bool:
        """Whether a person holds the floor: the bot is silent in this thread."""
        return self.state is State.CLAIMED

    @property
    def live(self) -> bool:
        return self.state in LIVE


def erased(case: Case) -> Case:
    """`case` without a word of the resident. What is left says that it was, when, and how it ended."""
    return replace(
        case,
        matter="",
        places=(),
        reason="",
        why="",
        wish=None,
        answer="",
        sources=(),
        preview="",
        user="",
        thread="",
        erased=True,
    )


class Voice(StrEnum):
    """Who said a line of a case. NOTE is internal and never leaves the desk."""

    RESIDENT = "resident"
    STAFF = "staff"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a case, as kept."""

    at: datetime
    voice: Voice
    text: str
