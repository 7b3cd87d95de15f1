"""A consultation on a form: the same draft as step by step, and nothing sent before a yes."""

import pytest
from case_fakes import FakeDatabase
from case_office import MATTER, OTARU, Office, labels

from bot.cases.case import State, Step, Way
from bot.cases.form import Form, Forms
from bot.message import Action, Lang, Message, ReplyStatus

USER = "slack:U0TARO"


@pytest.fixture
def office():
    return Office(FakeDatabase())


def fill(office, *fields, public=False):
    message = Message("", USER, USER, Action.CONSULT, key="f", public=public)
    with office.database.work() as work:
        return Forms(office.reception._parts, office.reception).fill(Form(*fields), message, work)


def draft(office):
    return office.cases(USER)[-1]


def test_a_whole_form_leads_to_the_review_and_a_yes_sends_it(office):
    reply = fill(office, "空き店舗で朝市を開きたいです", "余市町", "here")
    assert labels(reply.buttons) == ["送る", "直す", "やめる"]
    assert "空き店舗で朝市を開きたいです" in reply.text
    assert office.posts(OTARU) == []
    office.press(reply.buttons[0], user=USER, thread=USER)
    assert draft(office).state is State.OPEN
    assert "空き店舗で朝市を開きたいです" in office.texts(OTARU)[0]


def test_the_place_may_stand_in_the_matter(office):
    fill(office, MATTER, "", "here")
    assert (draft(office).places, draft(office).step) == (("余市町",), Step.REVIEW)


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        (("朝市を開きたいです", "", "here"), Step.PLACE),
        (("朝市を開きたいです", "どこかの町", "here"), Step.PLACE),
        ((MATTER, "", ""), Step.WAY),
        ((MATTER, "", "outside", ""), Step.WAY),
        ((MATTER, "", "outside", "電話はありません"), Step.WAY),
        ((MATTER, "", "something"), Step.WAY),
    ],
)
def test_what_is_missing_is_asked(office, fields, step):
    fill(office, *fields)
    assert draft(office).step is step


def test_after_the_place_nothing_else_is_asked(office):
    fill(office, "朝市を開きたいです", "", "none")
    office.hear("余市町です", user=USER, thread=USER)
    assert (draft(office).step, draft(office).wish.way) == (Step.REVIEW, Way.NONE)


def test_the_address_is_kept_and_the_matter_masked(office):
    fill(office, f"{MATTER} 電話は090-0000-0000です", "", "outside", "taro@example.jp")
    assert draft(office).wish.address == "taro@example.jp"
    assert "090-0000-0000" not in draft(office).matter


def test_a_form_takes_the_place_of_a_draft_begun_before(office):
    office.hear("担当に相談したい", user=USER, thread=USER)
    fill(office, MATTER, "", "here")
    assert [case.state for case in office.cases(USER)] == [State.DRAFT]


def test_an_emergency_is_no_draft(office):
    reply = fill(office, "火事です。助けてください", "余市町", "here")
    assert reply.status is ReplyStatus.EMERGENCY
    assert office.cases(USER) == ()


def test_where_a_person_has_the_floor_the_words_go_to_them(office):
    case = office.consult(user=USER, thread=USER)
    office.act(Action.CLAIM, case.receipt)
    reply = fill(office, "もう一つお願いがあります", "余市町", "here")
    assert reply.status is ReplyStatus.HELD
    assert any("もう一つお願いがあります" in text for text in office.texts(OTARU))


def test_it_speaks_the_language_of_the_matter(office):
    assert fill(office, "I would like to open a market in Yoichi", "", "here").lang is Lang.EN


def test_an_empty_form_asks_for_the_matter_or_talks(office):
    assert fill(office, "  ", "", "").text
    assert office.cases(USER) == ()
