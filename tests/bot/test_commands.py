"""Commands are read alike however they are typed; each role may do what is its own."""

import pytest

from bot.access import Access, Role
from bot.commands import NAMES, Command, What, may, parse


@pytest.mark.parametrize(
    ("typed", "what", "argument"),
    [
        ("連絡先 余市町", What.CONTACTS, "余市町"),
        ("連絡先\u3000余市町", What.CONTACTS, "余市町"),
        ("/contacts  Yoichi ", What.CONTACTS, "Yoichi"),
        ("Contacts", What.CONTACTS, ""),
        ("事業 クルーズ船 小樽", What.PROJECTS, "クルーズ船 小樽"),
        ("相談 7KM-4PX-A9R", What.CASE, "7KM-4PX-A9R"),
        ("相談したいことがあります", What.ASK, "相談したいことがあります"),
        ("やさしい オフ", What.EASY, "オフ"),
        ("index status", What.INDEX, ""),
        ("index rollback 20250331", What.ROLLBACK, "20250331"),
        ("索引", What.INDEX, ""),
        ("ｒｅｉｎｄｅｘ", What.REINDEX, ""),
        ("forget", What.RECORDS, "/forget"),
        ("忘れて", What.RECORDS, "/forget"),
        ("start consult", What.RECORDS, "/consult"),
        ("start", What.HELP, ""),
        ("", What.HELP, ""),
        ("余市町の朝市はいつですか", What.ASK, "余市町の朝市はいつですか"),
        ("質問 余市町の朝市は?", What.ASK, "余市町の朝市は?"),
    ],
)
def test_what_was_typed(typed, what, argument):
    assert parse(typed) == Command(what, argument)


def test_easy_japanese_ends_in_every_way_of_saying_so():
    assert [parse(f"easy {word}").off for word in ("off", "ＯＦＦ", "ふつう", "on", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_no_two_commands_share_a_name():
    names = [name for group in NAMES.values() for name in group]
    assert len(names) == len(set(names))


def test_roles():
    assert [may(Role.RESIDENT, what) for what in (What.CONTACTS, What.ASK, What.INDEX, What.REINDEX)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert not may(Role.STAFF, What.ROLLBACK)
    assert all(may(Role.ADMIN, what) for what in What)


def test_a_place_that_is_listed_gives_its_role_to_who_speaks_there():
    access = Access.of(admins=["slack:U1"], staff=["slack:C0DESK"])
    assert access.at("slack:C0DESK", "slack:U2").role("slack:U2") is Role.STAFF
    assert access.at("slack:C0HALL", "slack:U2").role("slack:U2") is Role.RESIDENT
    assert access.at("slack:C0DESK", "slack:U1").role("slack:U1") is Role.ADMIN
    assert not access.is_staff("slack:U2")
