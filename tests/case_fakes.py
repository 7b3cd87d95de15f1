"""A database of a few lines for consultations: a work that fails leaves nothing behind, like the real one."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace

from bot.cases.case import Case, ConflictError, Line, State
from bot.conversation import Memory, fresh
from bot.post import Event, Outgoing


@dataclass
class Tables:
    """What is kept. `outbox`: in order of writing, `sent`: how many of them a dispatcher took."""

    cases: dict[str, Case] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    ratings: dict[str, str] = field(default_factory=dict)
    greeted: set[str] = field(default_factory=set)
    guessed: list[tuple[str, datetime]] = field(default_factory=list)
    memories: dict[str, Memory] = field(default_factory=dict)
    outbox: dict[str, Outgoing] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    audit: list[tuple[str, str, str | None]] = field(default_factory=list)


class FakeDatabase:
    """`work()` as the real one."""

    def __init__(self) -> None:
        self.tables = Tables()

    @contextmanager
    def work(self) -> Iterator[SimpleNamespace]:
        tables = Tables(**{name: copy.copy(value) for name, value in vars(self.tables).items()})
        tables.lines = {receipt: list(lines) for receipt, lines in tables.lines.items()}
        yield SimpleNamespace(
            cases=FakeCases(tables), outbox=FakeOutbox(tables), memories=FakeMemories(tables),
            inbox=FakeInbox(tables), audit=FakeAudit(tables), begin=lambda: None,
        )  # fmt: skip
        self.tables = tables


class _Part:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables


class FakeCases(_Part):
    def get(self, receipt: str) -> Case | None:
        return self._tables.cases.get(receipt)

    def of_thread(self, thread: str) -> tuple[Case, ...]:
        return self._those(lambda case: case.thread == thread and not case.erased)

    def of_user(self, user: str) -> tuple[Case, ...]:
        return self._those(lambda case: case.user == user and not case.erased)

    def active(self) -> tuple[Case, ...]:
        return self._those(lambda case: case.state in (State.DRAFT, State.OPEN, State.CLAIMED))

    def ended_before(self, moment: datetime) -> tuple[Case, ...]:
        return self._those(lambda case: case.ended_at is not None and case.ended_at < moment and not case.erased)

    def put(self, case: Case) -> None:
        known = self._tables.cases.get(case.receipt)
        if case.version != (known.version if known else 0) + 1:
            raise ConflictError(case.receipt)
        self._tables.cases[case.receipt] = case

    def keep(self, receipt: str, line: Line) -> None:
        self._tables.lines.setdefault(receipt, []).append(line)

    def lines(self, receipt: str) -> tuple[Line, ...]:
        return tuple(self._tables.lines.get(receipt, ()))

    def erase(self, receipt: str) -> None:
        self._tables.lines.pop(receipt, None)

    def rate(self, receipt: str, rating: str, at: datetime) -> None:
        self._tables.ratings[receipt] = rating

    def greeted(self, user: str) -> bool:
        return user in self._tables.greeted

    def greet(self, user: str, at: datetime) -> None:
        self._tables.greeted.add(user)

    def guess(self, user: str, at: datetime) -> None:
        self._tables.guessed.append((user, at))

    def guesses(self, user: str, since: datetime) -> int:
        return sum(who == user and at >= since for who, at in self._tables.guessed)

    def forget(self, user: str) -> None:
        self._tables.greeted.discard(user)
        self._tables.guessed = [guess for guess in self._tables.guessed if guess[0] != user]

    def _those(self, fits) -> tuple[Case, ...]:
        return tuple(case for case in self._tables.cases.values() if fits(case))


class FakeOutbox(_Part):
    def put(self, outgoing: Outgoing) -> bool:
        if outgoing.key in self._tables.outbox:
            return False
        self._tables.outbox[outgoing.key] = outgoing
        return True

    def withdraw(self, cause: str) -> int:
        gone = [key for key, outgoing in self._tables.outbox.items() if outgoing.cause == cause]
        for key in gone:
            del self._tables.outbox[key]
        return len(gone)


class FakeMemories(_Part):
    def recall(self, thread: str, now: datetime) -> Memory:
        return fresh(self._tables.memories.get(thread, Memory()), now)

    def remember(self, thread: str, memory: Memory) -> None:
        self._tables.memories[thread] = memory

    def forget(self, thread: str) -> None:
        self._tables.memories.pop(thread, None)


class FakeInbox(_Part):
    def receive(self, event: Event) -> bool:
        known = any(key in self._tables.events for key in event.keys)
        self._tables.events.update(event.keys)
        return not known

    def forget(self, conversation: str, *, waiting: bool = True) -> int:
        """`unread`: conversations with an event that was given up."""
        gone = conversation in self._tables.unread
        self._tables.unread.discard(conversation)
        return int(gone)


class FakeAudit(_Part):
    def note(self, who: str, what: str, case: str | None = None) -> None:
        self._tables.audit.append((who, what, case))
