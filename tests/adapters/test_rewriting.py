"""Other words for a question through the real langchain-openai client, against a server on this machine."""

import logging

import pytest
from chat_server import chat_server

from adapters.breaker import Breaker
from adapters.llm import build_chat_model
from adapters.rewriting import MAX_CHARACTERS, ChatModelRewriter
from adapters.settings import load_settings
from adapters.wiring import build_rewriter

LIMIT = 1.0


@pytest.fixture(scope="module")
def server():
    with chat_server() as running:
        yield running


@pytest.fixture
def rewriter(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")

    def make(mode, mask=lambda text: text, breaker=None):
        return ChatModelRewriter(build_chat_model(f"openai:{mode}", server.url, LIMIT), mask=mask, breaker=breaker)

    return make


def says(words):
    return f"says-{words.encode().hex()}"


def test_a_question_comes_back_in_other_words(rewriter, server):
    words = "空き家を改修する費用の助成はいつ始まりましたか"
    assert rewriter(says(f"{words}\n")).rewrite("それはいつから", "空き家の助成は何件ですか", 30) == words
    assert "それはいつから" in server.prompt
    assert "空き家の助成は何件ですか" in server.prompt


def test_more_than_one_line_is_no_question(rewriter):
    assert rewriter(says("空き家の助成\n数字は30件です")).rewrite("空き家", "", 30) == ""


def test_what_is_sent_is_masked(rewriter, server):
    mask = lambda text: text.replace("山田花子", "＊＊")  # noqa: E731
    rewriter(says("空き家の助成"), mask).rewrite("山田花子です。空き家は", "前にも聞いた山田花子です", 30)
    assert "山田花子" not in str(server.requests[-1])
    assert server.prompt.count("＊＊") == 2


@pytest.mark.parametrize(
    "mode", ["hang", "token", "trickle", "stuck", "blob", "garbage-1", "utf8", "json", "html", "empty", "midway"]
)
def test_a_broken_model_gives_no_words(rewriter, mode):
    assert rewriter(mode).rewrite("空き家の助成は", "", LIMIT) == ""


@pytest.mark.parametrize("mode", ["flood", "wide", "repeats"])
def test_a_flood_is_cut_off(rewriter, mode):
    assert len(rewriter(mode).rewrite("空き家の助成は", "", 20)) <= MAX_CHARACTERS


@pytest.mark.parametrize("mode", ["status-500", "status-503", "status-429", "status-401", "busy-86400"])
def test_a_refusing_model_is_asked_once(rewriter, server, mode):
    server.requests.clear()
    assert rewriter(mode).rewrite("空き家の助成は", "", 30) == ""
    assert len(server.requests) == 1


def test_a_dead_model_is_soon_left_alone(rewriter, server):
    breaker = Breaker(failures=2, clock=lambda: 0.0)
    for _ in range(4):
        rewriter("status-503", breaker=breaker).rewrite("空き家の助成は", "", 30)
    assert [request["model"] for request in server.requests[-2:]] == ["status-503"] * 2
    before = len(server.requests)
    assert rewriter(says("空き家"), breaker=breaker).rewrite("空き家の助成は", "", 30) == ""
    assert len(server.requests) == before


def test_no_key_and_no_words_reach_the_log(rewriter, caplog):
    caplog.set_level(logging.INFO)
    for mode in ("status-401", "json", "hang"):
        rewriter(mode).rewrite("合言葉は", "", LIMIT)
    assert "sk-secret" not in caplog.text
    assert "secret-words" not in caplog.text
    assert "合言葉" not in caplog.text


@pytest.mark.parametrize(("model", "allowed"), [(None, True), ("openai:some", False)])
def test_it_is_off_unless_a_model_is_set_and_the_setting_allows(model, allowed):
    assert build_rewriter(load_settings(chat_model=model, chat_rewrite=allowed), str) is None


def test_it_is_on_where_both_are(server, monkeypatch):
    settings = load_settings(chat_model="openai:some", chat_base_url=server.url, chat_rewrite=True)
    assert build_rewriter(settings, str) is not None
