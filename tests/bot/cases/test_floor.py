"""Who has the floor, and what happens between the lines: repeats, strangers, a claim while the bot thinks."""

from dataclasses import replace

import pytest
from case_fakes import FakeDatabase
from case_office import FALLBACK, MATTER, OTARU, OTHER, SHIRIBESHI, STAFF, Office, labels

from bot.cases.case import ConflictError, State
from bot.cases.reception import Reception
from bot.cases.table import CaseEvent, What
from bot.limiting import RateLimit
from bot.message import Action, Button, Message, ReplyStatus

RESIDENT = "telegram:1"
FIRE = "火事です!助けて"


@pytest.fixture
def office() -> Office:
    return Office(FakeDatabase())


def test_a_claim_while_the_bot_thinks_silences_it(office):
    case = office.consult()
    real = office.bot.reply

    def slow(message, on_sentence=None, memories=None):
        reply = real(message, on_sentence, memories)
        work = slow.work
        office.changes.happen(
            work.cases.get(case.receipt), CaseEvent(What.CLAIM, STAFF, case.desks[0].office), office.time, work
        )
        return reply

    office.bot.reply = slow
    with office.database.work() as work:
        slow.work = work
        reply = office.reception.receive(Message("朝市は誰が開きましたか", RESIDENT, RESIDENT, key="x"), work)
    assert (reply.status, reply.text) == (ReplyStatus.HELD, "")
    assert "朝市は誰が開きましたか" in office.texts(OTARU)[-1]


def test_others_in_the_thread_are_neither_answered_nor_handed_on(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    before = len(office.posts())
    reply = office.hear("私は別の者です。朝市は誰が開きましたか", user="telegram:2")
    assert reply.status is ReplyStatus.HELD
    assert len(office.posts()) == before


def test_an_emergency_of_others_in_the_thread_is_answered(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    before = len(office.posts(OTARU))
    reply = office.hear(FIRE, user="telegram:2")
    assert reply.status is ReplyStatus.EMERGENCY
    assert "119" in office.texts(RESIDENT)[-1]
    assert len(office.posts(OTARU)) == before
    assert office.case(case.receipt).holder == STAFF


def test_an_emergency_is_not_limited_during_a_draft(office):
    parts = replace(office.reception._parts, limit=RateLimit(2))
    office.reception = Reception(parts)
    office.hear("担当に相談したい")
    for _ in range(3):
        office.hear("この内容でよいのか考えています")
    assert office.hear("この内容でよいのか考えています").status is ReplyStatus.LIMITED
    assert office.hear(FIRE).status is ReplyStatus.EMERGENCY


def test_at_first_contact_help_stands_before_the_notice(office):
    text = office.hear(FIRE).text
    assert text.index("119") < text.index("はじめに")
    pieces: list[str] = []
    with office.database.work() as work:
        reply = office.reception.hear(Message(FIRE, "telegram:9", "telegram:9"), work, pieces.append)
    assert "".join(pieces) == reply.text


@pytest.mark.parametrize("first", [{"text": "担当に相談したい"}, {"text": "/consult"}, {"action": Action.CONSULT}])
def test_the_notice_is_given_before_the_first_consultation(office, first):
    text = office.hear(public=True, **first).text
    assert text.index("自動応答") < text.index("ほかの方からも見えます")
    assert "自動応答" not in office.hear("余市町で朝市を開きたい", public=True).text


def test_a_repeated_event_has_one_effect(office):
    office.hear(MATTER)
    office.hear("担当に相談したい")
    office.hear("この会話で")
    for _ in range(4):
        office.hear("送る", key="same")
    assert [case.state for case in office.cases()] == [State.OPEN]
    assert len(office.posts(OTARU)) == 1


def test_two_claims_at_once_one_holder(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    said = office.act(Action.CLAIM, case.receipt, by=OTHER, where=SHIRIBESHI)
    assert STAFF in said.text
    assert office.case(case.receipt).holder == STAFF
    assert sum("担当します" in text for text in office.texts(RESIDENT)) == 1


def test_a_button_of_an_earlier_review_sends_nothing(office):
    office.hear(MATTER)
    office.hear("担当に相談したい")
    shown = office.hear("この会話で")
    office.hear("土曜日に開きます")
    reply = office.press(shown.buttons[0])
    assert "今は使えません" in reply.text
    assert "土曜日に開きます" in reply.text
    assert office.cases()[-1].state is State.DRAFT
    assert office.press(reply.buttons[0]).text.startswith("ご相談をお送りしました")


def test_a_button_of_somebody_else_does_nothing(office):
    office.hear(MATTER)
    office.hear("担当に相談したい")
    shown = office.hear("この会話で")
    assert "今は使えません" in office.press(shown.buttons[0], user="telegram:2").text
    assert office.cases()[-1].state is State.DRAFT


@pytest.mark.parametrize("action", [Action.CLAIM, Action.CLOSE, Action.SEND_TO_RESIDENT, Action.TRANSFER, Action.NOTE])
def test_a_resident_cannot_press_a_button_of_staff(office, action):
    case = office.consult()
    reply = office.hear(action=action, value=case.receipt)
    assert reply.status is ReplyStatus.REFUSED
    assert "職員だけ" in reply.text
    assert office.case(case.receipt) == case


def test_more_can_be_said_while_it_waits(office):
    case = office.consult()
    reply = office.hear("朝市は誰が開きましたか")
    assert labels(reply.buttons) == ["相談に書き足す", "担当に相談する"]
    assert "書き足し" in office.press(reply.buttons[0]).text
    assert "朝市は誰が開きましたか" in office.texts(OTARU)[-1]
    assert office.case(case.receipt).state is State.OPEN


def test_words_about_life_and_death_are_answered_and_marked_for_the_desk(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    assert office.hear("もう死にたいです").status is ReplyStatus.EMERGENCY
    assert "命に関わる言葉" in office.texts(OTARU)[-1]


def test_a_second_consultation_in_the_same_thread(office):
    first = office.consult()
    second = office.consult("仁木町の空き家で喫茶店を始めたい。相談先は?")
    assert first.receipt != second.receipt
    office.act(Action.CLAIM, first.receipt)
    office.go(minutes=1)
    office.act(Action.CLAIM, second.receipt)
    office.hear("よろしくお願いします")
    assert second.receipt in office.texts(OTARU)[-1]
    office.act(Action.CLOSE, second.receipt)
    office.hear("まだいますか")
    assert first.receipt in office.texts(OTARU)[-1]


def test_no_loop_after_closing(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    office.act(Action.CLOSE, case.receipt)
    before = len(office.posts(OTARU))
    for said in ("ありがとうございました", "朝市は誰が開きましたか", "はい"):
        assert office.hear(said).status is not ReplyStatus.HELD
    assert len(office.posts(OTARU)) == before
    assert office.case(case.receipt).state is State.CLOSED


def test_a_stale_change_is_a_conflict(office):
    case = office.consult()
    with pytest.raises(ConflictError), office.database.work() as work:
        work.cases.put(replace(case, version=case.version))


def test_what_cannot_be_delivered_is_marked_once_and_goes_to_the_fallback_desk(office):
    case = office.consult()
    before = len(office.posts(FALLBACK))
    office.fail(case.receipt)
    office.fail(case.receipt)
    assert office.case(case.receipt).undelivered == "blocked"
    texts = office.texts(FALLBACK)[before:]
    assert len(texts) == 2
    assert "【相談】" in texts[0]
    assert "届けられない知らせ" in texts[1]
    office.act(Action.CLAIM, case.receipt, where=FALLBACK)
    assert office.case(case.receipt).undelivered is None


def test_the_notice_is_given_once(office):
    first = office.hear("こんにちは", public=True)
    assert "自動応答" in first.text
    assert "ほかの方からも見えます" in first.text
    assert "はじめに" not in office.hear("朝市は誰が開きましたか").text
    assert "はじめに" in office.hear("こんにちは", user="telegram:9", thread="telegram:9").text


def test_streaming_gives_the_same_text(office):
    pieces: list[str] = []
    with office.database.work() as work:
        reply = office.reception.hear(Message("朝市は誰が開きましたか", RESIDENT, RESIDENT), work, pieces.append)
    assert "".join(pieces) == reply.text


def test_a_plain_line_of_staff_stays_inside(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    before = len(office.posts())
    assert office.talk(case.receipt, "この人、去年も来たね") is None
    assert len(office.posts()) == before
    said = office.talk(case.receipt, "住民へ: 港の広場が使えます")
    assert "港の広場が使えます" in said.text
    assert [b.action for b in said.buttons] == [Action.SEND_TO_RESIDENT, Action.CANCEL]
    assert len(office.posts()) == before
    office.act(Action.SEND_TO_RESIDENT, case.receipt)
    assert "去年" not in "".join(office.texts(RESIDENT))
    assert "港の広場が使えます" in office.texts(RESIDENT)[-1]


def test_a_dropped_preview_is_not_sent(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    office.act(Action.REPLY, case.receipt, text="書きかけ")
    office.act(Action.CANCEL, case.receipt)
    assert "送る文がありません" in office.act(Action.SEND_TO_RESIDENT, case.receipt).text
    assert "書きかけ" not in "".join(office.texts(RESIDENT))


UNSURE = (
    "いいえ、大丈夫です",
    "もう大丈夫です",
    "今回は大丈夫です",
    "No, that's fine",
    "no ok",
    "それで",
    "送りたくないです",
    "取り消したい",
    "ちょっと待って",
    "やっぱりいいです",
    "結構です",
    "送るのは少し待ってください",
    "不发送",
)


@pytest.mark.parametrize("text", UNSURE)
def test_a_refusal_neither_sends_nor_is_added(office, text):
    office.hear(MATTER)
    office.hear("担当に相談したい")
    shown = office.hear("この会話で")
    draft = office.cases()[-1]
    reply = office.hear(text)
    after = office.cases()
    assert not office.posts(OTARU)
    if after and after[-1].state is State.DRAFT:
        assert after[-1].matter == draft.matter
        assert after[-1].wish == draft.wish
        assert labels(reply.buttons) == labels(shown.buttons)
        assert "まだ送っていません" in reply.text
        assert office.hear("はい").text.startswith("ご相談をお送りしました")


@pytest.mark.parametrize("text", ["はい", "送って", "お願いします", "これでいいです", "yes", "Send it", "是", "发送"])
def test_a_clear_yes_sends(office, text):
    office.hear(MATTER)
    office.hear("担当に相談したい")
    office.hear("この会話で")
    assert office.hear(text).text.startswith("ご相談をお送りしました")


def test_limits_of_length(office):
    office.hear("担当に相談したい")
    office.hear("余市町で朝市を開きたい" + "。" * 1500)
    office.hear("この会話で")
    reply = office.hear("土曜の朝に" + "、" * 1000)
    assert "2,000字" in reply.text
    assert len(office.cases()[-1].matter) <= 2000


def test_an_unknown_choice_is_stale(office):
    office.hear(MATTER)
    office.hear("担当に相談したい")
    for value in ("way:moon", "place:unknown", "x:y", "fix:moon", "add:ABC"):
        assert office.press(Button(Action.CONSULT, "", value)).status is ReplyStatus.CONSULTATION
    assert office.cases()[-1].wish is None


HOSTILE = (
    "<!channel> <@U1> <http://x|y>",
    "\x00\ud83d",
    "‮abc",
    "x" * 5000,
    "*_`~[a](b)<b>",
    "\U000e0041",
    "{receipt}",
    "%s",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_odd_words_break_nothing(office, text):
    office.hear(text)
    office.hear("担当に相談したい")
    office.hear(text)
    office.hear("やめます")
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    office.hear(text)
    office.act(Action.NOTE, case.receipt, text=text)
    office.act(Action.REPLY, case.receipt, text=text)
    office.act(Action.SEND_TO_RESIDENT, case.receipt)
    office.hear("/export")
    office.hear("/forget")
