"""A whole office for tests: reception, counter and timers over the real directory, triage and texts.

The retriever finds one passage, the database is an argument, and time goes only when it is told to.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from case_fakes import FakeDatabase
from sqlalchemy import select

from adapters.database.schema import outbox
from bot.access import Access
from bot.bot import Bot
from bot.cases.card import Cards
from bot.cases.case import Case
from bot.cases.changes import Changes
from bot.cases.counter import Counter, Move, undelivered
from bot.cases.desks import DeskPlan
from bot.cases.parts import Parts
from bot.cases.reading import Reader
from bot.cases.reception import Reception
from bot.cases.timers import Timers
from bot.cases.wording import Wording
from bot.masking import Masker
from bot.message import Action, Button, Message, Reply
from bot.post import Event, Outgoing
from bot.texts import Texts
from bot.triage import Triage
from knowledge.directory import Directory
from knowledge.entities import Hit, Passage
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary

TOKYO = ZoneInfo("Asia/Tokyo")
MORNING = datetime(2026, 11, 19, 10, 0, tzinfo=TOKYO)  # a Thursday
OTARU, SHIRIBESHI = "slack:C0OTARU", "telegram:-100777/topics"
FALLBACK = "slack:C0FALLBACK"
STAFF, OTHER, ADMIN = "slack:U0STAFF", "telegram:55", "slack:U0ADMIN"
MATTER = "余市町で空き店舗を使って朝市を開きたいです。どこに相談すればいいですか"
TEXT = "朝市\n余市町の朝市は、令和6年10月5日に開かれ、30人が参加しました。"


class OnePassage:
    """Always finds the same passage."""

    def search(self, question, k=10, kind=None):
        passage = Passage("p", TEXT, "朝市の記録\n", "朝市の記録", "", "a.md", date="2024-10")
        return [Hit(passage, 1.0, 0.6, 8.0)]

    def read(self, question):
        return question

    def idf(self, word):
        return 0.5 if word in TEXT else 1.0

    def likeness(self, question, texts):
        return [0.5] * len(texts)


@cache
def knowledge() -> SimpleNamespace:
    directory, texts = Directory.load(), Texts.load()
    gazetteer = Gazetteer(directory)
    return SimpleNamespace(
        directory=directory, texts=texts, gazetteer=gazetteer, triage=Triage.load(texts, directory),
        glossary=Glossary.load(), masker=Masker.load(texts, directory, gazetteer),
    )  # fmt: skip


def desk_plan(**fields) -> DeskPlan:
    names = {o.name: f"{o.name} {o.section}".strip() for o in knowledge().directory.offices}
    destinations = {names["小樽開発建設部"]: OTARU, names["後志総合振興局"]: SHIRIBESHI}
    return DeskPlan(fallback=FALLBACK, destinations=destinations, **fields)


class Office:
    """Everything at work on one database. What residents and desks were sent is in `posts`."""

    def __init__(self, database, *, plan: DeskPlan | None = None, bot=None, reader=None) -> None:
        self.database = database
        self.time = MORNING
        known = knowledge()
        plan = plan or desk_plan()
        words = Wording(known.texts, plan, known.directory)
        self.changes = Changes(plan, words, Cards(words), known.masker)
        access = Access.of(admins=[ADMIN], staff=[STAFF, OTHER])
        parts = {name: getattr(known, name) for name in ("directory", "gazetteer", "triage", "texts", "glossary")}
        self.bot = bot or Bot(retriever=OnePassage(), clock=self.now, **parts)
        reader = reader or Reader(known.triage, known.gazetteer, known.directory, known.masker)
        self.reception = Reception(Parts(self.bot, reader, self.changes, access, self.now))
        self.counter = Counter(self.changes, access, known.directory, self.now)
        self.timers = Timers(self.changes)
        self.replies: list[tuple[str, Reply]] = []
        self._keys = itertools.count()

    def now(self) -> datetime:
        return self.time

    def go(self, **time: float) -> None:
        self.time += timedelta(**time)

    # ── what people do ───────────────────────────────────────────────────────────────────────────────────────────────

    def hear(
        self, text: str = "", *, user: str = "telegram:1", thread: str = "telegram:1", key: str = "", **fields
    ) -> Reply:
        """A resident's message, as the worker handles it: the reply goes out through the outbox."""
        key = key or f"e{next(self._keys)}"
        message = Message(text, thread, user, key=key, **fields)
        with self.database.work() as work:
            if not work.inbox.receive(Event("test", (key,), thread, {})):
                return Reply("held", "")
            reply = self.reception.receive(message, work)
        self.replies.append((thread, reply))
        return reply

    def press(self, button: Button, **fields) -> Reply:
        return self.hear(action=button.action, value=button.value, **fields)

    def act(
        self, action: Action, receipt: str, *, by: str = STAFF, where: str = OTARU, text: str = "", office: str = ""
    ):
        with self.database.work() as work:
            return self.counter.act(Move(by, where, action, receipt, text, office), work)

    def talk(self, receipt: str, text: str, *, by: str = STAFF, where: str = OTARU):
        with self.database.work() as work:
            return self.counter.talk(Move(by, where, Action.REPLY, receipt, text), work)

    def tick(self) -> list[str]:
        """What is due happens; what came of it."""
        with self.database.work() as work:
            receipts = list(self.timers.look(self.time, work))
        fired = []
        for receipt in receipts:
            with self.database.work() as work:
                fired.append(self.timers.fire(receipt, self.time, work))
        return [what.value for what in fired if what]

    def fail(self, receipt: str, fault: str = "blocked") -> None:
        with self.database.work() as work:
            undelivered(receipt, fault, self.changes, self.time, work)

    def consult(
        self, said: str = "余市町で空き店舗を使って朝市を開きたいです。どこに相談すればいいですか", **fields
    ) -> Case:
        """From the first word to the receipt."""
        self.hear(said, **fields)
        self.hear("担当に相談したい", **fields)
        self.hear("この会話で", **fields)
        self.hear("送る", **fields)
        return self.cases(fields.get("user", "telegram:1"))[-1]

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────────────────

    def case(self, receipt: str) -> Case:
        with self.database.work() as work:
            return work.cases.get(receipt)

    def cases(self, user: str = "telegram:1") -> tuple[Case, ...]:
        with self.database.work() as work:
            return work.cases.of_user(user)

    def posts(self, place: str = "") -> list[Outgoing]:
        """What was written to send, in order; to `place`, where one is given."""
        outbox = written(self.database)
        return [outgoing for outgoing in outbox if not place or outgoing.destination == place]

    def texts(self, place: str) -> list[str]:
        return [outgoing.payload["text"] for outgoing in self.posts(place)]


def written(database) -> list[Outgoing]:
    """What lies in the outbox with its words, in order."""
    if isinstance(database, FakeDatabase):
        return list(database.tables.outbox.values())
    with database.work() as work:
        rows = work.fetch(select(outbox).where(outbox.c.payload.is_not(None)).order_by(outbox.c.id))
    return [Outgoing(row.destination, row.key, row.payload, cause=row.cause, order=row.order_key) for row in rows]


def labels(buttons: Iterable[Button]) -> list[str]:
    return [button.label for button in buttons]
