"""Messages to a terminal: whoever sits there fetches them; no dispatcher sends to it.

What was fetched is noted as sent after it was shown: a terminal that dies in between shows it once more.
"""

from collections.abc import Iterable

from sqlalchemy import and_, select

from adapters.database.outbox import Letter
from adapters.database.schema import outbox
from adapters.database.work import Database
from bot.post import Outgoing


def fetch(database: Database, destination: str) -> list[Letter]:
    """The messages that wait for `destination`, in the order in which they were written."""
    waiting = and_(outbox.c.destination == destination, outbox.c.status == "pending")
    with database.work() as work:
        rows = work.fetch(select(outbox).where(waiting).order_by(outbox.c.id))
    return [
        Letter(row.id, Outgoing(row.destination, row.key, row.payload or {}, cause=row.cause), 1, False, "")
        for row in rows
    ]


def shown(database: Database, letters: Iterable[Letter]) -> None:
    """They stand on the screen: their words are erased."""
    with database.work() as work:
        for letter in letters:
            work.outbox.sent(letter, f"shown-{letter.id}")
