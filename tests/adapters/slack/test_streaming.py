"""While an answer is made: a status, and with a chat model its sentences; in the end one whole message, once."""

import pytest
from slack_server import Fault, channel_message, direct_message

from adapters.slack.arriving import event_of
from adapters.slack.parsing import parse
from adapters.slack.platform import build
from adapters.slack.streaming import markdown
from bot.post import Outgoing, UncertainError

STATUS, START, APPEND = "assistant.threads.setStatus", "chat.startStream", "chat.appendStream"


@pytest.fixture
def writing(settings_for):
    """A platform with a chat model."""
    return build(settings_for(chat_model="ollama:some"))


def asked(server, text="余市町の朝市はいつですか"):
    (heard,) = parse(event_of(channel_message(server, "U0TARO", f"<@U0BOT> {text}")))
    return heard


def answer(heard, text="一つ目です。\n二つ目です。", **more):
    payload = {"text": text, "buttons": [], "via": dict(heard.via), **more}
    return Outgoing(heard.message.thread, f"reply:{heard.message.key}", payload)


def test_a_status_below_the_question(slack, server):
    heard = asked(server)
    assert slack.working(heard) is None  # no chat model: the answer is there at once
    ((_, named),) = [call for call in server.calls if call[0] == STATUS]
    assert (named["channel_id"], named["thread_ts"]) == ("C0TOWN", heard.via["ts"])


def test_a_refused_status_is_not_tried_again(slack, server):
    server.missing = {STATUS}
    slack.working(asked(server))
    slack.working(asked(server))
    assert server.count(STATUS) == 1


def test_a_status_that_fails_harms_nothing(slack, server):
    server.faults[STATUS] = [Fault(drop=True), Fault(status=500, body="")]
    assert [slack.working(asked(server)) for _ in range(3)] == [None] * 3
    assert server.count(STATUS) == 3


def test_no_status_where_it_would_stay(slack, server):
    """In direct messages without threads no post below the question would clear it."""
    (heard,) = parse(event_of(direct_message(server, "U0TARO", "こんにちは")))
    slack.working(heard)
    assert server.count(STATUS) == 0
    slack._directs.threaded = True
    slack.working(heard)
    assert server.count(STATUS) == 1


def test_sentences_are_shown_and_the_whole_takes_their_place(writing, server):
    heard = asked(server)
    sink = writing.working(heard)
    sink("一つ目です。")
    sink("\n二つ目です。")
    (shown,) = server.posts
    assert (shown["text"], shown["streaming"], shown["thread_ts"]) == (
        "一つ目です。\n二つ目です。",
        True,
        heard.via["ts"],
    )
    ts = writing.send(answer(heard))
    assert ts == shown["ts"]
    assert len(server.posts) == 1
    assert (shown["streaming"], shown["text"], bool(shown["blocks"])) == (False, "一つ目です。\n二つ目です。", True)
    assert writing.find(answer(heard)) == ts


def test_without_that_method_the_answer_is_plain(writing, server):
    server.missing = {START}
    heard = asked(server)
    sink = writing.working(heard)
    sink("一つ目です。")
    sink("二つ目です。")
    assert writing.working(asked(server)) is None
    writing.send(answer(heard))
    assert server.count(START) == 1
    assert server.said("C0TOWN") == ["一つ目です。\n二つ目です。"]


@pytest.mark.parametrize("fault", [Fault(drop=True), Fault(status=500, body=""), Fault(error="internal_error")])
def test_a_stream_that_breaks_off_is_made_whole(writing, server, fault):
    heard = asked(server)
    sink = writing.working(heard)
    sink("一つ目です。")
    server.faults[APPEND] = [fault]
    sink("\n二つ目です。")
    sink("\n三つ目です。")
    assert server.count(APPEND) == 1
    writing.send(answer(heard))
    assert server.said("C0TOWN") == ["一つ目です。\n二つ目です。"]


def test_a_streamed_message_that_was_deleted_is_posted_anew(writing, server):
    heard = asked(server)
    writing.working(heard)("一つ目です。")
    server.posts.clear()
    writing.send(answer(heard))
    assert server.said("C0TOWN") == ["一つ目です。\n二つ目です。"]


def test_where_the_end_is_uncertain_it_is_the_same_message_that_is_finished(writing, server):
    heard = asked(server)
    writing.working(heard)("一つ目です。")
    server.faults["chat.update"] = [Fault(drop=True)]
    with pytest.raises(UncertainError):
        writing.send(answer(heard))
    assert writing.find(answer(heard)) is None
    writing.send(answer(heard))
    assert len(server.posts) == 1


def test_words_are_not_read_as_markdown():
    assert markdown("*a* _b_ [c](d) `e` # f <!channel>") == r"\*a\* \_b\_ \[c\](d) \`e\` \# f &lt;!channel&gt;"
