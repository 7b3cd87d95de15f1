"""The two seats at a terminal: a resident who talks with the bot and the desk, and a clerk at the desk.

Both work on the same database, each in a process of its own.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from adapters.database.mailbox import fetch, shown
from adapters.database.work import Database
from bot.cases.case import ConflictError
from bot.cases.counter import Counter, Move
from bot.cases.reception import Reception
from bot.cases.timers import Timers
from bot.cases.wording import Said, Wording
from bot.faults import trail
from bot.language import detect
from bot.message import Action, Button, Message, Reply, ReplyStatus
from bot.naming import office_name
from bot.ports import Clock
from knowledge.errors import DatabaseError

_log = logging.getLogger(__name__)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Post:
    """A message that arrived, with the choices below it. `receipt`: the consultation that it is about."""

    text: str
    buttons: tuple[Button, ...] = ()
    receipt: str = ""


@dataclass
class Mail:
    """What arrives at one address."""

    database: Database
    timers: Timers
    clock: Clock
    address: str

    def deliver(self, show: Callable[[Post], None]) -> None:
        """Show what has arrived, each once."""
        letters = fetch(self.database, self.address)
        for letter in letters:
            show(_post(letter.outgoing.payload, letter.outgoing.cause))
        if letters:
            shown(self.database, letters)

    def tick(self) -> None:
        """Let happen what time alone does to consultations."""
        now = self.clock()
        with self.database.work() as work:
            receipts = list(self.timers.look(now, work))
        for receipt in receipts:
            try:
                with self.database.work() as work:
                    self.timers.fire(receipt, now, work)
            except Exception as error:  # one consultation stops no other
                _log.error("timer failed: %s", trail(error))


@dataclass
class Resident:
    """Talks like `Bot`, with consultations. `name`: whose consultations these are, on this machine."""

    database: Database
    reception: Reception
    mail: Mail
    name: str
    words: Wording

    def reply(self, message: Message) -> Reply:
        """The reply. It is shown at once, so it needs no outbox. Where the database fails, nothing has happened: there
        is no receipt number, and the resident is told to phone."""
        user = f"console:{self.name}"
        self.mail.address = user if message.thread == "console-0" else f"{user}/{message.thread}"
        own = replace(message, thread=self.mail.address, user=user, key=uuid4().hex)
        for _ in range(_TRIES):
            try:
                with self.database.work() as work:
                    return self.reception.hear(own, work)
            except ConflictError:
                continue  # the desk was faster: read again
            except DatabaseError as error:
                _log.error("%s", error)
                break
        lang = detect(message.text)
        return Reply(ReplyStatus.ERROR, self.words.say(lang, "failed"), lang)


@dataclass
class Clerk:
    """Somebody at the desk of this machine. `current`: the consultation that is meant where none is named."""

    database: Database
    counter: Counter
    mail: Mail
    name: str
    current: str = ""

    @property
    def user(self) -> str:
        return clerk_id(self.name)

    @property
    def offices(self) -> set[str]:
        """The names by which a transfer may call an office."""
        offices = self.counter.directory.offices
        return {office_name(office) for office in offices} | {office.name for office in offices}

    def act(self, action: Action, receipt: str = "", text: str = "", office: str = "") -> Said:
        """Make a move."""
        with self.database.work() as work:
            return self.counter.act(self._move(action, receipt, text, office), work)

    def talk(self, text: str) -> Said | None:
        """A line without a command: internal, unless it begins with the mark."""
        with self.database.work() as work:
            return self.counter.talk(self._move(Action.REPLY, "", text), work)

    def list(self) -> Said:
        with self.database.work() as work:
            return self.counter.waiting(self.user, self.mail.address, work)

    def show(self, receipt: str = "") -> Said:
        self.current = receipt or self.current
        with self.database.work() as work:
            return self.counter.show(self.user, self.current, work)

    def _move(self, action: Action, receipt: str, text: str, office: str = "") -> Move:
        self.current = receipt or self.current
        return Move(self.user, self.mail.address, action, self.current, text, office)


def clerk_id(name: str) -> str:
    return f"console:desk-{name}"


def _post(payload: object, cause: str) -> Post:
    assert isinstance(payload, dict)
    buttons = tuple(Button(Action(b["action"]), b["label"], b["value"]) for b in payload.get("buttons", ()))
    return Post(payload["text"], buttons, cause)
