"""Messages that later ones belong to: cards, what stands below them, questions to staff, progress that is edited."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from adapters.database.schema import posts
from bot.post import Outgoing

if TYPE_CHECKING:
    from adapters.database.work import SqlWork


@dataclass(frozen=True, slots=True)
class Posted:
    """`id`: the platform's, in full ("77/1234" in a topic); `cause`: the receipt number, or what it was about; `asks`:
    the action whose text an answer to it is."""

    key: str
    destination: str
    id: str
    cause: str
    asks: str


def place_of(destination: str) -> str:
    """The channel or group of a destination: "telegram:-100777" of "telegram:-100777/topics"."""
    return destination.partition("/")[0]


class SqlPosts:
    """What was posted where. No words are kept."""

    def __init__(self, work: "SqlWork") -> None:
        self._work = work

    def keep(self, outgoing: Outgoing, message_id: str) -> None:
        """`outgoing` was posted under the platform's `message_id`, which is "thread/message" or the message's own."""
        thread, _, message = message_id.partition("/")
        row = {
            "key": outgoing.key,
            "destination": outgoing.destination,
            "place": place_of(outgoing.destination),
            "message_id": message_id,
            "thread": thread,
            "message": message or thread,
            "cause": outgoing.cause,
            "asks": str(outgoing.payload.get("asks") or ""),
            "posted_at": self._work.now(),
        }
        self._work.insert_new(posts, row)

    def id_of(self, key: str) -> str | None:
        """The platform's id of the message written under `key`; None where none was posted."""
        rows = self._work.fetch(select(posts.c.message_id).where(posts.c.key == key))
        return str(rows[0][0]) if rows else None

    def answered(self, place: str, message: str) -> Posted | None:
        """The message of this id at `place`, a channel or group."""
        return self._first(posts.c.place == place, posts.c.message == message) if message else None

    def in_thread(self, place: str, thread: str) -> Posted | None:
        """The first message of a thread or topic at `place`: the card."""
        return self._first(posts.c.place == place, posts.c.thread == thread) if thread else None

    def move(self, old: str, new: str) -> None:
        """A group got another id: "telegram:-5" is "telegram:-1005" from now on."""
        for row in self._work.fetch(select(posts.c.key, posts.c.destination).where(posts.c.place == old)):
            destination = row.destination.replace(old, new, 1)
            self._work.write(update(posts).where(posts.c.key == row.key).values(place=new, destination=destination))

    def purge(self, before: datetime) -> int:
        """Forget what was posted before then."""
        return self._work.write(delete(posts).where(posts.c.posted_at < before)).rowcount

    def _first(self, *fits: Any) -> Posted | None:
        rows = self._work.fetch(select(posts).where(*fits).order_by(posts.c.posted_at, posts.c.key).limit(1))
        return (
            Posted(rows[0].key, rows[0].destination, rows[0].message_id, rows[0].cause, rows[0].asks) if rows else None
        )
