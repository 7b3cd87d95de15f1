"""Posting through the real SDK to a local Slack: once each, whatever Slack answers."""

import socket

import pytest
from slack_server import Fault, slack_server

from adapters.pacing import Pace
from adapters.slack.addresses import Address, address_of
from adapters.slack.lanes import MAX_WAIT, Lanes
from adapters.slack.platform import build
from adapters.slack.private import trusted
from adapters.slack.sending import hashed
from bot.post import (
    NoReadBackError,
    Outgoing,
    PermanentError,
    RetryLaterError,
    UncertainError,
    UnreachableError,
)

POST = "chat.postMessage"


def message(text="お答えします", key="reply:1", to="slack:C0TOWN/1700.0001", **more):
    return Outgoing(to, key, {"text": text, "buttons": [], **more})


# ── where it goes ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("destination", "payload", "address"),
    [
        ("slack:C0TOWN", {}, Address("C0TOWN")),
        ("slack:C0TOWN/17.1", {}, Address("C0TOWN", "", "17.1")),
        ("slack:C0TOWN", {"below": "k", "below_id": "17.2"}, Address("C0TOWN", "", "17.2")),
        ("slack:C0TOWN", {"below": "k", "below_id": None}, Address("C0TOWN")),
        ("slack:U0TARO", {}, Address("", "U0TARO")),
        ("slack:U0TARO", {"via": {"channel": "D0TARO", "ts": "17.3"}}, Address("D0TARO", "U0TARO")),
        ("slack:U0TARO", {"via": {"channel": "D0TARO", "thread_ts": "17.3"}}, Address("D0TARO", "U0TARO", "17.3")),
        (
            "slack:U0TARO",
            {"to": "slack:U0TARO", "via": {"channel": "C0TOWN", "response_url": "https://x"}},
            Address("C0TOWN", "U0TARO", "", "https://x", private=True),
        ),
        (
            "slack:C0OTARU",
            {"to": "slack:U0STAFF", "below_id": "17.4", "via": {"channel": "C0OTARU"}},
            Address("C0OTARU", "U0STAFF", "17.4", private=True),
        ),
    ],
)
def test_addresses(destination, payload, address):
    assert address_of(Outgoing(destination, "k", payload)) == address


def test_a_direct_message_is_answered_in_its_thread_where_slack_shows_threads():
    outgoing = Outgoing("slack:U0TARO", "k", {"via": {"channel": "D0TARO", "ts": "17.3"}})
    assert address_of(outgoing, threaded=True).thread == "17.3"


def test_a_message_in_a_thread_without_previews_of_links(slack, server):
    ts = slack.send(message())
    (posted,) = server.posts
    assert (posted["channel"], posted["thread_ts"], posted["ts"]) == ("C0TOWN", "1700.0001", ts)
    assert posted["unfurl_links"] in ("0", False)
    assert posted["metadata"]["event_payload"]["key"] == hashed("reply:1")
    assert "reply:1" not in str(posted["metadata"])


def test_a_person_is_written_to_in_the_direct_channel(slack, server):
    slack.send(message(to="slack:U0TARO"))
    slack.send(message(to="slack:U0TARO", key="reply:2"))
    assert [post["channel"] for post in server.posts] == ["D0TARO", "D0TARO"]
    assert server.count("conversations.open") == 1


def test_without_the_right_to_open_it_slack_finds_the_channel_itself(slack, server):
    server.faults["conversations.open"] = [Fault(error="missing_scope")]
    slack.send(message(to="slack:U0TARO"))
    assert [post["channel"] for post in server.posts] == ["D0TARO"]


def test_a_card_is_posted_spoken_of_below_and_edited(slack, server):
    card = slack.send(Outgoing("slack:C0OTARU", "c", {"text": "【相談】担当待ち", "card": "7KM-4PX-A9R"}))
    slack.send(Outgoing("slack:C0OTARU", "l", {"text": "催促", "below": "c", "below_id": card}))
    edited = slack.send(Outgoing("slack:C0OTARU", "e", {"text": "【相談】担当", "edits": "c", "edits_id": card}))
    assert edited == card
    assert [(p["text"], p.get("thread_ts")) for p in server.posts] == [("【相談】担当", None), ("催促", card)]


def test_a_card_that_is_gone_is_posted_anew(slack, server):
    slack.send(Outgoing("slack:C0OTARU", "e", {"text": "【相談】担当", "edits": "c", "edits_id": "17.99"}))
    assert server.said("C0OTARU") == ["【相談】担当"]


def test_what_is_edited_later_is_no_ephemeral_message(slack, server):
    via = {"channel": "C0TOWN", "response_url": f"{server.hooks}1"}
    first = slack.send(Outgoing("slack:U0TARO", "p", {"text": "0%", "keep": True, "to": "slack:U0TARO", "via": via}))
    slack.send(Outgoing("slack:U0TARO", "q", {"text": "100%", "edits": "p", "edits_id": first, "via": via}))
    assert server.said("D0TARO") == ["100%"]
    assert server.ephemeral == []


def test_a_home_page(slack, server):
    slack.send(Outgoing("slack:U0TARO", "h", {"text": "使い方です", "home": True, "to": "slack:U0TARO"}))
    assert server.homes["U0TARO"]["type"] == "home"
    assert slack.find(Outgoing("slack:U0TARO", "h", {"text": "使い方です", "home": True})) is None
    assert server.posts == []


# ── for one person's eyes ────────────────────────────────────────────────────────────────────────────────────────────


def private(server, hook="1", channel="C0TOWN"):
    via = {"channel": channel, "response_url": f"{server.hooks}{hook}"}
    return Outgoing("slack:U0TARO", "p", {"text": "あなただけに", "to": "slack:U0TARO", "via": via})


def test_a_command_is_answered_at_its_own_address(slack, server):
    slack.send(private(server))
    (said,) = server.ephemeral
    assert (said["hook"], said["response_type"], said["text"]) == ("1", "ephemeral", "あなただけに")


def test_an_address_that_is_no_longer_good_is_followed_by_an_ephemeral_message(slack, server):
    slack.send(private(server, hook="old"))
    assert [(e["channel"], e["user"]) for e in server.ephemeral] == [("C0TOWN", "U0TARO")]


def test_where_the_bot_is_no_member_the_direct_channel_is_used(slack, server):
    slack.send(private(server, hook="old", channel="C0UNKNOWN"))
    assert server.said("D0TARO") == ["あなただけに"]
    assert server.ephemeral == []


def test_what_only_one_person_sees_is_never_said_to_all(slack, server):
    server.faults["chat.postEphemeral"] = [Fault(error="fatal_error")]
    with pytest.raises(UncertainError):
        slack.send(private(server, hook="old"))
    assert server.posts == []
    with pytest.raises(NoReadBackError):
        slack.find(private(server))


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.slack.com/commands/1/2", True),
        ("https://hooks.slack-gov.com/commands/1", True),
        ("http://hooks.slack.com/commands/1", False),
        ("https://slack.com.example.jp/commands", False),
        ("http://169.254.169.254/latest", False),
        ("http://127.0.0.1:9999/hooks", True),
        ("", False),
    ],
)
def test_answers_go_to_slack_alone(url, good):
    assert trusted(url, "http://127.0.0.1:8000/api/") is good
    assert trusted("http://127.0.0.1:9/x", "https://slack.com/api/") is False


# ── how it fails ─────────────────────────────────────────────────────────────────────────────────────────────────────

FAILURES = [
    (Fault(error="channel_not_found"), PermanentError),
    (Fault(error="not_in_channel"), PermanentError),
    (Fault(error="is_archived"), PermanentError),
    (Fault(error="invalid_auth"), PermanentError),
    (Fault(error="token_revoked"), PermanentError),
    (Fault(error="missing_scope"), PermanentError),
    (Fault(error="cannot_dm_bot"), PermanentError),
    (Fault(error="ratelimited", status=429, headers={"Retry-After": "30"}), RetryLaterError),
    (Fault(status=429, body=""), RetryLaterError),
    (Fault(error="ratelimited"), RetryLaterError),
    (Fault(error="internal_error"), UncertainError),
    (Fault(error="fatal_error"), UncertainError),
    (Fault(status=500, body="<html>500</html>", headers={"Content-Type": "text/html"}), UncertainError),
    (Fault(status=503, body=""), UncertainError),
    (Fault(body=""), UncertainError),
    (Fault(body='{"ok": tr'), UncertainError),
    (Fault(body="[1, 2]"), UncertainError),
    (Fault(body='"text"'), UncertainError),
    (Fault(drop=True), UncertainError),
    (Fault(drop=True, done=True), UncertainError),
    (Fault(error="a_word_of_tomorrow"), UnreachableError),
]


@pytest.mark.parametrize(("fault", "kind"), FAILURES)
def test_faults(slack, server, fault, kind):
    server.faults[POST] = [fault]
    with pytest.raises(kind) as caught:
        slack.send(message("秘密の相談です"))
    assert "秘密" not in str(caught.value)
    assert "xoxb" not in str(caught.value)
    assert server.count(POST) == 1  # the SDK itself tries nothing again


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30.0), ("-5", 1.0), ("86400", 300.0), ("abc", None), (None, None), ("nan", None), ("0.5", 1.0)],
)
def test_odd_waits_are_bounded(slack, server, header, seconds):
    server.faults[POST] = [Fault(status=429, error="ratelimited", headers={"Retry-After": header} if header else {})]
    with pytest.raises(RetryLaterError) as caught:
        slack.send(message())
    assert caught.value.seconds == seconds


def test_a_wait_holds_the_whole_channel_and_no_other(slack, server):
    server.faults[POST] = [Fault(status=429, error="ratelimited", headers={"Retry-After": "30"})]
    with pytest.raises(RetryLaterError):
        slack.send(message())
    with pytest.raises(RetryLaterError) as caught:
        slack.send(message(to="slack:C0TOWN/1700.0002", key="reply:2"))
    assert 25 < caught.value.seconds <= 30
    slack.send(message(to="slack:C0OTHER/1700.0003", key="reply:3"))
    assert server.count(POST) == 2


def test_slack_out_of_reach(settings_for):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    platform = build(settings_for(slack_api_url=f"http://127.0.0.1:{port}/api/"))
    with pytest.raises(UnreachableError):
        platform.send(message())


# ── looked up ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("to", ["slack:C0TOWN/1700.0001", "slack:C0OTARU", "slack:U0TARO"])
def test_what_was_posted_before_the_connection_broke_is_found(slack, server, to):
    server.faults[POST] = [Fault(drop=True, done=True)]
    with pytest.raises(UncertainError):
        slack.send(message(to=to))
    assert slack.find(message(to=to)) == server.posts[0]["ts"]
    assert slack.find(message(to=to, key="reply:other")) is None


@pytest.mark.parametrize(("then", "now"), [(True, False), (False, True)])
def test_a_direct_answer_is_found_whether_or_not_threads_were_shown(slack, server, then, now):
    answer = Outgoing("slack:U0TARO", "k", {"text": "答え", "via": {"channel": "D0TARO", "ts": "17.3"}})
    slack._directs.threaded = then
    ts = slack.send(answer)
    slack._directs.threaded = now
    assert slack.find(answer) == ts


def test_what_was_not_posted_is_not_found(slack, server):
    server.faults[POST] = [Fault(drop=True)]
    with pytest.raises(UncertainError):
        slack.send(message())
    assert slack.find(message()) is None


def test_it_is_found_behind_many_others(slack, server):
    first = slack.send(message(key="reply:first"))
    (own,) = server.posts
    others = [{**own, "ts": f"18.{n}", "metadata": {}} for n in range(450)]
    server.posts = [*others, own]
    assert slack.find(message(key="reply:first")) == first
    assert server.count("conversations.replies") == 3


@pytest.mark.parametrize("error", ["missing_scope", "not_allowed_token_type", "unknown_method"])
def test_without_the_right_to_read_back_it_says_so(slack, server, error):
    server.faults["conversations.replies"] = [Fault(error=error)]
    with pytest.raises(NoReadBackError):
        slack.find(message())


def test_read_back_that_fails_for_now_is_tried_again(slack, server):
    server.faults["conversations.replies"] = [Fault(error="ratelimited", status=429, headers={"Retry-After": "7"})]
    with pytest.raises(RetryLaterError):
        slack.find(message())


LONG = "とても長い文です。" * 2000


def test_a_long_message_is_several_and_each_once(slack, server):
    first = slack.send(message(LONG))
    assert len(server.posts) == 3
    assert server.posts[0]["ts"] == first
    assert "".join(server.said("C0TOWN")).replace("\n", "") == LONG
    assert slack.find(message(LONG)) == first


def test_a_long_message_cut_in_the_middle_goes_on_where_it_broke_off(slack, server):
    server.faults[POST] = [Fault(done=True), Fault(error="ratelimited", status=429)]
    with pytest.raises(UncertainError):
        slack.send(message(LONG))
    assert len(server.posts) == 1
    assert slack.find(message(LONG)) is None
    first = slack.send(message(LONG))
    assert "".join(server.said("C0TOWN")).replace("\n", "") == LONG
    assert server.posts[0]["ts"] == first


# ── looks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

MARKS = [{"action": "feedback", "label": name, "value": f"a:1:{name}"} for name in ("good", "bad")]


def test_a_workspace_without_feedback_buttons_gets_plain_ones(slack, server):
    server.refuses = {"context_actions"}
    slack.send(message(buttons=MARKS))
    slack.send(message(buttons=MARKS, key="reply:2"))
    assert [post["blocks"][-1]["type"] for post in server.posts] == ["actions", "actions"]
    assert server.count(POST) == 3  # it is learned once


def test_a_workspace_that_takes_no_blocks_gets_the_text(slack, server):
    server.refuses = {"context_actions", "rich_text", "section", "actions"}
    slack.send(message(buttons=MARKS))
    assert server.said("C0TOWN") == ["お答えします"]
    assert "blocks" not in server.posts[0]


# ── pace ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    """Stands, but for who sleeps."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_a_burst_of_three_then_one_a_second_per_channel():
    clock = Clock()
    lanes = Lanes(Pace(1.0, 3), lambda: clock.now, clock.sleep)
    for _ in range(6):
        lanes.enter("C0TOWN")
    assert clock.slept == [1.0, 1.0, 1.0]
    lanes.enter("C0OTHER")
    assert len(clock.slept) == 3


def test_who_would_wait_too_long_goes_back_to_the_outbox():
    clock = Clock()
    lanes = Lanes(Pace(1.0, 3), lambda: clock.now, clock.sleep)
    lanes.hold("C0TOWN", 60)
    with pytest.raises(RetryLaterError) as caught:
        lanes.enter("C0TOWN")
    assert caught.value.seconds == 60
    clock.now += 60 - MAX_WAIT
    lanes.enter("C0TOWN")
    assert clock.slept == [MAX_WAIT]


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_doctor_is_content_or_names_what_is_missing(slack, server):
    assert [good for good, _ in slack.examine()] == [True, True, True]
    server.scopes = "chat:write,commands,im:history"
    bad = [words for good, words in slack.examine() if not good]
    assert len(bad) == 1
    assert all(name in bad[0] for name in ("app_mentions:read", "channels:history", "groups:history", "im:write"))
    server.faults["apps.connections.open"] = [Fault(error="missing_scope")]
    assert "connections:write" in slack.examine()[-1][1]


def test_doctor_on_a_wrong_token(settings_for):
    with slack_server() as other:
        wrong = build(settings_for(slack_api_url=other.url, slack_bot_token="xoxb-wrong"))
        (finding, _) = wrong.examine()
    assert not finding[0]
    assert "invalid_auth" in finding[1]
    assert "xoxb" not in finding[1]
