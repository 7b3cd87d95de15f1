"""What conversations remember: one suite for the store in the process and those in both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from fakes import HandClock
from sqlalchemy import select, update

from adapters.database.opening import open_database
from adapters.database.schema import conversations
from bot.conversation import FORGET_AFTER, Conversations, Memory
from bot.message import Lang
from knowledge.entities import Level, Office, OtherPhone

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OFFICE = Office(
    name="甲開発建設部",
    section="地域連携課",
    level=Level.NATIONAL,
    phone=None,
    other_phones=(OtherPhone("0123-00-0000", "甲計画", "2025-03"),),
    email=None,
    postal=None,
    address="甲町1",
    hours=None,
    url="https://example.jp/",
    source="甲",
    as_of="2025-03-31",
    verified=False,
)
FULL = Memory(("一", "二"), "質問", "question", (OFFICE,), "相談", "待ち", Lang.EN, Lang.JA_EASY, NOW)


@pytest.fixture(params=["process", "sqlite", "postgresql"])
def remembering(request, tmp_path):
    """A function that opens the store for one unit of work."""
    if request.param == "process":
        store = Conversations()
        yield lambda use: use(store)
        return
    url = f"sqlite:///{tmp_path / 'r.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = open_database(url, tmp_path)

    def use_store(use):
        with database.work() as work:
            return use(work.memories)

    yield use_store
    database.close()


def test_what_is_remembered_comes_back_whole(remembering):
    remembering(lambda store: store.remember("t", FULL))
    assert remembering(lambda store: store.recall("t", NOW)) == FULL
    assert remembering(lambda store: store.recall("other", NOW)) == Memory()
    remembering(lambda store: store.remember("t", Memory(said=("三",), at=NOW)))
    assert remembering(lambda store: store.recall("t", NOW)) == Memory(said=("三",), at=NOW)


def test_it_is_forgotten_after_a_while_or_at_once(remembering):
    remembering(lambda store: store.remember("t", FULL))
    assert remembering(lambda store: store.recall("t", NOW + FORGET_AFTER)) == FULL
    assert remembering(lambda store: store.recall("t", NOW + FORGET_AFTER + timedelta(seconds=1))) == Memory()
    remembering(lambda store: store.forget("t"))
    remembering(lambda store: store.forget("unknown"))
    assert remembering(lambda store: store.recall("t", NOW)) == Memory()


def test_a_restart_forgets_nothing(database_url, tmp_path):
    for wanted in (Memory(), FULL):
        database = open_database(database_url, tmp_path)
        with database.work() as work:
            assert work.memories.recall("t", NOW) == wanted
            work.memories.remember("t", FULL)
        database.close()


def test_a_memory_of_another_version_is_none(database):
    with database.work() as work:
        work.memories.remember("t", FULL)
        work.write(update(conversations).values(memory={"said": 7}))
    with database.work() as work:
        assert work.memories.recall("t", NOW) == Memory()


def test_drafts_lapse_and_languages_stay(database):
    clock = database.now = HandClock()
    with database.work() as work:
        work.memories.keep_draft("t", {"place": "余市町"}, clock() + timedelta(hours=24))
        work.memories.choose_lang("t", "ja-easy")
        work.memories.remember("t", FULL)
    clock.go(24 * 3600 - 1)
    with database.work() as work:
        assert work.memories.draft("t") == {"place": "余市町"}
        assert work.memories.draft("other") is None
    clock.go(1)
    with database.work() as work:
        assert work.memories.draft("t") is None
        assert work.memories.lang("t") == "ja-easy"


def test_purging_erases_what_is_forgotten(database):
    clock = database.now = HandClock()
    with database.work() as work:
        work.memories.remember("a", FULL)
        work.memories.remember("b", FULL)
        work.memories.choose_lang("b", "en")
        work.memories.keep_draft("c", {"x": 1}, clock() + timedelta(minutes=40))
    clock.go(31 * 60)
    with database.work() as work:
        assert work.memories.purge() == 1
        columns = conversations.c
        kept = work.fetch(select(columns.thread, columns.memory, columns.draft, columns.lang).order_by(columns.thread))
        assert kept == [("b", None, None, "en"), ("c", None, {"x": 1}, None)]
    clock.go(10 * 60)
    with database.work() as work:
        assert work.memories.purge() == 1
