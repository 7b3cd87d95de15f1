"""What conversations remember, across restarts: the masked memory, a consultation not yet sent, the language chosen."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, func, or_, select, update

from adapters.database.schema import conversations
from bot.conversation import FORGET_AFTER, Memory, fresh

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

_MEMORY = TypeAdapter(Memory)
_EMPTY = (conversations.c.memory.is_(None), conversations.c.draft.is_(None), conversations.c.lang.is_(None))


class SqlConversations:
    """Fulfils `bot.ports.MemoryStore`."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def recall(self, thread: str, now: datetime) -> Memory:
        stored = self._column(thread, conversations.c.memory)
        try:
            return fresh(_MEMORY.validate_python(stored), now) if stored else Memory()
        except ValidationError:  # another version of the program wrote it
            return Memory()

    def remember(self, thread: str, memory: Memory) -> None:
        self._set(thread, memory=_MEMORY.dump_python(memory, mode="json"), remembered_at=memory.at)

    def forget(self, thread: str) -> None:
        """Everything of this conversation: memory, draft and language."""
        self._work.write(delete(conversations).where(conversations.c.thread == thread))

    def draft(self, thread: str) -> dict[str, Any] | None:
        """The consultation that is being written in `thread` and has not lapsed."""
        unlapsed = conversations.c.draft_until > self._work.now()
        rows = self._work.fetch(select(conversations.c.draft).where(conversations.c.thread == thread, unlapsed))
        return rows[0][0] if rows else None

    def keep_draft(self, thread: str, draft: dict[str, Any] | None, until: datetime | None) -> None:
        """`draft`, as JSON allows, until it lapses; None: there is none any more."""
        self._set(thread, draft=draft, draft_until=until if draft is not None else None)

    def lang(self, thread: str) -> str | None:
        """The language that was chosen for this conversation, if one was."""
        lang: str | None = self._column(thread, conversations.c.lang)
        return lang

    def choose_lang(self, thread: str, lang: str | None) -> None:
        self._set(thread, lang=lang)

    def purge(self) -> int:
        """Erase memories that are forgotten and drafts that have lapsed, and rows that hold nothing; how many rows."""
        now = self._work.now()
        table = conversations.c
        forgotten = update(conversations).where(table.remembered_at < now - FORGET_AFTER)
        self._work.write(forgotten.values(memory=None, remembered_at=None))
        lapsed = update(conversations).where(table.draft_until <= now)
        self._work.write(lapsed.values(draft=None, draft_until=None))
        return self._work.write(delete(conversations).where(*_EMPTY)).rowcount

    def count(self) -> int:
        """How many conversations are remembered."""
        return int(self._work.fetch(select(func.count()).where(or_(*(~empty for empty in _EMPTY))))[0][0])

    def _column(self, thread: str, column: Any) -> Any:
        rows = self._work.fetch(select(column).where(conversations.c.thread == thread))
        return rows[0][0] if rows else None

    def _set(self, thread: str, **values: Any) -> None:
        self._work.insert_new(conversations, {"thread": thread})
        self._work.write(update(conversations).where(conversations.c.thread == thread).values(**values))
