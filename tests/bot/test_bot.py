"""Bot.reply on the real directory, triage and texts, with a retriever of a few lines."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from adapters.database.schema import conversations
from bot.bot import Bot
from bot.conversation import Conversations
from bot.limiting import PER_MINUTE, RateLimit
from bot.message import Lang, Message, ReplyStatus
from knowledge.entities import Hit, Passage

TEXT = "甲のつどい\n甲のつどいは、令和6年10月5日に開かれ、30人が参加しました。"


class OnePassage:
    """Always finds the same passage."""

    def search(self, question, k=10, kind=None):
        passage = Passage("p", TEXT, "つどいの記録\n甲のつどい\n", "つどいの記録", "", "a.md", date="2024-10")
        return [Hit(passage, 1.0, 0.6, 8.0)]

    def read(self, question):
        return question

    def idf(self, word):
        return 0.5 if word in TEXT else 1.0

    def likeness(self, question, texts):
        return [0.5] * len(texts)


class Broken(OnePassage):
    def search(self, question, k=10, kind=None):
        raise RuntimeError("secret 000-111-2222")


@pytest.fixture
def bot(parts):
    return Bot(retriever=OnePassage(), **parts)


def test_an_answer_is_cited_with_the_very_words(bot):
    reply = bot.reply(Message("甲のつどいはいつ開かれましたか"))
    assert reply.status is ReplyStatus.ANSWERED
    assert "令和6年10月5日" in reply.text
    assert "[1]" in reply.text
    assert reply.citations[0].passage == TEXT
    assert reply.retrieved[0].text == TEXT


def test_a_follow_up_keeps_its_matter_in_its_own_thread_only(bot):
    bot.reply(Message("甲のつどいはいつ開かれましたか", thread="a"))
    assert "30人" in bot.reply(Message("何人でしたか?", thread="a")).text


def test_a_place_given_later_completes_the_consultation(bot):
    asked = bot.reply(Message("空き家を使った交流の場を作りたい。どこに相談すればいいですか", thread="c"))
    assert asked.status is ReplyStatus.ASK_PLACE
    routed = bot.reply(Message("深川市です", thread="c"))
    assert routed.status is ReplyStatus.ROUTED
    assert routed.route.bureau == "札幌開発建設部"
    phone = bot.reply(Message("そこの電話番号は?", thread="c"))
    assert "011-611-0281" in phone.text


def test_another_year_is_not_answered_and_names_the_year_it_has(bot):
    reply = bot.reply(Message("令和5年の甲のつどいには何人参加しましたか"))
    assert reply.status is ReplyStatus.NO_SOURCE
    assert "令和6年" in reply.text
    assert reply.citations == ()


def test_a_fault_becomes_one_sentence_and_no_words_reach_log_or_resident(parts, caplog, capsys):
    reply = Bot(retriever=Broken(), **parts).reply(Message("甲のつどいはいつ開かれましたか"))
    assert reply.status is ReplyStatus.ERROR
    printed = capsys.readouterr()
    seen = reply.text + caplog.text + printed.out + printed.err
    assert "RuntimeError" in caplog.text
    assert "000-111-2222" not in seen
    assert "甲のつどい" not in seen


HURRIED = {
    Lang.JA: "甲のつどいはいつですか",
    Lang.JA_EASY: "おたるの みなとは いつ できましたか。",
    Lang.EN: "When was the meeting held?",
    Lang.ZH: "什么时候举行的？",
}


@pytest.mark.parametrize("lang", Lang)
def test_the_sixteenth_message_in_a_minute_is_limited_and_an_emergency_never(parts, lang):
    clock = [datetime(2026, 11, 21, tzinfo=UTC)]
    bot = Bot(retriever=OnePassage(), **{**parts, "clock": lambda: clock[0]}, limit=RateLimit())
    replies = [bot.reply(Message(HURRIED[lang], thread=f"{n}", user="a")) for n in range(16)]
    assert [reply.status is ReplyStatus.LIMITED for reply in replies] == [False] * 15 + [True]
    assert replies[-1].lang is lang
    assert str(PER_MINUTE) in replies[-1].text
    assert bot.reply(Message("家が燃えています", user="a")).status is ReplyStatus.EMERGENCY
    assert bot.reply(Message(HURRIED[lang], user="b")).status is not ReplyStatus.LIMITED
    clock[0] += timedelta(minutes=1)
    assert bot.reply(Message(HURRIED[lang], user="a")).status is not ReplyStatus.LIMITED


PERSONAL = ("090-0000-0000", "name@example.jp", "0丁目00番地", "山田太郎", "123456789018", "4111 1111 1111 1111")


def test_nothing_personal_is_remembered_or_logged(bot, caplog):
    caplog.set_level("DEBUG")
    memories = Conversations()
    said = (
        "私は山田太郎です。余市町黒川町0丁目00番地の空き家を交流の場にしたい。連絡先は090-0000-0000、name@example.jp。"
        "どこに相談すればいいですか",
        "甲のつどいはいつ開かれましたか。マイナンバーは123456789018、カードは4111 1111 1111 1111です",
        "そこには何人いましたか。電話は090-0000-0000です",
        "空き家を使った交流の場を作りたい。name@example.jpへ。どこに相談すればいいですか",
    )
    for text in said:
        bot.reply(Message(text, thread="p"), memories=memories)
        kept = repr(vars(memories)) + caplog.text
        assert [personal for personal in PERSONAL if personal in kept] == []
    assert "余市町黒川町〔〕の空き家" in repr(vars(memories))


def test_a_personal_number_does_not_change_what_follows(bot):
    plain = ("甲のつどいはいつ開かれましたか", "何人でしたか?")
    told = ("甲のつどいはいつ開かれましたか。連絡先は090-0000-0000です", "何人でしたか?")
    first, second = [
        [bot.reply(Message(text, thread=name)) for text in turns] for name, turns in (("q", plain), ("r", told))
    ]
    assert first[1].text == second[1].text


def test_streaming_hands_over_the_text(bot):
    said = []
    reply = bot.reply(Message("こんにちは"), on_sentence=said.append)
    assert said == [reply.text]
    assert reply.lang is Lang.JA


@pytest.mark.parametrize(
    "text", ["", " ", "?", "。。。", "🍀", "\x00", "\u202e\u200b", "あ" * 3000, "<b>&</b>", "{name}", "%s %d"]
)
def test_odd_messages_get_a_reply_and_no_fault(bot, text):
    reply = bot.reply(Message(text))
    assert reply.text
    assert reply.status is not ReplyStatus.ERROR


def test_what_is_remembered_in_the_database_outlives_the_bot_and_is_masked(parts, database, tmp_path):
    with database.work() as work:
        first = Bot(retriever=OnePassage(), **parts)
        first.reply(Message("電話は090-0000-0000です。甲のつどいはいつ開かれましたか", "t"), memories=work.memories)
    with database.work() as work:
        second = Bot(retriever=OnePassage(), **parts)
        assert "30人" in second.reply(Message("何人でしたか?", "t"), memories=work.memories).text
        (stored,) = work.fetch(select(conversations.c.memory))
    assert "つどい" in str(stored)
    assert "090" not in str(stored)
