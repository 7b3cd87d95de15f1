"""What the resident's side is made of, put together in one place."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.access import Access
from bot.cases.case import Case
from bot.cases.changes import Changes
from bot.cases.reading import Reader
from bot.cases.receipt import new_receipt
from bot.cases.wording import Said
from bot.limiting import RateLimit
from bot.message import Lang, Message, Reply, ReplyStatus
from bot.ports import Answers, Clock, MemoryStore, Work


@dataclass(frozen=True, slots=True)
class Parts:
    """`memories`: where conversations are remembered, where not in the database. `limit`: as in `Bot`."""

    bot: Answers
    reader: Reader
    changes: Changes
    access: Access
    clock: Clock
    receipt: Callable[[], str] = new_receipt
    memories: MemoryStore | None = None
    limit: RateLimit | None = None

    def memories_of(self, work: Work) -> MemoryStore:
        return self.memories or work.memories

    def own(self, message: Message, work: Work) -> list[Case]:
        """The person's consultations in this conversation."""
        return [case for case in work.cases.of_thread(message.thread) if case.user == message.user]

    def lang(self, message: Message, work: Work) -> Lang:
        """The language of a button or command: that of the last consultation or message here."""
        if own := self.own(message, work):
            return own[-1].lang
        said = self.memories_of(work).recall(message.thread, self.clock()).said
        return self.reader.read(said[-1]).lang if said else Lang.JA


def consultation(said: Said, lang: Lang) -> Reply:
    """A reply about a consultation."""
    return Reply(ReplyStatus.CONSULTATION, said.text, lang, buttons=said.buttons)
