"""Recorded deliveries of every kind → what is kept, and what was heard."""

import copy
import json
from pathlib import Path

import pytest

from adapters.slack.arriving import COMMAND, EVENTS, event_of
from adapters.slack.parsing import parse
from adapters.slack.plain import typed
from bot.message import Action

PAYLOADS = Path(__file__).with_name("payloads")
RECORDED = sorted(path.stem for path in PAYLOADS.glob("*.json"))
CARD = {"desk": "slack:C0OTARU", "card_thread": "1763776025.000100", "thread": "slack:C0OTARU/1763776025.000100"}
MENTION = {"thread": "slack:C0TOWN/1763776010.000100", "desk": "slack:C0TOWN", "public": True}
DIRECT = {"thread": "slack:U0TARO", "user": "slack:U0TARO", "desk": "", "public": False}

KEPT = {
    "message_im": DIRECT | {"text": "余市町の朝市はいつですか <急ぎ>", "engaged": True, "unknown": ""},
    "message_im_thread": DIRECT | {"text": "それはどこですか"},
    "app_mention": MENTION | {"text": "余市町の朝市はいつですか", "engaged": True, "card_thread": ""},
    "message_channels_mention": MENTION | {"text": "余市町の朝市はいつですか", "engaged": True},
    "message_channels_thread": MENTION | {"text": "雨の日もありますか", "engaged": False, "user": "slack:U0HANAKO"},
    "message_groups_desk_thread": CARD | {"text": "この件は資料を確認中です", "engaged": False, "private": False},
    "message_file": DIRECT | {"unknown": "file", "text": "この図面の場所はどこの担当ですか"},
    "message_voice": DIRECT | {"unknown": "voice", "text": ""},
    "message_image": DIRECT | {"unknown": "image", "text": ""},
    "message_changed": DIRECT | {"unknown": "edited", "text": "余市町の朝市はどこですか", "engaged": False},
    "message_changed_desk": CARD | {"unknown": "edited", "text": "住民へ: 来週にご連絡します"},
    "message_deleted": DIRECT | {"unknown": "deleted", "text": "余市町の朝市はいつですか", "engaged": False},
    "app_home_opened_home": DIRECT | {"command": "home", "private": True},
    "action_consult": DIRECT | {"action": Action.CONSULT, "value": "", "private": False},
    "action_way_second": DIRECT | {"action": Action.CONSULT, "value": "way:outside"},
    "action_claim": CARD | {"action": Action.CLAIM, "value": "7KM-4PX-A9R", "user": "slack:U0STAFF", "private": True},
    "action_send_ephemeral": CARD | {"action": Action.SEND_TO_RESIDENT, "private": True},
    "action_consult_after_command": DIRECT | {"action": Action.CONSULT, "private": True},
    "action_feedback": DIRECT | {"action": Action.FEEDBACK, "value": "reply-1:bad"},
    "action_home": DIRECT | {"action": Action.CONSULT},
    "view_reply": CARD | {"action": Action.REPLY, "text": "来週の火曜にお電話します。", "value": "7KM-4PX-A9R"},
    "view_note": CARD | {"action": Action.NOTE, "text": "担当と話した", "private": True},
    "view_transfer": CARD | {"office": "後志総合振興局 地域政策課", "text": "道の補助金の話のため"},
    "view_feedback": DIRECT | {"action": Action.FEEDBACK, "text": "日付が古い", "value": "reply-1:bad"},
    "command_contacts": DIRECT | {"command": "連絡先 余市", "private": True, "desk": "slack:C0TOWN"},
    "command_empty": DIRECT | {"command": "help", "desk": "slack:C0TOWN"},
    "command_in_direct": DIRECT | {"command": "相談 7KM-4PX-A9R"},
}
"""What a delivery says; the ones not named here concern nobody."""
NOT_STORED = (
    "message_channels_talk", "message_own", "message_other_bot", "message_joined", "message_changed_own",
    "app_home_opened_messages", "unknown_event", "view_closed",
)  # fmt: skip
UNHEARD = ("message_changed_unfurl", "message_channels_thread_to_another", "action_unknown", "view_foreign")


def recorded(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def heard(body):
    event = event_of(body)
    return [] if event is None else list(parse(event))


def test_every_recorded_delivery_is_accounted_for():
    assert set(RECORDED) == {*KEPT, *NOT_STORED, *UNHEARD}
    assert set(EVENTS) == {"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im"}


@pytest.mark.parametrize("name", KEPT)
def test_what_was_heard(name):
    (found,) = heard(recorded(name))
    message = found.message
    said = {field: getattr(found, field) for field in found.__slots__} | {
        field: getattr(message, field) for field in message.__slots__
    }
    assert {field: said[field] for field in KEPT[name]} == KEPT[name]
    assert message.key


@pytest.mark.parametrize("name", NOT_STORED)
def test_what_is_not_said_to_the_bot_is_never_stored(name):
    assert event_of(recorded(name)) is None


@pytest.mark.parametrize("name", UNHEARD)
def test_what_concerns_nobody_has_no_effect(name):
    assert heard(recorded(name)) == []


def test_no_secret_is_stored():
    for name in RECORDED:
        event = event_of(recorded(name))
        assert event is None or "verification-token" not in json.dumps(event.payload)


# ── the same thing twice ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mention_that_comes_as_two_events_shares_a_key():
    first, second = event_of(recorded("app_mention")), event_of(recorded("message_channels_mention"))
    assert set(first.keys) & set(second.keys) == {"slack:T0TEAM:C0TOWN:1763776010.000100"}
    assert first.conversation == second.conversation


@pytest.mark.parametrize("name", KEPT)
def test_the_same_delivery_has_the_same_keys_and_another_has_others(name):
    body = recorded(name)
    again, keys = event_of(copy.deepcopy(body)), set(event_of(body).keys)
    assert set(again.keys) == keys
    others = (event_of(recorded(other)) for other in KEPT if other != name)
    same = {"app_mention", "message_channels_mention"}
    assert name in same or not any(keys & set(other.keys) for other in others)


def test_an_edit_does_not_pass_for_the_message_itself():
    message, edit = event_of(recorded("message_im")), event_of(recorded("message_changed"))
    assert not set(message.keys) & set(edit.keys)
    assert message.conversation == edit.conversation


def test_a_delivery_without_an_event_id_is_known_again_by_its_place():
    body = recorded("message_im")
    del body["event_id"]
    assert event_of(body).keys == ("slack:T0TEAM:D0TARO:1763776001.000100",)


# ── tolerance ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", RECORDED)
def test_missing_and_strange_fields_do_no_harm(name):
    """Each field of each level taken away, or of another kind."""
    for path in _paths(recorded(name)):
        for strange in (None, 7, "x", [], {}):
            body = recorded(name)
            _put(body, path, strange)
            heard(body)
        body = recorded(name)
        _drop(body, path)
        heard(body)


def test_the_bots_own_id_comes_from_the_delivery_or_from_outside():
    body = recorded("message_channels_mention")
    body["authorizations"] = []
    assert event_of(body) is None
    assert [h.message.text for h in parse(event_of(body, "U0BOT"))] == ["余市町の朝市はいつですか"]
    own = recorded("message_own")
    own["authorizations"] = []
    del own["event"]["bot_id"]
    assert event_of(own, "U0BOT") is None


def test_a_mention_is_answered_where_the_bots_own_id_is_unknown():
    body = recorded("app_mention")
    body["authorizations"] = []
    assert [h.message.text for h in heard(body)] == ["余市町の朝市はいつですか"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("A &amp; B &lt;C&gt;", "A & B <C>"),
        ("<https://example.jp/a|example.jp/a> を見た", "example.jp/a を見た"),
        ("<https://example.jp/a>", "https://example.jp/a"),
        ("<mailto:taro@example.jp|taro@example.jp>", "taro@example.jp"),
        ("<tel:+81134000000|0134-00-0000>", "0134-00-0000"),
        ("<#C0TOWN|town> の <@U0TARO|太郎> さん <!here> <!subteam^S1|@係>", "#town の @太郎 さん @here @係"),
        ("<@U0BOT> こんにちは", "こんにちは"),
    ],
)
def test_markup_becomes_the_words_that_were_typed(raw, words):
    assert typed(raw, "U0BOT") == words


def test_other_commands_are_not_ours():
    assert event_of({**recorded("command_contacts"), "command": "/other"}) is None
    assert COMMAND == "/renkei"


def _paths(node, path=()):
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from _paths(value, (*path, key))


def _put(node, path, value):
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value


def _drop(node, path):
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
