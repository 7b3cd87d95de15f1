"""Jobs on the index: in a process of their own, told in one message, and no office loses its documents by one."""

import json

import pytest

from adapters import jobs as jobs_module
from adapters import wiring
from adapters.database.opening import open_database
from adapters.jobs import Jobs
from adapters.reindexing import known_sources
from adapters.settings import Settings
from bot.texts import Texts


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "store"
    wiring.build_index(Settings(store_dir=folder, _env_file=None))
    return folder


@pytest.fixture
def jobs(store, tmp_path):
    database = open_database(None, tmp_path)
    made = Jobs(store, database, Texts.load())
    yield made
    made.stop()
    database.close()


def told(jobs) -> list[dict]:
    with jobs._database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT payload FROM outbox ORDER BY id").all()
    return [json.loads(payload) for (payload,) in rows]


def test_the_documents_indexed_last_are_indexed_again(jobs, store, tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "計画.md").write_text("# 計画\n\n余市町の朝市を続けるための計画です。\n", encoding="utf-8")
    wiring.build_index(Settings(store_dir=store, _env_file=None), [papers])
    assert known_sources(store) == [papers]
    before = (store / "CURRENT").read_text()
    (papers / "計画.md").write_text("# 計画\n\n余市町の夕市を続けるための計画です。\n", encoding="utf-8")
    jobs.start("reindex", "", "slack:U1", "reply:1").join(120)
    assert (store / "CURRENT").read_text() != before
    last = told(jobs)[-1]
    assert last["edits"] == "reply:1"
    assert "資料 1 件" in last["text"]
    jobs.start("rollback", "", "slack:U1", "reply:2").join(120)
    assert (store / "CURRENT").read_text() == before
    assert before.strip() in told(jobs)[-1]["text"]


def test_where_nobody_knows_the_documents_nothing_is_made(jobs, store, tmp_path):
    (tmp_path / "own.md").write_text("# 計画\n\n余市町の朝市を続けるための計画です。\n", encoding="utf-8")
    wiring.build_index(Settings(store_dir=store, _env_file=None), [tmp_path / "own.md"])
    (store / "SOURCES").unlink()
    before = (store / "CURRENT").read_text()
    jobs.start("reindex", "", "slack:U1", "reply:1").join(120)
    assert (store / "CURRENT").read_text() == before
    assert "`renkei index" in told(jobs)[-1]["text"]


def test_an_index_of_bundled_documents_needs_no_note(store):
    (store / "SOURCES").unlink()
    assert known_sources(store) == []


def test_a_generation_that_is_not_there_is_named(jobs, store):
    jobs.start("rollback", "20200101T000000Z-00000000", "slack:U1", "reply:1").join(120)
    assert "20200101T000000Z-00000000 はありません" in told(jobs)[-1]["text"]


def test_a_process_that_is_killed_is_told_and_changes_nothing(jobs, store, monkeypatch):
    before = (store / "CURRENT").read_text()
    monkeypatch.setattr(jobs_module.sys, "executable", "/bin/false")
    jobs.start("reindex", "", "slack:U1", "reply:1").join(120)
    assert (store / "CURRENT").read_text() == before
    assert "途中で止まりました" in told(jobs)[-1]["text"]


def test_one_job_at_a_time(jobs):
    with jobs._turn:
        jobs.start("reindex", "", "slack:U1", "reply:1").join(120)
    assert "別の索引の作業" in told(jobs)[-1]["text"]
