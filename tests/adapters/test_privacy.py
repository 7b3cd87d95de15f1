"""Sixty messages with personal data, through the whole Bot with a chat model that records what it gets: none of it is
remembered, logged, or sent."""

import itertools
import logging

import pytest
from chat_server import chat_server
from test_llm import FORUM, QUESTION, Found

from adapters.llm import ChatModelWriter, build_chat_model
from adapters.rewriting import ChatModelRewriter
from bot.bot import Bot
from bot.conversation import Conversations
from bot.masking import Masker
from bot.message import Message
from bot.personal import fold

# What is said, and what of it must not be found anywhere afterwards. The numbers are reserved or made up.
PERSONAL = [
    ("電話は090-0000-0000です", "090-0000-0000"),
    ("携帯は０８０００００００００です", "08000000000"),
    ("+81 70 0000 0000に折り返してください", "70 0000 0000"),
    ("連絡先はhanako.canary@example.jpです", "hanako.canary"),
    ("メールはcanary_taro＠example.comまで", "canary_taro"),
    ("住所は余市町黒川町0丁目00番地の00です", "0丁目00番地"),
    ("〒000-0000 小樽市花園0-00-0に住んでいます", "0-00-0"),
    ("マイナンバーは123456789018です", "123456789018"),
    ("マイナンバーは1234 5678 9018です", "5678 9018"),
    ("カードは4111 1111 1111 1111です", "4111 1111"),
    ("カード番号は5555555555554444です", "5555555555554444"),
    ("私は山田花子です", "山田花子"),
    ("氏名は鈴木一郎です", "鈴木一郎"),
    ("名前は佐藤次郎といいます", "佐藤次郎"),
    ("私の名前は田中美咲です", "田中美咲"),
]
FRAMES = ["{p}。{q}", "{q}。{p}", "すみません、{p}。急ぎです。{q}", "{q}\n{p}\nよろしくお願いします"]
PLANTED = [(frame.format(p=said, q=QUESTION), secret) for frame, (said, secret) in itertools.product(FRAMES, PERSONAL)]


@pytest.fixture(scope="module")
def server():
    with chat_server() as running:
        yield running


@pytest.fixture
def talk(server, parts, monkeypatch):
    """A Bot with a chat model for answers and for other words, put together as adapters/wiring.py does."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
    mask = Masker.load(parts["texts"], parts["directory"], parts["gazetteer"])
    model = build_chat_model("openai:honest", server.url, 30)
    writer, rewriter = ChatModelWriter(model, mask=mask), ChatModelRewriter(model, mask=mask)
    return Bot(retriever=Found(FORUM), writer=writer, rewriter=rewriter, writer_seconds=30, **parts)


def test_sixty_planted_texts_leave_no_trace(talk, server, caplog):
    caplog.set_level(logging.DEBUG)
    server.requests.clear()
    memories = Conversations()
    for number, (text, _) in enumerate(PLANTED):
        talk.reply(Message(text, thread=f"{number}"), memories=memories)
        talk.reply(Message(f"それはどこでしたか。{text.partition('。')[0]}", thread=f"{number}"), memories=memories)
    sent = "\n".join(message["content"] for request in server.requests for message in request["messages"])
    kept = {"memory": repr(vars(memories)), "log": caplog.text, "model": sent}
    assert len(PLANTED) == 60
    assert len(server.requests) > len(PLANTED), "the model was not asked, so nothing is shown"
    assert "フォーラム" in kept["memory"]
    found = [(where, secret) for where, text in kept.items() for _, secret in PLANTED if secret in fold(text)]
    assert found == []
