"""Updates in: nothing is confirmed to Telegram before it is committed, whatever fails, and nothing is dropped."""

import json
import logging
import threading
from pathlib import Path

import pytest
from bot_api_server import BOT, TOKEN, running
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adapters.database.opening import open_database
from adapters.telegram.api import Api
from adapters.telegram.parsing import UPDATES
from adapters.telegram.platform import Telegram
from adapters.telegram.polling import CONFLICTS, SECOND, SETTLED, Poller
from bot.texts import Texts
from knowledge.errors import DatabaseError, PlatformError

RECORDED = json.loads((Path(__file__).parent / "updates.json").read_text(encoding="utf-8"))
TEXTS = Texts.load()
SECRET = "a-secret_of_nobody"
CONFLICT = (409, {"ok": False, "error_code": 409, "description": "Conflict: terminated by other getUpdates request"})


def said(number: int, text: str = "こんにちは") -> dict:
    person = {"id": 7001, "is_bot": False, "first_name": "架空"}
    message = {"message_id": number, "from": person, "chat": {"id": 7001, "type": "private"}, "date": 1, "text": text}
    return {"update_id": number, "message": message}


class Inbox:
    """Remembers what was committed; raises while it is `broken`."""

    def __init__(self):
        self.events = []
        self.broken = 0

    def __call__(self, event):
        if self.broken:
            self.broken -= 1
            raise DatabaseError("locked")
        known = event.keys in [e.keys for e in self.events]
        if not known:
            self.events.append(event)
        return not known

    @property
    def numbers(self):
        return [event.payload["update"]["update_id"] for event in self.events]


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def start(api, inbox):
    """A platform that polls quickly."""
    begun = []

    def begin(client=api, **options):
        telegram = Telegram(client, TEXTS, **options)
        telegram._poller._hold, telegram._poller._rest = 1, 0.02
        begun.append(telegram)
        telegram.start(inbox)
        return telegram

    yield begin
    for telegram in begun:
        telegram.stop(5)


# ── polling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_waits_is_fetched_kept_in_order_and_then_confirmed(server, start, inbox):
    server.push(*(said(n) for n in range(1, 8)))
    telegram = start()
    server.wait_for(lambda: inbox.numbers == [1, 2, 3, 4, 5, 6, 7])
    server.wait_for(lambda: not server.updates)
    assert telegram.connected()
    first = server.called("getUpdates")[0]
    assert first["allowed_updates"] == list(UPDATES)
    assert "offset" not in first
    assert not any(call.get("drop_pending_updates") for call in server.called("deleteWebhook"))


def test_what_could_not_be_kept_is_not_confirmed_and_comes_again(server, start, inbox):
    inbox.broken = 3
    server.push(said(1), said(2))
    start()
    server.wait_for(lambda: inbox.numbers == [1, 2])
    offsets = [call.get("offset") for call in server.called("getUpdates")]
    assert offsets[:3] == [None, None, None]


def test_a_process_that_dies_after_the_commit_hands_nothing_on_twice(server, inbox):
    """The next process asks without an offset, as Telegram still has the update; its key is known."""
    server.push(said(1))
    for _ in range(2):
        client = Api(TOKEN, server.url)
        telegram = Telegram(client, TEXTS)
        telegram._meet()
        telegram._receive = inbox
        for update in client.call("getUpdates", timeout=0):
            telegram._keep(update)
        client.close()
    assert inbox.numbers == [1]
    assert len(server.updates) == 1


def test_a_stop_confirms_nothing_that_is_not_kept(server, start, inbox):
    telegram = start()
    server.wait_for(lambda: telegram.connected() or server.called("getUpdates"))
    telegram.stop(5)
    server.push(said(1))
    assert inbox.numbers == []
    assert len(server.updates) == 1
    assert not telegram.connected()


@pytest.mark.parametrize(
    "fault",
    ["cut", "refuse", (500, b"<html>"), (502, b""), (200, b"{"), (200, {"ok": True, "result": {"a": 1}}),
     (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 0.05}})],
)  # fmt: skip
def test_whatever_a_poll_meets_the_next_one_goes_on(server, start, inbox, fault):
    server.faults["getUpdates"] = [fault, fault]
    server.push(said(1), said(2))
    start()
    server.wait_for(lambda: inbox.numbers == [1, 2])


def test_garbage_between_updates_stops_nothing(server, api, inbox):
    poller = Poller(api, lambda update: inbox.events.append(update), hold=0, rest=0.0)
    server.faults["getUpdates"] = [(200, {"ok": True, "result": ["x", None, {}, {"update_id": "7"}, said(3)]})]
    poller.step()
    assert [update["update_id"] for update in inbox.events] == [3]


def test_an_offset_is_forgotten_after_a_long_silence(server, api):
    """After a week without updates Telegram may count from anywhere."""
    now = [0.0]
    poller = Poller(api, lambda _update: None, hold=0, rest=0.0, clock=lambda: now[0])
    server.push(said(900))
    for _ in range(2):
        poller.step()
    now[0] = 90_000.0
    poller.step()
    assert [call.get("offset") for call in server.called("getUpdates")] == [None, 901, None]


def test_the_second_process_with_the_same_token_ends_and_says_so(server, api):
    server.faults["getUpdates"] = [CONFLICT] * CONFLICTS
    poller = Poller(api, lambda _update: None, hold=0, rest=0.0)
    poller.run()
    assert poller.failed == SECOND
    assert not poller.well


def test_the_first_process_stays_when_another_one_comes(server, api):
    now = [0.0]
    poller = Poller(api, lambda _update: None, hold=0, rest=0.0, clock=lambda: now[0])
    poller.step()
    now[0] = SETTLED + 1
    server.faults["getUpdates"] = [CONFLICT] * (CONFLICTS + 2)
    for _ in range(CONFLICTS + 2):
        poller.step()
        assert not poller.well
    assert poller.failed == ""
    poller.step()
    assert poller.well


def test_of_two_real_pollers_the_later_one_ends(server, api, inbox):
    now = [SETTLED + 1]
    first = Poller(api, lambda _update: None, hold=1, rest=0.02, clock=lambda: now[0])
    first._calm_since = 0.0
    other = Api(TOKEN, server.url)
    second = Poller(other, lambda _update: None, hold=1, rest=0.02, clock=lambda: 0.0)
    threads = [threading.Thread(target=poller.run, daemon=True) for poller in (first, second)]
    for thread in threads:
        thread.start()
    threads[1].join(10)
    assert second.failed == SECOND
    assert first.failed == ""
    first.end()
    threads[0].join(5)
    other.close()


def test_a_token_that_is_revoked_ends_it(server, api):
    server.faults["getUpdates"] = [(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})]
    poller = Poller(api, lambda _update: None, hold=0, rest=0.0)
    poller.run()
    assert "TELEGRAM_BOT_TOKEN" in poller.failed


def test_a_wrong_token_is_said_at_the_start(server, inbox):
    client = Api("1:wrong", server.url)
    with pytest.raises(PlatformError, match="TELEGRAM_BOT_TOKEN") as caught:
        Telegram(client, TEXTS).start(inbox)
    assert "wrong" not in str(caught.value)
    client.close()


def test_without_a_network_it_starts_and_waits(server, start, inbox):
    server.faults["getMe"] = ["refuse"]
    server.push(said(1))
    start()
    server.wait_for(lambda: inbox.numbers == [1])


def test_a_webhook_that_is_left_is_taken_down_and_what_waits_stays(server, start, inbox):
    server.webhook = "https://elsewhere.example/hook"
    server.push(said(1))
    start()
    server.wait_for(lambda: inbox.numbers == [1])
    assert server.webhook == ""


# ── courtesies ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_press_is_answered_and_every_message_seen(server, start, inbox):
    names = ("private_text", "button_private", "button_unknown", "button_inline", "group_plain", "group_mention")
    server.push(*(RECORDED[name] for name in names))
    start()
    server.wait_for(lambda: len(server.called("answerCallbackQuery")) == 3)
    server.wait_for(lambda: len(server.called("setMessageReaction")) == 2)  # not what was said to others
    assert {call["chat_id"] for call in server.called("setMessageReaction")} == {7001, -1001230000001}
    assert len(inbox.events) == 4


def test_where_reactions_are_refused_it_is_said_that_somebody_types(server, start, inbox):
    server.faults["setMessageReaction"] = [(400, {"ok": False, "error_code": 400, "description": "REACTION_INVALID"})]
    telegram = start()
    server.push(said(1))
    server.wait_for(lambda: server.called("setMessageReaction"))
    server.wait_for(lambda: inbox.numbers == [1])
    server.wait_for(lambda: telegram._courtesies._unknown)
    server.push(said(2))
    server.wait_for(lambda: server.called("sendChatAction"))
    assert len(server.called("setMessageReaction")) == 1


def test_a_courtesy_that_hangs_holds_nothing_up(server, start, inbox):
    server.missing |= {"setMessageReaction", "sendChatAction", "answerCallbackQuery", "setMyCommands", "getChat"}
    server.push(*(said(n) for n in range(1, 40)))
    start(desks=["telegram:-100777/topics"], staff=["telegram:55"])
    server.wait_for(lambda: len(inbox.events) == 39)


def test_an_answer_is_shown_while_it_is_written(server, start, inbox):
    telegram = start()
    server.push(said(5))
    server.wait_for(lambda: inbox.events)
    (heard,) = telegram.parse(inbox.events[0])
    now = [0.0]
    telegram._courtesies._clock = lambda: now[0]
    show = telegram.working(heard)
    show("朝市は三月に")
    server.wait_for(lambda: server.called("sendMessageDraft"))
    (draft,) = server.called("sendMessageDraft")
    assert (draft["chat_id"], draft["text"]) == (7001, "朝市は三月に")
    assert server.called("sendChatAction")
    for _ in range(50):
        show("開かれます。")
    now[0] = 1.5
    show("どうぞ。")
    server.wait_for(lambda: len(server.called("sendMessageDraft")) == 2)  # not more than once a second
    assert server.called("sendMessageDraft")[1]["text"].endswith("開かれます。どうぞ。")


def test_where_drafts_are_not_known_they_are_tried_once(server, start, inbox):
    server.missing.add("sendMessageDraft")
    telegram = start()
    server.push(said(5))
    server.wait_for(lambda: inbox.events)
    (heard,) = telegram.parse(inbox.events[0])
    telegram.working(heard)("一")
    server.wait_for(lambda: telegram.working(heard) is None)
    assert len(server.called("sendMessageDraft")) == 1


def test_in_groups_nothing_is_drafted(server, start, inbox):
    telegram = start()
    server.push(RECORDED["group_mention"])
    server.wait_for(lambda: inbox.events)
    (heard,) = telegram.parse(inbox.events[0])
    assert telegram.working(heard) is None


def test_a_group_that_moves_is_still_the_desk_of_the_settings(server, start, inbox):
    telegram = start(desks=["telegram:-4001/topics"])
    server.push(RECORDED["migrated_away"], RECORDED["migrated_here"])
    update = json.loads(json.dumps(RECORDED["group_mention"]))
    update["update_id"] = 999_999
    update["message"]["chat"]["id"] = -1001230000009
    server.push(update)
    server.wait_for(lambda: inbox.events)
    (heard,) = telegram.parse(inbox.events[0])
    assert heard.desk == "telegram:-4001"


def test_a_desk_that_moved_before_the_start_is_known_too(server, start, inbox):
    server.moved[-4001] = -1001230000009
    telegram = start(desks=["telegram:-4001"])
    server.wait_for(lambda: telegram._named())
    assert telegram._named() == {-1001230000009: -4001}


def test_menus_are_put_up_for_each_kind_of_chat_and_language(server, start, inbox):
    start(admins=["telegram:9", "slack:U1"], staff=["telegram:55"], desks=["telegram:-100777/topics", "slack:C1"])
    server.wait_for(lambda: len(server.called("setMyCommands")) == 15)
    menus = {
        (m["scope"]["type"], m.get("language_code", ""), m["scope"].get("chat_id"))
        for m in server.called("setMyCommands")
    }
    assert {
        (scope, code, None)
        for scope in ("default", "all_private_chats", "all_group_chats")
        for code in ("", "ja", "en", "zh")
    } <= menus
    assert {("chat", "", 9), ("chat", "", 55), ("chat", "", -100777)} <= menus
    by_chat = {m["scope"].get("chat_id"): [c["command"] for c in m["commands"]] for m in server.called("setMyCommands")}
    assert "reindex" in by_chat[9]
    assert "reindex" not in by_chat[55]
    assert by_chat[-100777] == by_chat[55]


# ── webhook ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def web(server, start):
    telegram = start(webhook_url="https://bot.example.jp/telegram/webhook", secret=SECRET)
    server.wait_for(telegram.connected)
    return TestClient(Starlette(routes=list(telegram.routes())), raise_server_exceptions=False)


def post(web, content=b"{}", **headers):
    names = {"secret": "X-Telegram-Bot-Api-Secret-Token"}
    return web.post("/telegram/webhook", content=content, headers={names.get(k, k): v for k, v in headers.items()})


def test_the_webhook_is_registered_with_its_secret(server, web):
    (given,) = server.called("setWebhook")
    assert given["url"] == "https://bot.example.jp/telegram/webhook"
    assert given["secret_token"] == SECRET
    assert given["allowed_updates"] == list(UPDATES)
    assert given["drop_pending_updates"] is False
    assert server.called("getUpdates") == []


def test_an_update_is_kept_and_then_acknowledged_and_a_repeat_has_no_effect(web, inbox):
    for _ in range(4):
        assert post(web, json.dumps(said(1)).encode(), secret=SECRET).status_code == 200
    assert inbox.numbers == [1]


def test_what_cannot_be_kept_is_not_acknowledged(web, inbox):
    inbox.broken = 1
    assert post(web, json.dumps(said(1)).encode(), secret=SECRET).status_code == 503
    assert post(web, json.dumps(said(1)).encode(), secret=SECRET).status_code == 200
    assert inbox.numbers == [1]


FORGED = {
    "no header": {}, "empty": {"secret": ""}, "space": {"secret": " "}, "short": {"secret": SECRET[:-1]},
    "long": {"secret": SECRET + "x"}, "case": {"secret": SECRET.upper()}, "first letter": {"secret": "b" + SECRET[1:]},
    "last letter": {"secret": SECRET[:-1] + "x"}, "twice in one": {"secret": f"{SECRET},{SECRET}"},
    "quoted": {"secret": f'"{SECRET}"'}, "bearer": {"secret": f"Bearer {SECRET}"}, "token": {"secret": TOKEN},
    "bytes": {"secret": b"\xff\xfe\x00"[:2]}, "cp932": {"secret": "合言葉".encode("cp932")},
    "utf-8": {"secret": "合言葉".encode()}, "nul-like": {"secret": "%00" + SECRET}, "huge": {"secret": "x" * 10_000},
    "authorization": {"Authorization": SECRET}, "cookie": {"Cookie": f"secret={SECRET}"},
    "other name": {"X-Telegram-Secret": SECRET}, "underscores": {"X_Telegram_Bot_Api_Secret_Token": SECRET},
    "forwarded": {"X-Forwarded-For": "149.154.160.1"}, "none": {"secret": "None"}, "null": {"secret": "null"},
    "star": {"secret": "*"}, "injection": {"secret": "' OR 1=1 --"},
}  # fmt: skip


@pytest.mark.parametrize("kind", FORGED)
def test_who_does_not_know_the_secret_is_turned_away(web, inbox, kind):
    answer = post(web, json.dumps(said(1)).encode(), **FORGED[kind])
    assert answer.status_code in (401, 403)
    assert answer.content == b""
    assert inbox.events == []


def test_two_secrets_are_none(web, inbox):
    headers = [("X-Telegram-Bot-Api-Secret-Token", SECRET), ("X-Telegram-Bot-Api-Secret-Token", "other")]
    for given in (headers, headers[::-1]):
        assert web.post("/telegram/webhook", content=json.dumps(said(1)), headers=given).status_code == 403
    assert inbox.events == []


GARBAGE = [
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}", b'{"update_id": "1"}', b'{"update_id": true}',
    b'{"update_id": 1.5}', b"[" * 100_000, b'{"a":' * 100_000, "合言葉".encode("cp932"), b"a=b&c=d", b"\x00" * 100,
    b'{"update_id": null}', b"NaN", b'{"message": {}}', b"<xml/>",
]  # fmt: skip


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_with_the_right_secret_is_refused_quietly(web, inbox, body):
    assert post(web, body, secret=SECRET).status_code == 400
    assert inbox.events == []


def test_an_update_that_says_nothing_to_us_is_acknowledged(web, inbox):
    for body in ({"update_id": 1}, {"update_id": 2, "message": None}, {"update_id": 3, "message": {"chat": 5}},
                 RECORDED["unknown_kind_of_2027"]):  # fmt: skip
        assert post(web, json.dumps(body).encode(), secret=SECRET).status_code == 200
    assert inbox.events == []


def test_a_body_that_is_too_large_is_not_read_to_its_end(web):
    assert post(web, b"x" * 2_000_000, secret=SECRET).status_code == 413


def test_only_post_is_taken(web):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert web.request(method, "/telegram/webhook").status_code == 405


def test_nothing_is_taken_after_the_end(server, start, inbox):
    telegram = start(webhook_url="https://bot.example.jp/telegram/webhook", secret=SECRET)
    server.wait_for(telegram.connected)
    web = TestClient(Starlette(routes=list(telegram.routes())), raise_server_exceptions=False)
    telegram.stop(5)
    assert post(web, json.dumps(said(1)).encode(), secret=SECRET).status_code == 503
    assert inbox.events == []


def test_polling_has_no_door(start):
    assert list(start().routes()) == []


# ── with the real inbox ──────────────────────────────────────────────────────────────────────────────────────────────


def test_five_updates_survive_a_crash_between_commit_and_confirmation(tmp_path, inbox):
    """As RELIABILITY finding 1 measured it: the loop of the library lost five of five."""
    database = open_database(None, tmp_path)

    def receive(event):
        with database.work() as work:
            return work.inbox.receive(event)

    with running() as server:
        server.push(*(said(n) for n in range(1, 6)))
        for _ in range(3):  # each process dies after its first batch, before the next question
            client = Api(TOKEN, server.url)
            telegram = Telegram(client, TEXTS)
            telegram._meet()
            telegram._receive = receive
            telegram._poller._hold = 0
            telegram._poller.step()
            client.close()
        assert len(server.updates) == 5
    with database.work() as work:
        taken = []
        while leased := work.inbox.lease(60.0):
            taken.append(leased.event.payload["update"]["update_id"])
            work.inbox.done(leased)
    assert taken == [1, 2, 3, 4, 5]
    database.close()


def test_the_server_of_these_tests_knows_the_bot():
    assert BOT["username"] == "renkei_test_bot"
    assert logging.getLogger("httpx").getEffectiveLevel() >= logging.WARNING
