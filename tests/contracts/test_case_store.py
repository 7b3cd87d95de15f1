"""What every CaseStore must do: the fake of the tests, SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from case_fakes import FakeDatabase

from adapters.database.opening import open_database
from bot.cases.case import Case, ConflictError, Desk, Line, Source, State, Step, Voice, Way, Wish, erased
from bot.message import Lang

Work = Callable[[], AbstractContextManager[Any]]
NOW = datetime(2026, 11, 20, 9, 30, 15, 250, tzinfo=UTC)
CASE = Case(
    "AAA-AAA-AAA", State.OPEN, "slack:C1/1.2", "slack:U1", Lang.JA_EASY, NOW, step=Step.REVIEW,
    matter="朝市を\n開きたい 🐟\u0000", places=("余市町", "仁木町"), reason="理由", why="わけ",
    offered=(Desk("小樽", "国"), Desk("後志", "道")), desks=(Desk("小樽", "国"),), cards=("slack:C1",),
    wish=Wish(Way.OUTSIDE, "0135-00-0000"), answer="答え", sources=(Source("題", "節", None, "a.md"),),
    holder="slack:U2", holder_desk="小樽", reminded=True, escalated=True, undelivered="blocked", preview="下書き",
    opened_at=NOW, waiting_since=NOW, claimed_at=NOW, ended_at=NOW, rating="good", public=True, asked=2, version=1,
)  # fmt: skip


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def work(request, tmp_path) -> Iterator[Work]:
    if request.param == "fake":
        yield FakeDatabase().work
        return
    sqlite = f"sqlite:///{tmp_path / 'renkei.db'}"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = open_database(url, tmp_path)
    yield database.work
    database.close()


def case(receipt: str, **fields: Any) -> Case:
    return replace(CASE, receipt=receipt, **fields)


def put(work: Work, *cases: Case) -> None:
    for each in cases:
        with work() as transaction:
            transaction.cases.put(each)


def read(work: Work, read: Callable[[Any], Any]) -> Any:
    with work() as transaction:
        return read(transaction.cases)


def receipts(cases: tuple[Case, ...]) -> list[str]:
    return [each.receipt for each in cases]


def test_a_case_comes_back_as_it_was(work):
    put(work, CASE)
    assert read(work, lambda cases: cases.get(CASE.receipt)) == CASE
    plain = Case("B", State.DRAFT, "t", "u", Lang.EN, NOW, version=1)
    put(work, plain)
    assert read(work, lambda cases: cases.get("B")) == plain
    assert read(work, lambda cases: cases.get("C")) is None


def test_versions_come_one_after_another(work):
    put(work, CASE, replace(CASE, state=State.CLAIMED, version=2))
    for wrong in (1, 2, 4):
        with pytest.raises(ConflictError):
            put(work, replace(CASE, version=wrong))
    with pytest.raises(ConflictError):
        put(work, case("new", version=2))
    assert read(work, lambda cases: cases.get(CASE.receipt)).state is State.CLAIMED


def test_what_failed_leaves_nothing(work):
    def fail() -> None:
        with work() as transaction:
            transaction.cases.put(CASE)
            transaction.cases.keep(CASE.receipt, Line(NOW, Voice.NOTE, "x"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert read(work, lambda cases: (cases.get(CASE.receipt), cases.lines(CASE.receipt))) == (None, ())


def test_look_ups(work):
    put(
        work,
        case("1", thread="a", user="u"),
        case("2", thread="b", user="u", state=State.DRAFT),
        case("3", thread="a", user="v", state=State.CLOSED, ended_at=NOW - timedelta(days=9)),
        erased(case("4", thread="a", user="u", state=State.WITHDRAWN, ended_at=NOW - timedelta(days=9))),
        case("5", thread="c", user="w", state=State.CLAIMED, ended_at=None),
    )
    assert receipts(read(work, lambda cases: cases.of_thread("a"))) == ["1", "3"]
    assert receipts(read(work, lambda cases: cases.of_user("u"))) == ["1", "2"]
    assert receipts(read(work, lambda cases: cases.of_user(""))) == []
    assert receipts(read(work, lambda cases: cases.active())) == ["1", "2", "5"]
    assert receipts(read(work, lambda cases: cases.ended_before(NOW - timedelta(days=8)))) == ["3"]


def test_look_ups_within_a_transaction_see_its_own_writing(work):
    with work() as transaction:
        transaction.begin()
        transaction.cases.put(CASE)
        assert receipts(transaction.cases.of_thread(CASE.thread)) == [CASE.receipt]
        transaction.cases.put(replace(CASE, state=State.CLAIMED, version=2))
        assert transaction.cases.get(CASE.receipt).state is State.CLAIMED


def test_lines_in_order_until_they_are_erased(work):
    put(work, CASE, case("other"))
    lines = (Line(NOW, Voice.RESIDENT, "一"), Line(NOW, Voice.NOTE, "二"), Line(NOW, Voice.STAFF, "三 🐟"))
    with work() as transaction:
        for line in lines:
            transaction.cases.keep(CASE.receipt, line)
        transaction.cases.keep("other", lines[0])
    assert read(work, lambda cases: cases.lines(CASE.receipt)) == lines
    with work() as transaction:
        transaction.cases.erase(CASE.receipt)
    assert read(work, lambda cases: cases.lines(CASE.receipt)) == ()
    assert read(work, lambda cases: cases.lines("other")) == lines[:1]


def test_a_line_may_hold_anything(work):
    put(work, CASE)
    with work() as transaction:
        transaction.cases.keep(CASE.receipt, Line(NOW, Voice.RESIDENT, "あ\x00い\ud83dう\u202eえ"))
    (line,) = read(work, lambda cases: cases.lines(CASE.receipt))
    assert [sign in line.text for sign in "あいうえ"] == [True] * 4


def test_a_later_rating_takes_the_place(work):
    put(work, CASE)
    for rating in ("good", "bad"):
        with work() as transaction:
            transaction.cases.rate(CASE.receipt, rating, NOW)


def test_greetings(work):
    assert not read(work, lambda cases: cases.greeted("u"))
    for _ in range(2):
        with work() as transaction:
            transaction.cases.greet("u", NOW)
    assert read(work, lambda cases: cases.greeted("u"))
    with work() as transaction:
        transaction.cases.forget("u")
    assert not read(work, lambda cases: cases.greeted("u"))


def test_guesses(work):
    for minutes in (0, 5, 9):
        with work() as transaction:
            transaction.cases.guess("u", NOW + timedelta(minutes=minutes))
    with work() as transaction:
        transaction.cases.guess("v", NOW)
    assert read(work, lambda cases: cases.guesses("u", NOW)) == 3
    assert read(work, lambda cases: cases.guesses("u", NOW + timedelta(minutes=5))) == 2
    with work() as transaction:
        transaction.cases.forget("u")
    assert read(work, lambda cases: (cases.guesses("u", NOW), cases.guesses("v", NOW))) == (0, 1)
