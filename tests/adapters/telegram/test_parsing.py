"""Recorded updates of every kind → what was said. `updates.json` holds them as Telegram sends them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platform import UNKNOWN
from adapters.telegram.address import address, posted_id, read_posted, thread
from adapters.telegram.commands import command_of
from adapters.telegram.parsing import _KINDS, UPDATES, Me, event_of, heard, migration, reach
from bot.message import Action

RECORDED = json.loads((Path(__file__).parent / "updates.json").read_text(encoding="utf-8"))
ME = Me(987654, "renkei_test_bot")
G, F = "telegram:-1001230000001", "telegram:-1001230000002"
RESIDENT = "telegram:7001"

SAID = {
    # name: (text, thread, command, engaged)
    "private_text": ("余市町で朝市を開きたいです", RESIDENT, "", True),
    "private_command_start": ("/start", RESIDENT, "start", True),
    "private_deep_link_consult": ("/start consult", RESIDENT, "consult", True),
    "private_deep_link_receipt": ("/start 7KM4PXA94", RESIDENT, "case 7KM-4PX-A94", True),
    "private_deep_link_unknown": ("/start ad-campaign_3", RESIDENT, "start", True),
    "private_command_with_words": ("/contacts 余市町", RESIDENT, "contacts 余市町", True),
    "private_command_japanese": ("/連絡先 余市町", RESIDENT, "連絡先 余市町", True),
    "private_command_forget": ("/forget", RESIDENT, "forget", True),
    "private_command_own_name": ("/renkei 事業 道路", RESIDENT, "事業 道路", True),
    "private_topic": ("続きです", f"{RESIDENT}/45", "", True),
    "private_reply": ("はい", RESIDENT, "", True),
    "private_forward": ("転送された文", RESIDENT, "", True),
    "private_unknown_fields": ("こんにちは", RESIDENT, "", True),
    "group_plain": ("今日は寒いですね", f"{G}/0/7001", "", False),
    "group_mention": ("余市町の窓口は?", f"{G}/0/7001", "", True),
    "group_mention_in_the_middle": ("ねえ 余市町の窓口は?", f"{G}/0/7001", "", True),
    "group_mention_of_another": ("@renkei_test_bot2 余市町の窓口は?", f"{G}/0/7001", "", False),
    "group_reply_to_bot": ("では仁木町は?", f"{G}/0/7001", "", True),
    "group_reply_to_person": ("そうですね", f"{G}/0/7001", "", False),
    "group_command_for_me": ("/contacts 余市町", f"{G}/0/7001", "contacts 余市町", True),
    "group_command_for_all": ("/help", f"{G}/0/7001", "help", True),
    "basic_group_mention": ("こんにちは", "telegram:-4001/0/7001", "", True),
    "forum_topic_mention": ("朝市は?", f"{F}/12/7001", "", True),
    "forum_general": ("朝市は?", f"{F}/0/7001", "", True),
    "supergroup_reply_thread": ("続き", f"{G}/0/7001", "", True),
    "desk_talk_in_topic": ("現地を見てきます", f"{F}/12/55", "", False),
    "desk_reply_in_topic": ("住民へ:お電話します", f"{F}/12/55", "", True),
    "anonymous_admin": ("/cases", f"{F}/12", "cases", True),
}
UNREADABLE = {
    "sticker": "sticker", "voice": "voice", "photo_with_caption": "image", "album": "image", "document": "file",
    "animation": "video", "video": "video", "video_note": "video", "audio": "file", "location": "location",
    "venue": "location", "contact": "contact", "poll": "poll", "dice": "other", "edited_private": "edited",
    "edited_group_not_for_me": "edited",
}  # fmt: skip
PRESSED = {
    "button_private": (Action.CONSULT, "way:here", RESIDENT),
    "button_group": (Action.CONSULT, "", f"{G}/0/7001"),
    "button_at_desk": (Action.CLAIM, "7KM-4PX-A9R", f"{F}/12/55"),
    "button_short_form": (Action.CONSULT, "place:unknown", RESIDENT),
    "button_of_old_message": (Action.CANCEL, "", RESIDENT),
}
NOBODYS = {
    "group_command_for_another", "linked_channel_post", "other_bot", "service_members", "service_pinned",
    "service_topic_created", "migrated_away", "migrated_here", "button_unknown", "button_inline", "button_game",
    "blocked", "unblocked", "added_to_group", "removed_from_group", "channel_post", "unknown_kind_of_2027",
}  # fmt: skip


def test_every_recorded_update_has_its_meaning():
    assert {*SAID, *UNREADABLE, *PRESSED, *NOBODYS} == set(RECORDED)
    kinds = {kind for update in RECORDED.values() for kind in update if kind != "update_id"}
    assert set(UPDATES) <= kinds


@pytest.mark.parametrize("name", SAID)
def test_what_was_typed(name):
    (one,) = heard(RECORDED[name], ME)
    message = one.message
    assert (message.text, message.thread, one.command, one.engaged) == SAID[name]
    assert message.key == f"telegram:987654:{RECORDED[name]['update_id']}"
    assert message.action is None
    assert one.unknown == ""
    assert message.public == (":-" in message.thread)
    assert one.desk == (message.thread.split("/")[0] if message.public else "")


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named_with_the_words_beside_it(name):
    (one,) = heard(RECORDED[name], ME)
    assert one.unknown == UNREADABLE[name]
    assert one.engaged == ("group" not in name)
    original = RECORDED[name].get("message") or RECORDED[name]["edited_message"]
    assert one.message.text == (original.get("text") or original.get("caption") or "")


def test_every_kind_that_cannot_be_read_has_its_words():
    assert set(_KINDS.values()) <= set(UNKNOWN)


@pytest.mark.parametrize("name", PRESSED)
def test_what_was_pressed(name):
    (one,) = heard(RECORDED[name], ME)
    assert (one.message.action, one.message.value, one.message.thread) == PRESSED[name]
    assert one.message.text == ""
    assert one.engaged


@pytest.mark.parametrize("name", sorted(NOBODYS))
def test_what_concerns_nobody(name):
    assert heard(RECORDED[name], ME) == ()


def test_where_it_was_said_at_a_desk():
    (talk,) = heard(RECORDED["desk_talk_in_topic"], ME)
    assert (talk.card_thread, talk.answers) == ("12", "")  # the notice that began the topic is answered by nobody
    (reply,) = heard(RECORDED["desk_reply_in_topic"], ME)
    assert (reply.card_thread, reply.answers) == ("12", "13")
    (button,) = heard(RECORDED["button_at_desk"], ME)
    assert (button.card_thread, button.desk) == ("12", F)


def test_an_admin_who_writes_in_the_name_of_the_group_is_the_group():
    (one,) = heard(RECORDED["anonymous_admin"], ME)
    assert one.message.user == "telegram:-1001230000002"


def test_a_group_that_moved_is_still_the_desk_that_settings_name():
    assert migration(RECORDED["migrated_away"]) == migration(RECORDED["migrated_here"]) == (-4001, -1001230000009)
    assert migration(RECORDED["private_text"]) is None
    (one,) = heard(RECORDED["desk_talk_in_topic"], ME, {-1001230000002: -77})
    assert one.desk == "telegram:-77"
    assert one.message.thread.startswith(F)


def test_whether_a_person_can_be_reached():
    assert reach(RECORDED["blocked"]) == (7001, False)
    assert reach(RECORDED["unblocked"]) == (7001, True)
    assert reach(RECORDED["removed_from_group"]) is None


def test_an_event_carries_all_that_is_needed_to_read_it_later():
    event = event_of(RECORDED["group_mention"], ME)
    assert event.keys == (f"telegram:987654:{RECORDED['group_mention']['update_id']}",)
    assert event.conversation == f"{G}/0/7001"
    assert json.loads(json.dumps(event.payload)) == event.payload
    assert event.payload["me"] == {"id": 987654, "username": "renkei_test_bot"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(RECORDED)), wrong=JSON, data=st.data())
def test_whatever_stands_in_a_field_nothing_is_raised(name, wrong, data):
    """Any field of a recorded update, at any depth, holds something else."""
    update = json.loads(json.dumps(RECORDED[name]))
    part = update
    while True:
        key = data.draw(st.sampled_from(sorted(part)))
        if not isinstance(part[key], dict) or not part[key] or data.draw(st.booleans()):
            part[key] = wrong
            break
        part = part[key]
    for one in heard(update, ME):
        assert address(one.message.thread) is not None
        assert isinstance(one.message.text, str)
    reach(update), migration(update), event_of(update, ME)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/contacts 余市", "contacts 余市"), ("/contacts@renkei_test_bot 余市", "contacts 余市"), ("/HELP", "help"),
        ("/Contacts@Renkei_Test_Bot\n余市", "contacts 余市"), ("/renkei", "help"), ("/renkei 朝市は?", "朝市は?"),
        ("/help@another_bot", None), ("24/7", ""), ("/ 何か", ""), ("//", ""), ("", ""), ("/start consult", "consult"),
        ("/start 7KM4PXA92", "start"),  # a wrong check sign is no receipt number
    ],
)  # fmt: skip
def test_commands(text, command):
    assert command_of(text, "renkei_test_bot") == command


def test_addresses_and_ids_go_there_and_back():
    for text in ("telegram:5", "telegram:5/6", "telegram:-100/topics", "telegram:-100/7", "telegram:-100/0/9"):
        assert address(text) is not None
    for text in ("slack:C1", "telegram:", "telegram:x", "telegram:5/topics/6", "telegram:5/6/7/8", "telegram:5 "):
        assert address(text) is None
    assert address(thread(-100, 3, 9)).person == 9
    assert read_posted(posted_id(45, 678)) == (45, 678)
    assert read_posted(posted_id(0, 678)) == (0, 678)
    for wrong in (None, "", "x", "1/2/3", 7, "1/", "shown-5"):
        assert read_posted(wrong) == (0, 0)
