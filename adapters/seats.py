"""Puts the two seats at the terminal together (see `front.py`); platforms put theirs together in the same way."""

from typing import TYPE_CHECKING

from adapters.front import Clerk, Mail, Resident, clerk_id
from adapters.settings import people
from bot.access import Access
from bot.cases.card import Cards
from bot.cases.changes import Changes
from bot.cases.counter import Counter
from bot.cases.desks import CONSOLE, DeskPlan
from bot.cases.parts import Parts
from bot.cases.reading import Reader
from bot.cases.reception import Reception
from bot.cases.timers import Timers
from bot.cases.wording import Wording
from bot.conversation import Conversations
from bot.limiting import RateLimit
from bot.masking import Masker
from bot.texts import Texts
from bot.triage import Triage
from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer

if TYPE_CHECKING:
    from adapters.database.work import Database
    from adapters.settings import Settings
    from bot.bot import Bot


def build_access(settings: "Settings", *staff: str) -> Access:
    """Roles by ADMIN_IDS and STAFF_IDS, and `staff`."""
    return Access.of(people(settings.admin_ids), (*people(settings.staff_ids), *staff))


def build_changes(texts: Texts, directory: Directory, gazetteer: Gazetteer, plan: DeskPlan) -> Changes:
    words = Wording(texts, plan, directory)
    return Changes(plan, words, Cards(words), Masker.load(texts, directory, gazetteer))


def take_resident_seat(settings: "Settings", bot: "Bot", database: "Database", plan: DeskPlan, name: str) -> Resident:
    """What is said here stays in this process, but for consultations."""
    directory, texts = Directory.load(settings.data_dir), Texts.load()
    gazetteer = Gazetteer(directory)
    changes = build_changes(texts, directory, gazetteer, plan)
    reader = Reader(Triage.load(texts, directory), gazetteer, directory, Masker.load(texts, directory, gazetteer))
    limit = RateLimit() if settings.renkei_now is None else None
    memories = Conversations()
    access = build_access(settings)
    reception = Reception(Parts(bot, reader, changes, access, settings.now, memories=memories, limit=limit))
    return Resident(database, reception, Mail(database, Timers(changes), settings.now, f"console:{name}"), name)


def take_desk_seat(settings: "Settings", database: "Database", plan: DeskPlan, name: str) -> Clerk:
    directory, texts = Directory.load(settings.data_dir), Texts.load()
    changes = build_changes(texts, directory, Gazetteer(directory), plan)
    counter = Counter(changes, build_access(settings, clerk_id(name)), directory, settings.now)
    return Clerk(database, counter, Mail(database, Timers(changes), settings.now, CONSOLE), name)
