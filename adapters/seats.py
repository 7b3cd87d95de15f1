"""Puts consultations together: what every platform needs of them, and the two seats at the terminal (`front.py`)."""

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.front import Clerk, Mail, Resident, clerk_id
from adapters.settings import people
from bot.access import Access
from bot.cases.card import Cards
from bot.cases.changes import Changes
from bot.cases.counter import Counter, undelivered
from bot.cases.desks import CONSOLE, DeskPlan
from bot.cases.parts import Parts
from bot.cases.reading import Reader
from bot.cases.reception import Reception
from bot.cases.timers import Timers
from bot.cases.wording import Wording
from bot.conversation import Conversations
from bot.limiting import RateLimit
from bot.masking import Masker
from bot.ports import Clock, MemoryStore, Work
from bot.post import Outgoing
from bot.texts import Texts
from bot.triage import Triage
from knowledge.directory import Directory
from knowledge.errors import SettingsError
from knowledge.gazetteer import Gazetteer

if TYPE_CHECKING:
    from adapters.database.work import Database
    from adapters.settings import Settings
    from bot.bot import Bot


@dataclass(frozen=True, slots=True)
class FrontOffice:
    """All that a platform needs: residents are heard at a `reception`, staff act at the `counter`, `timers` are looked
    at now and then, and what could not be sent is told to `undelivered`."""

    counter: Counter
    timers: Timers
    changes: Changes
    reader: Reader
    access: Access
    clock: Clock
    limit: RateLimit | None

    def reception(self, bot: "Bot", memories: MemoryStore | None = None) -> Reception:
        """`memories`: where conversations are remembered, if not in the database."""
        parts = Parts(bot, self.reader, self.changes, self.access, self.clock, memories=memories, limit=self.limit)
        return Reception(parts)

    def undelivered(self, outgoing: Outgoing, fault: str, work: Work) -> None:
        """The dispatcher's hook: a consultation is marked when a message for it could not be delivered."""
        if outgoing.cause:
            undelivered(outgoing.cause, fault, self.changes, self.clock(), work)


def build_front_office(settings: "Settings", plan: DeskPlan, *staff: str) -> FrontOffice:
    """Put it together. `staff`: ids besides ADMIN_IDS and STAFF_IDS."""
    directory, texts = Directory.load(settings.data_dir), Texts.load()
    gazetteer = Gazetteer(directory)
    masker = Masker.load(texts, directory, gazetteer)
    words = Wording(texts, plan, directory)
    changes = Changes(plan, words, Cards(words), masker)
    access = Access.of(people(settings.admin_ids), (*people(settings.staff_ids), *staff))
    return FrontOffice(
        Counter(changes, access, directory, settings.now),
        Timers(changes),
        changes,
        Reader(Triage.load(texts, directory), gazetteer, directory, masker),
        access,
        settings.now,
        RateLimit() if settings.renkei_now is None else None,
    )


def take_resident_seat(settings: "Settings", bot: "Bot", database: "Database", plan: DeskPlan, name: str) -> Resident:
    """What is said here stays in this process, but for consultations. Raises SettingsError for a name of the desk's
    own mailboxes."""
    if unicodedata.normalize("NFKC", name).strip().casefold().startswith("desk"):
        raise SettingsError(f"--name {name}: desk で始まる名前は窓口のものです。ほかの名前にしてください。")
    office = build_front_office(settings, plan)
    mail = Mail(database, office.timers, settings.now, f"console:{name}")
    return Resident(database, office.reception(bot, Conversations()), mail, name, office.changes.words)


def take_desk_seat(settings: "Settings", database: "Database", plan: DeskPlan, name: str) -> Clerk:
    """Whoever sits here is staff."""
    office = build_front_office(settings, plan, clerk_id(name))
    return Clerk(database, office.counter, Mail(database, office.timers, settings.now, CONSOLE), name)
