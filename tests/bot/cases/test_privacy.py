"""What is kept, what is masked, what is forgotten, and who may see what."""

from datetime import timedelta

import pytest
from case_fakes import FakeDatabase
from case_office import MATTER, MORNING, OTARU, STAFF, Office, OnePassage, knowledge

from bot.bot import Bot
from bot.cases.case import State
from bot.cases.receipt import new_receipt
from bot.cases.records import GUESSES
from bot.message import Action, Message, ReplyStatus

PHONE, MAIL = "090-0000-1234", "hanako@example.jp"


@pytest.fixture
def office() -> Office:
    return Office(FakeDatabase())


def kept(office: Office) -> str:
    """All that lies in the database but what waits to be sent."""
    return repr({name: value for name, value in vars(office.database.tables).items() if name != "outbox"})


def test_only_the_contact_is_kept_as_it_is(office):
    office.hear(f"余市町で朝市を開きたいです。電話は{PHONE}です。どこに相談すればいいですか")
    office.hear("担当に相談したい")
    assert PHONE not in kept(office)
    office.hear(MAIL)
    office.hear("送る")
    case = office.cases()[-1]
    assert case.wish.address == MAIL
    assert PHONE not in kept(office)
    assert PHONE not in "".join(office.texts(OTARU))


def test_what_is_said_to_a_person_arrives_whole_and_is_kept_masked(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    office.hear(f"電話は{PHONE}です")
    assert PHONE in office.texts(OTARU)[-1]
    assert PHONE not in kept(office)
    office.act(Action.REPLY, case.receipt, text="011-000-0000 におかけください")
    office.act(Action.SEND_TO_RESIDENT, case.receipt)
    assert "011-000-0000" in office.hear("/export").text


def test_a_cancelled_draft_leaves_nothing(office):
    office.hear("担当に相談したい")
    office.hear("余市町の浜でヒラメ祭りを開きたい")
    office.hear(MAIL)
    office.hear("やめます")
    assert "ヒラメ" not in kept(office)
    assert MAIL not in kept(office)


def test_a_draft_lapses_after_a_day_and_the_resident_is_told(office):
    office.hear("担当に相談したい")
    office.hear("余市町の浜でヒラメ祭りを開きたい")
    office.go(hours=23.9)
    assert office.tick() == []
    office.go(hours=0.2)
    assert office.tick() == ["expire"]
    assert "24時間" in office.texts("telegram:1")[-1]
    assert "ヒラメ" not in repr(office.database.tables.cases)


def test_forget_erases_every_word_everywhere(office):
    office.hear("ヒラメが好きです")
    case = office.consult("余市町でヒラメ祭りを開きたいです。どこに相談すればいいですか")
    office.act(Action.CLAIM, case.receipt)
    office.hear("ヒラメは30匹です")
    office.act(Action.NOTE, case.receipt, text="ヒラメの人")
    office.hear("/forget")
    assert "ヒラメ" not in kept(office)
    assert "telegram:1" not in kept(office).replace("greeted", "")
    assert "ヒラメ" not in "".join(office.texts(OTARU))
    assert office.case(case.receipt).state is State.WITHDRAWN


def test_forget_reaches_all_conversations_of_a_person_and_nobody_elses(office):
    mine = office.consult(thread="slack:C1/1")
    other = office.consult(user="telegram:2", thread="telegram:2")
    office.hear("/forget", thread="telegram:1")
    assert office.case(mine.receipt).erased
    assert office.case(other.receipt) == other


def test_forget_reaches_events_that_were_given_up_but_none_of_others(office):
    office.consult(thread="telegram:1")
    office.consult(thread="slack:C1/1", public=True)
    office.database.tables.unread = {"telegram:1", "slack:C1/1", "telegram:2"}
    office.hear("/forget")
    assert office.database.tables.unread == {"slack:C1/1", "telegram:2"}


def test_words_are_purged_after_the_retention(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    office.act(Action.CLOSE, case.receipt)
    office.go(days=364)
    assert office.tick() == []
    office.go(days=2)
    assert office.tick() == ["purge"]
    assert "保存の期間" in office.texts(OTARU)[-1]
    assert "住民の希望" not in office.texts(OTARU)[-1]
    gone = office.case(case.receipt)
    assert (gone.matter, gone.state, gone.erased) == ("", State.CLOSED, True)
    assert gone.ended_at < office.time - timedelta(days=364)
    assert office.tick() == []


def test_an_export_shows_ones_own_and_no_note(office):
    case = office.consult()
    office.consult("仁木町の空き家で喫茶店を始めたい。相談先は?", user="telegram:2", thread="telegram:2")
    office.act(Action.CLAIM, case.receipt)
    office.act(Action.NOTE, case.receipt, text="内緒の話")
    office.hear("よろしくお願いします")
    text = office.hear("/export").text
    assert MATTER in text
    assert "よろしくお願いします" in text
    assert "内緒" not in text
    assert "喫茶店" not in text


def test_nothing_is_exported_where_others_read(office):
    office.consult()
    reply = office.hear("/export", public=True)
    assert MATTER not in reply.text
    assert "お見せできません" in reply.text


def test_a_foreign_receipt_reads_like_an_absent_one(office):
    office.consult()
    mine = office.cases()[0]
    for n in range(50):
        stranger = f"telegram:{100 + n}"
        foreign = office.hear(mine.receipt, user=stranger, thread=stranger)
        absent = office.hear(new_receipt(), user=stranger, thread=stranger)
        assert (foreign.text, foreign.status) == (absent.text, absent.status)
    assert "担当を待っています" in office.hear(mine.receipt).text


def test_guessing_is_slowed_down(office):
    office.consult()
    mine = office.cases()[0].receipt
    for _ in range(GUESSES):
        assert "見つかりません" in office.hear(new_receipt(), user="telegram:7", thread="telegram:7").text
    for receipt in (new_receipt(), mine):
        assert "10分ほど" in office.hear(receipt, user="telegram:7", thread="telegram:7").text
    assert "担当を待っています" in office.hear(mine).text
    office.go(minutes=11)
    assert "見つかりません" in office.hear(mine, user="telegram:7", thread="telegram:7").text


def test_staff_may_look_up_and_the_audit_says_so(office):
    case = office.consult()
    assert "担当を待っています" in office.hear(f"{case.receipt}はどうなりましたか", user=STAFF, thread="slack:D1").text
    assert (STAFF, "look_up", case.receipt) in office.database.tables.audit


def test_the_audit_names_no_resident_and_no_word(office):
    case = office.consult()
    office.act(Action.CLAIM, case.receipt)
    office.hear("ヒラメの件です")
    office.act(Action.REPLY, case.receipt, text="はい、ヒラメですね")
    office.act(Action.SEND_TO_RESIDENT, case.receipt)
    office.act(Action.CLOSE, case.receipt)
    audit = office.database.tables.audit
    assert [(who, what) for who, what, _ in audit] == [
        ("resident", "confirm"), (STAFF, "claim"), (STAFF, "send"), (STAFF, "close"),
    ]  # fmt: skip
    assert "telegram:1" not in repr(audit)


@pytest.mark.parametrize("command", ["/forget", "/export", "/cases", "/cancel", "/consult"])
def test_commands_without_anything(office, command):
    reply = office.hear(command)
    assert reply.status in (ReplyStatus.COMMAND, ReplyStatus.CONSULTATION)
    assert reply.text


class Told:
    """A chat model, as writer and as rewriter, that notes what it is shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def write(self, question, lang, passages, seconds):
        self.shown.append(question)
        yield from ()

    def rewrite(self, question, earlier, seconds):
        self.shown.append(question)
        return ""


def test_the_matter_of_a_consultation_is_shown_to_no_chat_model():
    known, told = knowledge(), Told()
    parts = {name: getattr(known, name) for name in ("directory", "gazetteer", "triage", "texts", "glossary")}
    bot = Bot(retriever=OnePassage(), clock=lambda: MORNING, writer=told, rewriter=told, **parts)
    asked = "余市町の朝市には何人が参加しましたか"
    for question in (asked, "余市町のうちの畑の井戸はどうすればよいですか"):
        bot.draft(question)
    assert told.shown == []
    bot.reply(Message(asked, "t", "u"))
    assert told.shown
