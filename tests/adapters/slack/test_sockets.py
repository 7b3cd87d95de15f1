"""Socket Mode: the inbox first, then the acknowledgement; whatever becomes of the socket, nothing is lost."""

import threading

import pytest
from slack_server import Fault, direct_message, event

from adapters.slack import sockets
from adapters.slack.platform import build
from knowledge.errors import DatabaseError, PlatformError


class Inbox:
    """Takes each event once. `fails`: how many of the next it does not take."""

    def __init__(self):
        self.kept, self.keys, self.fails, self.asked = [], set(), 0, 0
        self.lock = threading.Lock()

    def receive(self, event):
        with self.lock:
            self.asked += 1
            if self.fails:
                self.fails -= 1
                raise DatabaseError("locked")
            if self.keys & set(event.keys):
                return False
            self.keys |= set(event.keys)
            self.kept.append(event)
            return True

    def texts(self):
        return [event.payload["body"]["event"]["text"] for event in self.kept]


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def open_slack(slack, server, inbox, wait):
    slack.start(inbox.receive)
    wait(slack.connected)
    wait(server.sockets.count)
    return slack


def test_what_is_committed_is_acknowledged(open_slack, server, inbox, wait):
    server.sockets.send(direct_message(server, "U0TARO", "こんにちは"))
    wait(lambda: server.sockets.acks)
    assert inbox.texts() == ["こんにちは"]
    assert server.sockets.unacked() == []


def test_what_is_not_committed_is_not_acknowledged_and_comes_again(open_slack, server, inbox, wait):
    inbox.fails = 1
    envelope = server.sockets.send(direct_message(server, "U0TARO", "こんにちは"))
    wait(lambda: inbox.asked == 1)
    server.sockets.send(direct_message(server, "U0TARO", "二つ目"))
    wait(lambda: len(server.sockets.acks) == 1)  # in order: the first was not acknowledged before
    assert server.sockets.unacked() == [envelope]
    server.sockets.resend(envelope)
    wait(lambda: not server.sockets.unacked())
    assert inbox.texts() == ["二つ目", "こんにちは"]


def test_a_lost_acknowledgement_has_no_second_effect(open_slack, server, inbox, wait):
    body = direct_message(server, "U0TARO", "こんにちは")
    for _ in range(4):
        server.sockets.send(body)
    wait(lambda: len(server.sockets.acks) == 4)
    assert len(inbox.kept) == 1


def test_what_is_said_first_comes_first(open_slack, server, inbox, wait):
    said = [f"{n}番目" for n in range(60)]
    for text in said:
        server.sockets.send(direct_message(server, "U0TARO", text))
    wait(lambda: len(server.sockets.acks) == len(said))
    assert inbox.texts() == said


def test_a_large_delivery_is_taken_whole(open_slack, server, inbox, wait):
    server.sockets.send(direct_message(server, "U0TARO", "長い文です。" * 40_000))
    wait(lambda: server.sockets.acks)
    assert len(inbox.texts()[0]) == 240_000


def test_odd_deliveries_do_not_close_the_door(open_slack, server, inbox, wait):
    for body in ({}, {"type": "event_callback", "event": []}, {"type": "block_actions", "actions": []}):
        server.sockets.send(body)
    server.sockets.send(event({"type": "a_kind_of_tomorrow"}))
    server.sockets.send(direct_message(server, "U0TARO", "まだいますか"))
    wait(lambda: inbox.kept)
    assert inbox.texts() == ["まだいますか"]


def play(server, inbox, wait, rounds, trouble, each=10):
    """Messages, and in the midst of them `trouble`; what is not acknowledged is delivered again, as Slack does."""
    for n in range(rounds):
        wait(lambda: server.sockets.count() == 1)
        opened = server.sockets.opened
        for m in range(each):
            server.sockets.send(direct_message(server, "U0TARO", f"{n}-{m}"))
            if m == each // 2:
                trouble()
        wait(lambda before=opened: server.sockets.opened > before)
        wait(lambda: _again(server))
    expected = {f"{n}-{m}" for n in range(rounds) for m in range(each)}
    assert set(inbox.texts()) == expected
    assert len(inbox.texts()) == len(expected)


def _again(server):
    for envelope in server.sockets.unacked():
        server.sockets.resend(envelope)
    return not server.sockets.unacked()


def test_refreshed_under_load(open_slack, server, inbox, wait):
    play(server, inbox, wait, 3, server.sockets.refresh)


def test_cut_under_load(open_slack, server, inbox, wait):
    play(server, inbox, wait, 2, server.sockets.cut)


@pytest.mark.full
def test_refreshed_20_times_and_cut_10_times_under_load(open_slack, server, inbox, wait):
    play(server, inbox, wait, 20, server.sockets.refresh, each=40)
    inbox.kept.clear()
    play(server, inbox, wait, 10, server.sockets.cut, each=40)


def test_the_next_socket_opens_before_the_last_is_closed(open_slack, server, wait):
    seen = []
    issue = server.on_apps_connections_open

    def watched(args):
        seen.append(server.sockets.count())
        return issue(args)

    server.on_apps_connections_open = watched
    server.sockets.refresh()
    wait(lambda: server.sockets.opened == 2)
    wait(lambda: server.sockets.count() == 1)
    assert seen[0] == 1


def test_slack_that_is_not_reached_at_the_start_is_reached_later(slack, server, inbox, wait, monkeypatch):
    monkeypatch.setattr(sockets, "_WAITS", (0.05,))
    down = [Fault(status=503, body="") for _ in range(3)]
    server.faults["apps.connections.open"], server.faults["auth.test"] = list(down), down[:1]
    slack.start(inbox.receive)
    assert not slack.connected()
    wait(slack.connected)
    server.sockets.send(direct_message(server, "U0TARO", "こんにちは"))
    wait(lambda: inbox.kept)
    assert slack.trouble() is None


def test_a_wrong_bot_token_ends_the_start(settings_for, inbox):
    with pytest.raises(PlatformError, match="SLACK_BOT_TOKEN") as caught:
        build(settings_for(slack_bot_token="xoxb-wrong")).start(inbox.receive)
    assert "xoxb-wrong" not in str(caught.value)


def test_a_wrong_app_token_is_told(settings_for, inbox, wait):
    platform = build(settings_for(slack_app_token="xapp-wrong"))
    platform.start(inbox.receive)
    wait(platform.trouble)
    assert "SLACK_APP_TOKEN" in platform.trouble()
    assert "xapp-wrong" not in platform.trouble()
    platform.stop(2.0)


def test_after_the_end_nothing_is_taken(open_slack, server, inbox, wait):
    open_slack.stop(5.0)
    wait(lambda: server.sockets.count() == 0)
    assert not open_slack.connected()
    server.sockets.send(direct_message(server, "U0TARO", "もう一つ"))
    assert inbox.kept == []
    assert len(server.sockets.unacked()) == 1
