"""HTTP mode: what is Slack's is committed and acknowledged; what is not has no effect; nothing ends in a 5xx."""

import base64
import copy
import http.client
import json
import time
from pathlib import Path

import pytest
import slack_server
from slack_server import SECRET, as_form, as_json, command, direct_message, event, post, press, signed, submit

from adapters.slack.platform import build
from adapters.slack.web import PATH, judge
from adapters.web import Health, WebServer, build_app
from bot.cases.form import Form
from bot.cases.receipt import new_receipt
from knowledge.errors import DatabaseError

PAYLOADS = Path(__file__).with_name("payloads")


class Office:
    """Slack's requests end here. `kept`: what the inbox took; `fails`: it takes nothing."""

    def __init__(self, settings):
        self.kept, self.keys, self.fails = [], set(), False
        self.platform = build(settings)
        health = Health(lambda: {"all": True}, lambda: b"", lambda: True)
        self.web = WebServer(build_app(health, self.platform.routes()), "127.0.0.1", 0)
        self.web.start()
        self.platform.start(self.receive)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.web.port}{PATH}"

    def receive(self, event):
        if self.fails:
            raise DatabaseError("locked")
        if self.keys & set(event.keys):
            return False
        self.keys |= set(event.keys)
        self.kept.append(event)
        return True

    def deliver(self, body, *, form=False, **how):
        data, kind = (as_form if form else as_json)(body)
        return post(self.url, data, {"Content-Type": kind, **signed(data, **how)})

    def close(self):
        self.platform.stop(2.0)
        self.web.stop()


@pytest.fixture
def office(settings_for):
    found = Office(settings_for(slack_mode="http"))
    yield found
    found.close()


def test_every_recorded_delivery_is_acknowledged(office):
    for path in sorted(PAYLOADS.glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        assert office.deliver(body, form=body.get("type") != "event_callback") == 200, path.stem


def test_a_question_a_button_a_form_and_a_command_are_kept(office, server):
    office.deliver(direct_message(server, "U0TARO", "余市町の朝市はいつですか"))
    office.deliver(press("U0TARO", "D0TARO", {"ts": "17.1"}, {"action_id": "confirm", "value": "x:1"}), form=True)
    office.deliver(command("U0TARO", "連絡先 余市"), form=True)
    assert [kept.payload["kind"] for kept in office.kept] == ["message", "action", "command"]


def test_slacks_own_checks_are_answered(office):
    data, kind = as_json({"type": "url_verification", "token": "x", "challenge": "abc"})
    connection = http.client.HTTPConnection("127.0.0.1", office.web.port, timeout=10)
    connection.request("POST", PATH, data, {"Content-Type": kind, **signed(data)})
    response = connection.getresponse()
    assert (response.status, b"abc" in response.read()) == (200, True)
    assert office.deliver({"command": "/renkei", "ssl_check": "1", "token": "x"}, form=True) == 200
    assert office.kept == []


@pytest.mark.parametrize("times", [4])
def test_a_delivery_that_comes_again_has_no_second_effect(office, server, times):
    body = direct_message(server, "U0TARO", "こんにちは")
    assert [office.deliver(body) for _ in range(times)] == [200] * times
    assert len(office.kept) == 1


def test_what_the_inbox_does_not_take_is_not_acknowledged_and_comes_again(office, server):
    body = direct_message(server, "U0TARO", "こんにちは")
    office.fails = True
    assert office.deliver(body) == 503
    office.fails = False
    assert office.deliver(body) == 200
    assert len(office.kept) == 1


def test_before_it_starts_and_after_it_stops_slack_is_asked_to_come_again(office, server):
    office.platform.stop(1.0)
    assert office.deliver(direct_message(server, "U0TARO", "こんにちは")) == 503


# ── forged, stale, replayed ──────────────────────────────────────────────────────────────────────────────────────────

BODY = as_json(
    event({"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": "x", "ts": "1.1"})
)[0]


def forgeries():
    """name → (body, headers): none of them was made by Slack, or not now."""
    now, good = time.time(), signed(BODY)
    ts, sig = good["X-Slack-Request-Timestamp"], good["X-Slack-Signature"]
    base = {"X-Slack-Request-Timestamp": ts, "X-Slack-Signature": sig}

    def of(**changed):
        return {**base, **{f"X-Slack-{name}": value for name, value in changed.items()}}

    def stamp(value):
        return {**of(Signature=sig), "X-Slack-Request-Timestamp": value}

    yield "no headers", BODY, {}
    yield "no signature", BODY, {"X-Slack-Request-Timestamp": ts}
    yield "no timestamp", BODY, {"X-Slack-Signature": sig}
    yield "empty signature", BODY, of(Signature="")
    yield "signature of another body", BODY + b" ", base
    yield "one letter of the body changed", BODY.replace(b"U1", b"U2"), base
    yield "empty body", b"", base
    yield "signed with another secret", BODY, signed(BODY, "another")
    yield "signed with the bot token", BODY, signed(BODY, slack_server.BOT_TOKEN)
    yield "signed with a prefix of the secret", BODY, signed(BODY, SECRET[:-1])
    yield "signed with the secret in capitals", BODY, signed(BODY, SECRET.upper())
    yield "timestamp of now, signature of then", BODY, {**signed(BODY, at=now - 60), "X-Slack-Request-Timestamp": ts}
    for seconds in (301, 600, 3600, 86_400, 31_536_000):
        yield f"stale by {seconds} s", BODY, signed(BODY, at=now - seconds)
    for seconds in (330, 600, 86_400):
        yield f"ahead by {seconds} s", BODY, signed(BODY, at=now + seconds)
    for value in ("", "abc", "0", "-1", "1e9", f"{ts}.5", f" {ts}x", f"+{ts}", "NaN", "inf", "9" * 400, "١٢٣", "0x10"):
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            value = value.encode().decode("latin-1")
        yield f"timestamp {value[:12]!r}", BODY, stamp(value)
    yield "version 1", BODY, of(Signature=sig.replace("v0=", "v1="))
    yield "no version", BODY, of(Signature=sig.removeprefix("v0="))
    yield "version alone", BODY, of(Signature="v0=")
    yield "half a signature", BODY, of(Signature=sig[:40])
    yield "signature in capitals", BODY, of(Signature=sig.upper())
    yield "a longer signature", BODY, of(Signature=sig + "00")
    yield "signature of noughts", BODY, of(Signature="v0=" + "0" * 64)
    yield "two signatures", BODY, of(Signature=f"{sig},{sig}")
    yield "signature as base64", BODY, of(Signature=base64.b64encode(sig.encode()).decode())
    yield "signature beyond ASCII", BODY, of(Signature="v0=é" + sig[4:])
    yield "a long signature", BODY, of(Signature="v0=" + "a" * 10_000)
    yield "an old verification token alone", as_json({"token": "verification-token", "type": "event_callback"})[0], {}
    yield "a check without a signature", as_form({"command": "/renkei", "ssl_check": "1"})[0], {}
    yield "a challenge without a signature", as_json({"type": "url_verification", "challenge": "x"})[0], {}
    yield "not text at all", b"\xff\xfe\x00" * 50, {**signed(b"\xff\xfe\x00" * 50)}
    yield "a button without a signature", as_form(press("U1", "D1", {"ts": "1"}, {"action_id": "claim"}))[0], {}
    yield "a form without a signature", as_form({"type": "view_submission", "view": {}})[0], {}


def test_forged_and_stale_requests_are_refused_without_effect(office):
    answers = {}
    for name, body, headers in forgeries():
        kind = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
        assert name not in answers
        answers[name] = post(office.url, body, {"Content-Type": kind, **headers})
    assert len(answers) >= 40
    assert {name: status for name, status in answers.items() if status not in (401, 403)} == {}
    assert office.kept == []


def test_a_replayed_request_has_no_second_effect(office, server):
    bodies = [
        as_json(direct_message(server, "U0TARO", "こんにちは")),
        as_form(command("U0TARO", "連絡先 余市")),
        as_form(press("U0TARO", "D0TARO", {"ts": "17.1"}, {"action_id": "confirm", "value": "x:1"})),
        as_form(submit("U0TARO", {"type": "modal", "callback_id": "note", "id": "V1", "blocks": [],
                                  "private_metadata": '{"thread": "slack:C0OTARU/1.1"}'}, text="x")),
    ]  # fmt: skip
    for data, kind in bodies:
        headers = {"Content-Type": kind, **signed(data)}
        assert [post(office.url, data, headers) for _ in range(3)] == [200] * 3
    assert len(office.kept) == len(bodies)


GARBAGE = [
    b"", b"x", b"{", b"[]", b"null", b'"x"', b"12", b"{}x", b"payload=", b"payload=x", b"payload=[]", b"a=b", b"=",
    b"payload=%7B", b"[" * 100_000, b'{"a":' * 50_000, "余市".encode(), b"payload=%FF%FE",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_signed_garbage_is_refused_and_never_a_fault_of_ours(office, kind):
    answers = {data[:20]: post(office.url, data, {"Content-Type": kind, **signed(data)}) for data in GARBAGE}
    assert {data: status for data, status in answers.items() if not 400 <= status < 500} == {}
    assert office.kept == []


def test_odd_but_signed_deliveries_are_taken_calmly(office):
    for body in ({}, {"type": None}, {"type": "event_callback"}, {"type": "event_callback", "event": []}):
        assert office.deliver(body) in (200, 400)
    for body in ({"type": "block_actions"}, {"type": "block_actions", "actions": [None]}, {"type": "view_submission"}):
        assert office.deliver(body, form=True) == 200
    assert office.kept == []


def test_too_much_is_refused(office):
    data = b'{"x": "' + b"a" * 2_000_000 + b'"}'
    assert post(office.url, data, {"Content-Type": "application/json", **signed(data)}) == 413


def test_other_methods_and_places_are_none_of_ours(office):
    for method, path, status in (("GET", PATH, 405), ("PUT", PATH, 405), ("POST", "/slack/other", 404)):
        connection = http.client.HTTPConnection("127.0.0.1", office.web.port, timeout=10)
        connection.request(method, path)
        assert connection.getresponse().status == status


@pytest.mark.parametrize(("offset", "status"), [(0, 200), (-299, 200), (299, 200), (-301, 401), (301, 401)])
def test_the_window_is_five_minutes(offset, status):
    headers = {name.lower(): value for name, value in signed(BODY, at=1_800_000_000).items()}
    headers["content-type"] = "application/json"
    assert judge(headers, BODY, SECRET, 1_800_000_000 + offset) == status


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────

CARD = {"ts": "17.5", "text": "【相談】"}
REPLY = {"action_id": "reply", "value": "7KM-4PX-A9R"}


@pytest.mark.parametrize("action", ["reply", "note", "transfer"])
def test_a_form_opens_at_once_and_what_is_filled_in_is_kept(office, server, wait, action):
    office.deliver(press("U0STAFF", "C0OTARU", CARD, {**REPLY, "action_id": action}), form=True)
    wait(lambda: server.views)
    assert office.kept == []
    chosen = {"office": "後志総合振興局 地域政策課"} if action == "transfer" else {}
    office.deliver(submit("U0STAFF", server.views[0], text="ご連絡します", **chosen), form=True)
    (heard,) = office.platform.parse(office.kept[0])
    assert (heard.message.action, heard.message.value, heard.message.text) == (action, "7KM-4PX-A9R", "ご連絡します")
    assert (heard.desk, heard.card_thread, heard.private) == ("slack:C0OTARU", "17.5", True)
    assert heard.office == chosen.get("office", "")


CONSULT = {"action_id": "consult", "value": "\x1f余市町で朝市を開きたいです"}


def test_a_consultation_is_filled_in_on_a_form_that_knows_the_question(office, server, wait):
    office.deliver(press("U0TARO", "D0TARO", {"ts": "17.6"}, CONSULT), form=True)
    wait(lambda: server.views)
    (view,) = server.views
    fields = {block["block_id"]: block["element"] for block in view["blocks"]}
    assert fields["matter"]["initial_value"] == "余市町で朝市を開きたいです"
    assert [option["value"] for option in fields["way"]["options"]] == ["here", "outside", "none"]
    filled = {"matter": "朝市を開きたい", "place": "余市町", "way": "outside", "address": "taro@example.jp"}
    office.deliver(submit("U0TARO", view, **filled), form=True)
    (heard,) = office.platform.parse(office.kept[0])
    assert (heard.message.action, heard.message.thread) == ("consult", "slack:U0TARO")
    assert heard.form == Form(*filled.values())


def test_no_phone_number_is_asked_for_where_others_read(office, server, wait):
    office.deliver(press("U0TARO", "C0TOWN", {"ts": "17.6"}, CONSULT), form=True)
    wait(lambda: server.views)
    fields = {block["block_id"]: block["element"] for block in server.views[0]["blocks"]}
    assert set(fields) == {"matter", "place", "way"}
    assert [option["value"] for option in fields["way"]["options"]] == ["here", "none"]


def test_a_form_speaks_the_language_of_the_question(office, server, wait):
    asked = {"action_id": "consult", "value": "\x1fI would like to open a market in Yoichi"}
    office.deliver(press("U0ANN", "D0ANN", {"ts": "17.6"}, asked), form=True)
    wait(lambda: server.views)
    assert server.views[0]["title"]["text"] == "Write to the office"


@pytest.mark.parametrize("value", ["way:here", "fix", "add:7KM-4PX-A9R", "place:unknown"])
def test_other_steps_of_a_consultation_open_no_form(office, server, value):
    office.deliver(press("U0TARO", "D0TARO", {"ts": "17.6"}, {"action_id": "consult", "value": value}), form=True)
    assert len(office.kept) == 1
    assert server.views == []


def test_a_press_that_comes_again_opens_no_second_form(office, server, wait):
    body = press("U0STAFF", "C0OTARU", CARD, REPLY)
    for _ in range(3):
        office.deliver(copy.deepcopy(body), form=True)
    wait(lambda: server.count("views.open") == 3)
    office.platform._door.close()
    assert len(server.views) == 1
    assert office.kept == []


def test_a_form_that_cannot_be_opened_is_a_plain_press(office, server, wait):
    office.deliver({**press("U0STAFF", "C0OTARU", CARD, REPLY), "trigger_id": "old-1"}, form=True)
    wait(lambda: office.kept)
    (heard,) = office.platform.parse(office.kept[0])
    assert (heard.message.action, heard.message.text) == ("reply", "")


def test_a_bad_mark_counts_at_once_and_asks_why(office, server, wait):
    mark = {"action_id": "feedback", "type": "feedback_buttons", "value": "a:x1:bad"}
    office.deliver(press("U0TARO", "D0TARO", {"ts": "17.6"}, mark), form=True)
    wait(lambda: server.views)
    (heard,) = office.platform.parse(office.kept[0])
    assert (heard.message.value, heard.via["form"]) == ("a:x1:bad", True)
    office.deliver(submit("U0TARO", server.views[0], text="古い"), form=True)
    (heard,) = office.platform.parse(office.kept[1])
    assert (heard.message.action, heard.message.value, heard.message.text) == ("feedback", "a:x1:bad", "古い")


@pytest.mark.parametrize("value", ["a:x1:good", f"{new_receipt()}:bad", ""])
def test_other_marks_open_no_form(office, server, value):
    office.deliver(press("U0TARO", "D0TARO", {"ts": "17.6"}, {"action_id": "feedback", "value": value}), form=True)
    assert len(office.kept) == 1
    assert server.views == []


# ── who comes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def opened(tab):
    return event({"type": "app_home_opened", "user": "U0TARO", "channel": "D0TARO", "tab": tab})


def test_who_comes_to_the_messages_is_told_what_one_might_ask(office, server, wait):
    office.deliver(opened("messages"))
    wait(lambda: server.count("assistant.threads.setSuggestedPrompts"))
    ((_, named),) = [call for call in server.calls if call[0] == "assistant.threads.setSuggestedPrompts"]
    assert named["channel_id"] == "D0TARO"
    assert len(named["prompts"]) == 4
    assert office.kept == []
    wait(lambda: office.platform._directs.threaded)


def test_where_slack_knows_no_such_thing_it_is_left_out_from_then_on(office, server, wait):
    server.agent = False
    office.deliver(opened("messages"))
    wait(lambda: server.count("assistant.threads.setSuggestedPrompts"))
    wait(lambda: office.platform._streams._refused)
    office.deliver(opened("messages"))
    office.deliver(opened("home"))
    assert len(office.kept) == 1
    assert server.count("assistant.threads.setSuggestedPrompts") == 1
    assert not office.platform._directs.threaded
