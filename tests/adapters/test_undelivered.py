"""`renkei outbox` as an admin runs it: what was not delivered is shown without its words, resent or dropped."""

import sys

import pytest

from adapters import cli
from adapters.database.letters import dead_letters, waiting
from adapters.database.opening import open_database
from adapters.dispatcher import Pace
from bot.post import Event, Outgoing


@pytest.fixture
def database(tmp_path):
    """Two dead messages and a dead event, in the store's own database."""
    opened = open_database(None, tmp_path)
    with opened.work() as work:
        for number in (1, 2):
            work.outbox.put(Outgoing(f"slack:C{number}", f"k{number}", {"text": "090-0000-0000"}, cause=f"AB{number}"))
            letter = work.outbox.lease(60.0, ["slack"], lambda _d, _u, now: (now, now))
            work.outbox.bury(letter, "PermanentError: channel_not_found")
        work.inbox.receive(Event("telegram", ("e1",), "telegram:5", {"text": "090-0000-0000"}))
        work.inbox.bury(work.inbox.lease(60.0), "KeyError at bot.py:1 reply")
    yield opened
    opened.close()


@pytest.fixture
def renkei(monkeypatch, capsys, tmp_path, database):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["renkei", "outbox", *arguments, "--store", str(tmp_path)])
        monkeypatch.setenv("COLUMNS", "120")
        with pytest.raises(SystemExit) as caught:
            cli.main()
        shown = capsys.readouterr()
        return caught.value.code, shown.out + shown.err

    return run


def left(database):
    with database.work() as work:
        return [letter.id for letter in dead_letters(work)], waiting(work)


def test_what_was_not_delivered_is_listed_without_its_words(renkei):
    code, shown = renkei()
    assert not code
    for word in (
        "届かなかったもの 3 件",
        "o1",
        "slack:C2",
        "AB2",
        "宛先がないか",
        "i1",
        "telegram",
        "renkei outbox resend",
    ):
        assert word in shown
    assert "090" not in shown
    assert renkei("list") == (code, shown)


def test_chosen_ones_are_resent_and_others_dropped_and_the_audit_says_so(renkei, database):
    assert renkei("resend", "o2", "i1")[1].strip() == "もう一度送ります: o2、i1"
    assert left(database) == (["o1"], (1, 1))
    assert renkei("drop", "all")[1].strip() == "消しました: o1"
    assert left(database) == ([], (1, 1))
    with database.work() as work:
        notes = [(note.who, note.what) for note in work.audit.entries()]
    assert notes == [("admin:cli", "resend o2"), ("admin:cli", "resend i1"), ("admin:cli", "drop o1")]
    assert "届かなかったものはありません" in renkei()[1]


def test_an_unknown_number_changes_nothing(renkei, database):
    code, shown = renkei("resend", "o1", "o99")
    assert "o99" in shown + str(code)
    assert left(database) == (["o1", "o2", "i1"], (0, 0))


@pytest.mark.parametrize("arguments", [("resend",), ("drop",), ("list", "o1"), ("delete", "o1")])
def test_wrong_usage_is_said(renkei, arguments):
    code, shown = renkei(*arguments)
    assert code == 2
    assert "outbox resend" in shown


def test_a_resent_message_is_sent(renkei, database):
    from fakes import FakePlatform

    from adapters.dispatcher import Dispatcher, Line

    renkei("resend", "all")
    platform = FakePlatform()
    dispatcher = Dispatcher(database, {"slack": Line(platform, lambda _destination: Pace(0.0, 1))})
    assert [dispatcher.step(), dispatcher.step(), dispatcher.step()] == [True, True, False]
    assert platform.keys == ["k1", "k2"]
