"""What a reply rests on, for who asks to see it, and what it was worth to them. Never what was asked or answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from adapters.database.schema import replies

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

Quote = Mapping[str, str]
"""{"head": title, section, date; "text": the very words}"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as kept. `person`: to whom it was said."""

    person: str
    lang: str
    quotes: tuple[Quote, ...]


class SqlReplies:
    """Replies by their short ids."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def keep(self, id_: str, person: str, status: str, lang: str, quotes: Sequence[Quote]) -> None:
        row = {"id": id_, "person": person, "status": status, "lang": lang, "quotes": [dict(q) for q in quotes]}
        self._work.write(replies.insert().values(**row, at=self._work.now()))

    def get(self, id_: str) -> Kept | None:
        rows = self._work.fetch(select(replies).where(replies.c.id == id_))
        return Kept(rows[0].person, rows[0].lang, tuple(rows[0].quotes or ())) if rows else None

    def rate(self, id_: str, person: str, rating: str, reason: str | None = None) -> bool:
        """Keep what the person thinks of it; a later rating takes the place of an earlier one. `reason` comes masked.
        False where it was said to somebody else, or is forgotten."""
        values = {"rating": rating} | ({"reason": reason} if reason else {})
        its = update(replies).where(replies.c.id == id_, replies.c.person == person)
        return self._work.write(its.values(**values)).rowcount == 1

    def counts(self, since: datetime) -> dict[str, int]:
        """How many replies of each status that were kept since then."""
        query = (
            select(replies.c.status, func.count(replies.c.id)).where(replies.c.at >= since).group_by(replies.c.status)
        )
        rows: Any = self._work.fetch(query)
        return {status: int(number) for status, number in rows}

    def forget(self, person: str) -> int:
        return self._work.write(delete(replies).where(replies.c.person == person)).rowcount

    def purge(self, before: datetime) -> int:
        """Forget what was said before then."""
        return self._work.write(delete(replies).where(replies.c.at < before)).rowcount
