"""The unit of work: one transaction that holds an event's end, what was remembered, and the messages it causes.

with database.work() as work:
    if work.inbox.receive(event):
        work.outbox.put(outgoing)
"""

import atexit
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import URL, Connection, CursorResult, Engine, Executable, Row, Select, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from adapters.database.audit import SqlAudit
from adapters.database.cases import SqlCases
from adapters.database.conversations import SqlConversations
from adapters.database.engine import BUSY, BUSY_SECONDS, READ_ONLY, explained, place
from adapters.database.inbox import SqlInbox
from adapters.database.outbox import SqlOutbox
from adapters.database.posts import SqlPosts
from adapters.database.replies import SqlReplies
from bot.faults import trail
from knowledge.errors import DatabaseError

_log = logging.getLogger(__name__)


class Database:
    """An open database. Safe to share between threads; each `work()` belongs to the thread that opened it."""

    def __init__(
        self,
        engine: Engine,
        url: URL,
        now: Callable[[], datetime],
        serving: Callable[[], AbstractContextManager[Callable[[], None]]],
    ) -> None:
        self.engine = engine
        self.url = url
        self.now = now
        self._serving = serving
        self._before_end: Callable[[], None] = lambda: None
        # SQLite has one writer; a queue in this process is fairer and faster than its waiting by polling
        self.turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def work(self) -> Iterator["SqlWork"]:
        """One transaction: committed at the end, rolled back where anything is raised. Raises DatabaseError where the
        database fails; then nothing of it has happened."""
        work = SqlWork(self)
        with explained(self.url):
            try:
                yield work
                work.commit()
            finally:
                work.close()
        work.committed()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The right to serve from this database. Raises DatabaseError where another process has it for itself."""
        with self._serving() as before_end:
            self._before_end = before_end
            atexit.register(before_end)  # a process may end without `close`, and SQLite then tidies up all the same
            try:
                yield
            finally:
                atexit.unregister(before_end)
                self._before_end = lambda: None

    @property
    def alone(self) -> bool:
        """Whether at most one process may serve from it."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self._before_end()
        self.engine.dispose()


class SqlWork:
    """What can be done within one transaction. It begins with the first write (see `bot.ports.Work`)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._failed: BaseException | None = None
        self._afterwards: list[Callable[[], None]] = []
        self.now = database.now

    @cached_property
    def inbox(self) -> SqlInbox:
        return SqlInbox(self)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self)

    @cached_property
    def memories(self) -> SqlConversations:
        return SqlConversations(self)

    @cached_property
    def audit(self) -> SqlAudit:
        return SqlAudit(self)

    @cached_property
    def cases(self) -> SqlCases:
        return SqlCases(self)

    @cached_property
    def posts(self) -> SqlPosts:
        return SqlPosts(self)

    @cached_property
    def replies(self) -> SqlReplies:
        return SqlReplies(self)

    def afterwards(self, do: Callable[[], None]) -> None:
        """Call `do` once the work is committed; never where it is not."""
        self._afterwards.append(do)

    @property
    def begun(self) -> bool:
        """Whether the transaction has begun."""
        return self._connection is not None

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._database.engine.dialect.name

    def begin(self) -> None:
        if self._connection is None:
            with self._noting():
                self._connection = self._begun()

    def write(self, statement: Executable, parameters: dict[str, Any] | None = None) -> CursorResult[Any]:
        """Execute within the transaction. After a failure the whole work fails, whoever caught the exception."""
        self.begin()
        assert self._connection is not None
        with self._noting():
            return self._connection.execute(statement, parameters)

    def insert_new(self, table: Table, values: dict[str, Any]) -> bool:
        """Insert a row unless one with the same key is there; whether it was inserted."""
        of_dialect = postgresql.insert if self.dialect == "postgresql" else sqlite.insert
        statement = of_dialect(table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
        return self.write(statement).first() is not None

    def insert(self, table: Table, values: dict[str, Any]) -> int:
        """Insert a row; its id."""
        return _id(self.write(insert(table).values(values)))

    def fetch(self, query: Select[Any], parameters: dict[str, Any] | None = None) -> list[Row[Any]]:
        """Rows: those of the transaction where it has begun, else as they are now, holding nothing."""
        with self._noting():
            if self._connection is not None:
                return list(self._connection.execute(query, parameters))
            with self._database.engine.connect().execution_options(**READ_ONLY) as connection:
                return list(connection.execute(query, parameters))

    def commit(self) -> None:
        if self._failed is not None:
            raise self._failed
        if self._connection is not None:
            self._connection.commit()

    def committed(self) -> None:
        """What waited for the commit is done."""
        for do in self._afterwards:
            try:
                do()
            except Exception as error:  # the work is kept; what failed here undoes nothing
                _log.error("after the commit: %s", trail(error))

    def close(self) -> None:
        """End without committing what is not committed."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        finally:
            if self._database.turn:
                self._database.turn.release()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self._failed = error
            raise

    def _begun(self) -> Connection:
        turn = self._database.turn
        if turn and not turn.acquire(timeout=BUSY_SECONDS * 2):
            raise DatabaseError(f"{place(self._database.url)}: {BUSY}")
        connection = None
        try:
            connection = self._database.engine.connect()
            connection.begin()
            return connection
        except BaseException:
            if connection is not None:
                connection.close()
            if turn:
                turn.release()
            raise


def _id(result: CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
