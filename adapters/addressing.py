"""Keys of messages become the platform's own ids just before sending; ids are noted just after it."""

from dataclasses import dataclass, replace

from adapters.database.work import Database, SqlWork
from bot.ports import ChatPlatform
from bot.post import Outgoing

_KEPT = ("card", "below", "asks", "keep")
"""Fields of a payload that say that a later message, or a person, may refer to this one."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """A platform that is told the ids of the messages to which an outgoing one belongs. Messages of one order key are
    sent one after the other, so a card has its id before anything is sent below it."""

    platform: ChatPlatform
    database: Database

    def send(self, outgoing: Outgoing) -> str:
        return self.platform.send(self._addressed(outgoing))

    def find(self, outgoing: Outgoing) -> str | None:
        return self.platform.find(self._addressed(outgoing))

    def _addressed(self, outgoing: Outgoing) -> Outgoing:
        fields = [name for name in ("below", "edits") if outgoing.payload.get(name)]
        if not fields:
            return outgoing
        with self.database.work() as work:
            ids = {f"{name}_id": work.posts.id_of(str(outgoing.payload[name])) for name in fields}
        return replace(outgoing, payload={**outgoing.payload, **ids})


def note_post(outgoing: Outgoing, message_id: str, work: SqlWork) -> None:
    """Remember where it was posted, if something may refer to it."""
    if any(outgoing.payload.get(name) for name in _KEPT):
        work.posts.keep(outgoing, message_id)
