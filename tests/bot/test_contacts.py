import pytest

from bot.contacts import contact_reply, phone_in
from bot.message import Lang, ReplyStatus
from bot.texts import Texts
from knowledge.entities import Level, Office, OtherPhone

TEXTS = Texts.load()


def office(name, **known):
    unknown = dict.fromkeys(("phone", "email", "postal", "address", "hours", "as_of"))
    fields = {"section": "地域連携課", "level": Level.NATIONAL, "other_phones": (), "source": "test", "verified": True}
    return Office(name=name, **(unknown | fields | {"url": f"https://example.jp/{name}"} | known))


KNOWN = office("甲開発建設部", phone="000-111-2222", address="甲市1条2丁目", as_of="2025-03-31")
BARE = office("乙開発建設部", verified=False)


def reply(text, *offices):
    return contact_reply(text, offices, TEXTS, Lang.JA)


def test_what_is_known_is_answered_with_its_date():
    status, text = reply("甲開発建設部の電話番号は", KNOWN)
    assert status is ReplyStatus.ANSWERED
    assert "000-111-2222" in text
    assert "2025-03-31" in text


def test_an_unknown_phone_is_not_confirmed_and_the_page_is_given():
    status, text = reply("乙開発建設部の電話番号は", BARE)
    assert status is ReplyStatus.NO_SOURCE
    assert "未確認" in text
    assert BARE.url in text


def test_of_two_things_asked_the_missing_one_is_named():
    status, text = reply("甲の電話とメールは", KNOWN)
    assert status is ReplyStatus.PARTIAL
    assert "メールアドレスは未確認" in text


def test_hours_are_never_invented():
    status, text = reply("甲は何時から開いていますか", KNOWN)
    assert status is ReplyStatus.NO_SOURCE
    assert "未確認" in text


@pytest.mark.parametrize("written", ["000-111-2222", "０００－１１１－２２２２", "0001112222"])
def test_whose_number_it_is(written):
    assert "の番号です" in reply(f"{written}はどこの番号ですか", KNOWN)[1]


def test_a_number_that_nobody_has():
    status, text = reply("000-999-8888はどこの番号ですか")
    assert status is ReplyStatus.NO_SOURCE
    assert "000-999-8888" in text
    assert phone_in("はい") is None


def test_both_numbers_are_shown_where_sources_differ():
    older = OtherPhone("000-333-4444", "案内", "2024-04-01")
    text = reply("電話は", office("丙", phone="000-111-2222", other_phones=(older,), verified=False))[1]
    assert text.index("000-111-2222") < text.index("000-333-4444")
    assert "おかけになる前に" in text
