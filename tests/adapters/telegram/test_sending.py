"""Messages through the real client to a Bot API on the loopback: forms, topics, edits, and every way to fail."""

import json

import pytest
from bot_api_server import TOKEN, parsed

from adapters.telegram.api import Api
from adapters.telegram.platform import Telegram
from adapters.telegram.rates import Rates
from bot.cases.changes import buttons_as_data
from bot.message import Action, Button
from bot.post import (
    NoReadBackError,
    Outgoing,
    PermanentError,
    RetryLaterError,
    UncertainError,
    UnreachableError,
)
from bot.texts import Texts

TEXTS = Texts.load()
DESK = "telegram:-100777/topics"
BUTTONS = buttons_as_data(
    [Button(Action.CLAIM, "担当する", "7KM-4PX-A94"), Button(Action.NOTE, "内部メモ", "7KM-4PX-A94")]
)


@pytest.fixture
def telegram(api):
    return Telegram(api, TEXTS)


def message(text="答えです。", destination="telegram:7001", key="k1", repeated=False, **payload):
    return Outgoing(destination, key, {"text": text, **payload}, repeated=repeated)


def test_an_answer_is_one_calm_message(server, telegram):
    number = telegram.send(message("■ <余市町> & 朝市\nhttps://example.jp/", buttons=BUTTONS, via={"message": 5}))
    (given,) = server.called("sendMessage")
    assert given["parse_mode"] == "HTML"
    assert given["link_preview_options"] == {"is_disabled": True}
    assert [key["callback_data"] for row in given["reply_markup"]["inline_keyboard"] for key in row] == [
        "claim:7KM-4PX-A94",
        "note:7KM-4PX-A94",
    ]
    assert "reply_parameters" not in given  # in a private chat nobody wonders what is answered
    assert server.texts(7001) == ["■ <余市町> & 朝市\nhttps://example.jp/"]
    assert server.messages[int(number)]


def test_in_a_group_what_was_said_is_answered_even_if_it_is_gone(server, telegram):
    telegram.send(message(destination="telegram:-100555/0/7001", via={"message": 41}))
    (given,) = server.called("sendMessage")
    assert given["reply_parameters"] == {"message_id": 41, "allow_sending_without_reply": True}
    assert "message_thread_id" not in given


def test_who_is_not_answered_directly_is_called_by_a_link(server, telegram):
    telegram.send(message("窓口より", destination="telegram:-100555/0/7001"))
    (given,) = server.called("sendMessage")
    assert given["text"].startswith('<a href="tg://user?id=7001">')
    assert server.texts() == [f"{TEXTS.say('ja', 'telegram.for_you')}\n窓口より"]


def test_a_long_answer_is_several_messages_with_the_buttons_below_the_last(server, telegram):
    telegram.send(message("\n\n".join(f"第{n}段落です。" + "あ" * 900 for n in range(9)), buttons=BUTTONS))
    calls = server.called("sendMessage")
    assert len(calls) == 3
    assert [bool(call.get("reply_markup")) for call in calls] == [False, False, True]
    assert all(len(parsed(call["text"])) <= 4096 for call in calls)


def test_what_of_a_long_answer_is_there_is_not_sent_again(server, telegram):
    outgoing = message("\n\n".join("あ" * 3000 for _ in range(3)))
    server.faults["sendMessage"] = [None, (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 3}})]
    with pytest.raises(RetryLaterError) as caught:
        telegram.send(outgoing)
    assert caught.value.seconds == 3
    telegram._sender._rates = Rates()  # three seconds later
    telegram.send(outgoing)
    assert len(server.texts()) == 3


def test_a_repeat_is_marked_and_once(server, telegram):
    telegram.send(message("一\n\n" + "あ" * 5000, repeated=True))
    marked = [text for text in server.texts() if text.startswith(TEXTS.say("ja", "command.repeated"))]
    assert len(marked) == 1
    telegram.send(message(key="k2", repeated=True, lang="en"))
    assert server.texts()[-1].startswith(TEXTS.say("en", "command.repeated"))


def test_what_asks_forces_a_reply(server, telegram):
    server.topics[-100777].add(12)
    via = {"message": 9, "person": 55}
    telegram.send(message("返信を書いてください。", "telegram:-100777/12/55", asks="reply", via=via))
    (given,) = server.called("sendMessage")
    assert given["reply_markup"] == {"force_reply": True, "selective": True}
    assert "tg://user?id=55" in given["text"]
    assert given["reply_parameters"]["message_id"] == 9


# ── desks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_card_opens_a_topic_and_what_belongs_to_it_goes_there(server, telegram):
    server.forums.add(-100777)
    card = telegram.send(message("【相談】受付番号 7KM-4PX-A94", DESK, "c", card="7KM-4PX-A94", buttons=BUTTONS))
    (opened,) = server.called("createForumTopic")
    assert opened == {"chat_id": -100777, "name": "相談 7KM-4PX-A94"}
    topic, number = card.split("/")
    assert int(topic) in server.topics[-100777]
    line = telegram.send(message("住民より", DESK, "l", below="c", below_id=card))
    assert line.startswith(f"{topic}/")
    assert server.called("sendMessage")[-1]["message_thread_id"] == int(topic)
    again = telegram.send(message("【相談】担当: 小樽", DESK, "e", edits="c", edits_id=card, buttons=[]))
    assert again == card
    assert server.messages[int(number)]["text"] == "【相談】担当: 小樽"
    assert server.called("editMessageText")[0]["reply_markup"] == {"inline_keyboard": []}


def test_without_topics_the_case_is_a_thread_of_replies(server, telegram):
    card = telegram.send(message("【相談】", DESK, "c", card="7KM-4PX-A94"))
    assert "/" not in card
    telegram.send(message("住民より", DESK, "l", below="c", below_id=card))
    assert server.called("sendMessage")[-1]["reply_parameters"]["message_id"] == int(card)
    telegram.send(message("【相談】", DESK, "c2", card="7KM-4PX-A9R"))
    assert len(server.called("createForumTopic")) == 1  # refused once is remembered


def test_a_topic_that_was_opened_for_a_card_is_used_when_the_card_is_tried_again(server, telegram):
    server.forums.add(-100777)
    server.faults["sendMessage"] = [(500, {"ok": False, "error_code": 500, "description": "Internal Server Error"})]
    card = message("【相談】", DESK, "c", card="7KM-4PX-A94")
    with pytest.raises(RetryLaterError):
        telegram.send(card)
    telegram.send(card)
    assert len(server.called("createForumTopic")) == 1


def test_an_uncertain_topic_is_no_uncertain_message(server, telegram):
    server.forums.add(-100777)
    server.faults["createForumTopic"] = ["cut"]
    with pytest.raises(UnreachableError):
        telegram.send(message("【相談】", DESK, "c", card="7KM-4PX-A94"))
    assert server.texts() == []


def test_a_topic_that_staff_deleted_does_not_swallow_a_line(server, telegram):
    server.forums.add(-100777)
    telegram.send(message("住民より", DESK, "l", below="c", below_id="4040/41"))
    assert server.texts(-100777) == ["住民より"]


def test_a_card_that_staff_deleted_is_posted_anew(server, telegram):
    server.forums.add(-100777)
    server.topics[-100777].add(12)
    card = telegram.send(message("【相談】担当待ち", DESK, "e", card="7KM-4PX-A94", edits="c", edits_id="12/99"))
    assert card.startswith("12/")
    assert server.texts(-100777) == ["【相談】担当待ち"]


def test_an_edit_that_changes_nothing_is_done(server, telegram):
    number = telegram.send(message("進み具合 1", key="p", keep=True))
    for _ in range(2):
        assert telegram.send(message("進み具合 2", key="q", edits="p", edits_id=number)) == number
    assert server.texts() == ["進み具合 2"]


def test_a_long_card_can_be_edited_for_it_stays_one_message(server, telegram):
    card = telegram.send(
        message("【相談】\n" + "あ" * 3900 + "\n\n" + "い" * 900, DESK, "c", card="7KM", buttons=BUTTONS)
    )
    first, second = server.called("sendMessage")
    assert first.get("reply_markup")
    assert not second.get("reply_markup")
    assert server.messages[int(card)]["text"].startswith("【相談】")


def test_a_group_that_became_a_supergroup_is_followed(server, telegram):
    server.moved[-4001] = -1001230000009
    telegram.send(message(destination="telegram:-4001", key="a"))
    telegram.send(message(destination="telegram:-4001", key="b"))
    assert len(server.texts(-1001230000009)) == 2
    assert [call["chat_id"] for call in server.called("sendMessage")] == [-4001, -1001230000009, -1001230000009]


# ── failing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def refusal(code, description="", **parameters):
    return (code, {"ok": False, "error_code": code, "description": description, "parameters": parameters})


@pytest.mark.parametrize(
    ("answer", "error", "posted"),
    [
        (refusal(403, "Forbidden: bot was blocked by the user"), PermanentError, 0),
        (refusal(403, "Forbidden: user is deactivated"), PermanentError, 0),
        (refusal(403, "Forbidden: bot was kicked from the supergroup chat"), PermanentError, 0),
        (refusal(400, "Bad Request: chat not found"), PermanentError, 0),
        (refusal(400, "Bad Request: something new of 2027"), PermanentError, 0),
        (refusal(401, "Unauthorized"), PermanentError, 0),
        (refusal(404, "Not Found"), PermanentError, 0),
        (refusal(500, "Internal Server Error"), RetryLaterError, 0),
        (refusal(502, "Bad Gateway"), RetryLaterError, 0),
        ((429, b"Too Many Requests"), RetryLaterError, 0),
        ((502, b"<html>Bad Gateway</html>"), UnreachableError, 0),
        ((503, b""), UnreachableError, 0),
        ((500, b"<html>oops</html>"), UncertainError, 0),
        ((504, b""), UncertainError, 0),
        ((200, b""), UncertainError, 0),
        ((200, b'{"ok": true, "resu'), UncertainError, 0),
        ((200, b"[]"), UncertainError, 0),
        ((200, b'{"ok": true}'), UncertainError, 0),
        ((200, "こんにちは".encode("cp932")), UncertainError, 0),
        ("refuse", UncertainError, 0),
        ("cut", UncertainError, 1),
    ],
)
def test_what_becomes_of_a_message_that_fails(server, telegram, answer, error, posted):
    server.faults["sendMessage"] = [answer]
    with pytest.raises(error) as caught:
        telegram.send(message("秘密の相談"))
    assert len(server.texts()) == posted
    assert len(server.called("sendMessage")) == 1  # nothing is tried twice behind the dispatcher's back
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert TOKEN not in told
    assert "秘密" not in told


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(30, 30.0), (1.5, 1.5), (86400, 86400.0), (-5, -5.0), ("abc", None), (None, None), ([], None), ("7", 7.0)],
)
def test_however_oddly_telegram_asks_to_wait(server, telegram, asked, seconds):
    server.faults["sendMessage"] = [refusal(429, "Too Many Requests", retry_after=asked)]
    with pytest.raises(RetryLaterError) as caught:
        telegram.send(message())
    assert caught.value.seconds == seconds


def test_a_blocked_bot_is_named_as_such(server, telegram):
    server.blocked.add(7001)
    with pytest.raises(PermanentError, match="the person has blocked the bot"):
        telegram.send(message())


def test_a_server_that_is_not_there_was_not_reached():
    api = Api(TOKEN, "http://127.0.0.1:9")
    with pytest.raises(UnreachableError):
        Telegram(api, TEXTS).send(message())
    api.close()


def test_a_wrong_address_is_refused_without_a_call(server, telegram):
    for destination in ("telegram:", "telegram:x", "telegram:1/2/3/4"):
        with pytest.raises(PermanentError):
            telegram.send(message(destination=destination))
    with pytest.raises(PermanentError, match="empty"):
        telegram.send(message(" \n"))
    assert server.calls == []


@pytest.mark.parametrize(
    ("description", "gone"),
    [
        ("Bad Request: can't parse entities: unsupported start tag", "parse_mode"),
        ("Bad Request: message to be replied not found", "reply_parameters"),
        ("Bad Request: message thread not found", "message_thread_id"),
        ("Bad Request: TOPIC_CLOSED", "message_thread_id"),
        ("Bad Request: BUTTON_DATA_INVALID", "reply_markup"),
        ("Bad Request: can't parse reply keyboard markup JSON object", "reply_markup"),
    ],
)
def test_what_is_refused_for_its_form_is_sent_in_a_simpler_one(server, telegram, description, gone):
    server.topics[-100555].add(12)
    server.faults["sendMessage"] = [refusal(400, description)]
    telegram.send(message("A & B", "telegram:-100555/12/7001", buttons=BUTTONS, via={"message": 41}))
    first, last = server.called("sendMessage")
    assert gone in first
    assert gone not in last
    assert server.texts() == ["A & B"]


def test_nothing_can_be_looked_up_but_an_edit_may_be_made_twice(telegram):
    with pytest.raises(NoReadBackError):
        telegram.find(message())
    assert telegram.find(message(edits="c", edits_id="12/99")) is None


def test_no_log_holds_the_token_or_what_is_said(server, telegram, caplog):
    caplog.set_level("DEBUG")
    telegram.send(message("秘密の相談"))
    server.faults["sendMessage"] = [(200, "秘密".encode())]
    with pytest.raises(UncertainError):
        telegram.send(message("秘密の相談", key="k2"))
    said = json.dumps([[r.getMessage(), str(r.exc_info), r.exc_text] for r in caplog.records], ensure_ascii=False)
    assert TOKEN not in said
    assert "秘密" not in said
