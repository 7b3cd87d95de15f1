"""The unit of work: all or nothing, nothing held while one thinks, and an audit that cannot be rewritten."""

import contextlib
import threading

import pytest
from sqlalchemy import exc, insert, text

from adapters.database.schema import inbox
from bot.post import Event, Outgoing
from knowledge.errors import DatabaseError

BAD_ROW = insert(inbox).values(platform="p")  # lacks what may not be missing


def fail():
    raise RuntimeError


def notes(database):
    with database.work() as work:
        return [(note.who, note.what, note.case) for note in work.audit.entries()]


def test_all_of_it_happens_or_nothing(database):
    def write(work, then):
        assert work.inbox.receive(Event("slack", ("e1",), "c", {}))
        assert work.outbox.put(Outgoing("slack:C1", "k1", {"text": "返事"}))
        work.audit.note("bot", "answered", "AB12")
        then()

    with pytest.raises(RuntimeError), database.work() as work:
        write(work, fail)
    assert notes(database) == []
    with database.work() as work:
        write(work, then=lambda: None)
    assert notes(database) == [("bot", "answered", "AB12")]


def test_a_failure_that_was_swallowed_still_undoes_the_whole(database):
    def swallow():
        with database.work() as work:
            work.audit.note("bot", "half")
            with contextlib.suppress(exc.IntegrityError):
                work.write(BAD_ROW)

    with pytest.raises(exc.IntegrityError):
        swallow()
    assert notes(database) == []


def test_reading_and_thinking_hold_nothing(database):
    """While one work has read and thinks, another writes and commits; then the first writes too."""
    with database.work() as thinking:
        assert thinking.audit.entries() == []
        with database.work() as other:
            other.audit.note("staff", "claimed")
        thinking.audit.note("bot", "answered")
    assert [what for _, what, _ in notes(database)] == ["claimed", "answered"]


def test_within_the_transaction_what_it_wrote_is_seen_and_by_others_not(database):
    seen = []
    with database.work() as work:
        work.audit.note("bot", "answered")
        assert len(work.audit.entries()) == 1
        reader = threading.Thread(target=lambda: seen.append(notes(database)))
        reader.start()
        reader.join()
    assert seen == [[]]


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_the_audit_cannot_be_rewritten(database, statement):
    with database.work() as work:
        work.audit.note("staff", "saw", "AB12")
    with pytest.raises((exc.DBAPIError, DatabaseError)), database.work() as work:
        work.write(text(statement))
    assert notes(database) == [("staff", "saw", "AB12")]


def test_errors_do_not_quote_what_people_wrote(database):
    with pytest.raises(exc.IntegrityError) as caught, database.work() as work:
        work.write(insert(inbox).values(platform="090-0000-0000"))
    assert "090-0000-0000" not in str(caught.value).partition("DETAIL")[0]
