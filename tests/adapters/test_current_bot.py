"""A bot that changes to a new generation between two replies, and stays where the new one cannot be used."""

import pytest

from adapters import wiring
from adapters.current_bot import CurrentBot
from adapters.settings import Settings
from bot.message import Message
from indexer.generations import rollback


@pytest.fixture
def settings(tmp_path):
    return Settings(store_dir=tmp_path / "store", _env_file=None)


@pytest.fixture
def bot(settings):
    wiring.build_index(settings)
    return CurrentBot(settings.store_dir, wiring.bot_maker(settings))


def reindex(settings, tmp_path, people):
    paper = tmp_path / "朝市.md"
    paper.write_text(f"# 朝市の記録\n\n余市町の朝市は、令和6年10月5日に開かれ、{people}人が参加しました。\n")
    wiring.build_index(settings, [paper])


def test_a_new_generation_answers_and_the_old_one_again_after_a_rollback(settings, bot, tmp_path):
    first = bot.index["id"]
    assert not bot.look()
    reindex(settings, tmp_path, 321)
    question = Message("余市町の朝市には何人が参加しましたか")
    assert "321人" not in bot.reply(question).text
    assert bot.look()
    assert "321人" in bot.reply(question).text
    rollback(settings.store_dir)
    assert bot.look()
    assert bot.index["id"] == first


def test_a_damaged_generation_is_left_alone_and_looked_at_once(settings, bot, tmp_path, caplog):
    first = bot.index["id"]
    reindex(settings, tmp_path, 321)
    name = (settings.store_dir / "CURRENT").read_text().strip()
    (settings.store_dir / "generations" / name / "passages.jsonl").write_text("damaged")
    assert not bot.look()
    assert bot.index["id"] == first
    assert bot.reply(Message("小樽港には令和6年度に何隻のクルーズ船が来ましたか")).citations
    assert not bot.look()
    assert sum("cannot be used" in record.getMessage() for record in caplog.records) == 1


def test_a_store_that_is_gone_for_a_moment_changes_nothing(settings, bot):
    (settings.store_dir / "CURRENT").unlink()
    assert not bot.look()
