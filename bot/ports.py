"""What the core asks of the outside. Adapters and knowledge fulfil these; tests use small fakes."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.cases.case import Case, Line
from bot.conversation import Memory
from bot.message import Lang, Message, Reply
from bot.post import Event, Outgoing
from bot.streaming import OnSentence
from knowledge.entities import Hit, PassageKind


class Clock(Protocol):
    """Now, with a time zone. Injected, so that 今年度 can be tested."""

    def __call__(self) -> datetime: ...


class Retriever(Protocol):
    """question → ranked Passages."""

    def search(self, question: str, k: int = 10, kind: PassageKind | None = PassageKind.DOCUMENT) -> Sequence[Hit]:
        """The `k` best passages of `kind` (None: all), best first, scores falling."""
        ...

    def read(self, question: str) -> str:
        """`question` in Japanese characters (from kana or simplified Chinese), as the search reads it."""
        ...

    def idf(self, word: str) -> float:
        """How rare `word` is in the index, in (0, 1]; 1.0 for a word that no passage has."""
        ...

    def likeness(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """The cosine of `question` with each of `texts`, in meaning."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence that a chat model wrote, and the numbers (from 1) of the passages it says it rests on: unchecked."""

    text: str
    cites: tuple[int, ...]


class Rewriter(Protocol):
    """An optional chat model that says a question in other words. `bot.rewording` checks what it says."""

    def rewrite(self, question: str, earlier: str, seconds: float) -> str:
        """`question` in full and in official words, as it follows `earlier` (which may be empty). Within `seconds`;
        it raises or gives "" where the model fails. Masks what it sends."""
        ...


class Writer(Protocol):
    """An optional chat model. Nothing it gives is believed; `bot.writing` checks each sentence."""

    def write(
        self, question: str, lang: Lang, passages: Sequence[str], seconds: float
    ) -> Generator[Written, None, None]:
        """Sentences of an answer in `lang` from `passages`, each as soon as it is there. It ends at the latest after
        `seconds`, whatever the model does; it raises or gives nothing where the model fails. Closing it ends the
        request. Masks what it sends; `passages` may hold tokens ⟦n⟧, to be kept as they are."""
        ...


class MemoryStore(Protocol):
    """What conversations remember. It is handed masked memories only and keeps them as they are."""

    def recall(self, thread: str, now: datetime) -> Memory:
        """The memory of `thread`; an empty one where there is none, or where it is older than `FORGET_AFTER`."""
        ...

    def remember(self, thread: str, memory: Memory) -> None: ...

    def forget(self, thread: str) -> None: ...


class Inbox(Protocol):
    """Events of the platforms, each kept once, until it has had its effect."""

    def receive(self, event: Event) -> bool:
        """Keep `event`; False where it is known already. It may be acknowledged once the transaction is committed."""
        ...

    def forget(self, conversation: str, *, waiting: bool = True) -> int:
        """Erase the words of the events of `conversation` that were given up, and of those that wait; how many."""
        ...


class Outbox(Protocol):
    """Messages to send. They are written in the transaction of their cause, and sent after it."""

    def put(self, outgoing: Outgoing) -> bool:
        """Keep `outgoing` for the dispatcher; False where its key is known already (then nothing changes)."""
        ...

    def withdraw(self, cause: str) -> int:
        """Erase what was written for `cause` and is not sent yet; how many messages these were."""
        ...


class Audit(Protocol):
    """Who did what, when. Append-only, without content."""

    def note(self, who: str, what: str, case: str | None = None) -> None: ...


class CaseStore(Protocol):
    """Consultations and what was said in them. Within a transaction that has begun, what is read stays as it is until
    the transaction ends."""

    def get(self, receipt: str) -> Case | None: ...

    def of_thread(self, thread: str) -> tuple[Case, ...]:
        """The consultations of a conversation, those ended too, in order of their beginning; none that was erased."""
        ...

    def of_user(self, user: str) -> tuple[Case, ...]:
        """The consultations of a person, in order of their beginning; none that was erased."""
        ...

    def active(self) -> tuple[Case, ...]:
        """All drafts, and what is open or claimed."""
        ...

    def ended_before(self, moment: datetime) -> tuple[Case, ...]:
        """What ended before `moment` and still has its words."""
        ...

    def put(self, case: Case) -> None:
        """Keep a new case (version 1), or the next version of a known one. Raises ConflictError for any other."""
        ...

    def keep(self, receipt: str, line: Line) -> None:
        """Add a line. What a resident said comes masked."""
        ...

    def lines(self, receipt: str) -> tuple[Line, ...]: ...

    def erase(self, receipt: str) -> None:
        """Delete every line."""
        ...

    def rate(self, receipt: str, rating: str, at: datetime) -> None:
        """Keep a rating; a later one takes its place."""
        ...

    def greeted(self, user: str) -> bool:
        """Whether `user` was told once what this is."""
        ...

    def greet(self, user: str, at: datetime) -> None: ...

    def guess(self, user: str, at: datetime) -> None:
        """Note that `user` asked for a number that is none of theirs."""
        ...

    def guesses(self, user: str, since: datetime) -> int: ...

    def forget(self, user: str) -> None:
        """Delete what `greet` and `guess` noted of a person."""
        ...


class Work(Protocol):
    """One transaction: all that is written through it happens, or nothing does.

    Reading holds nothing. The transaction begins with the first write, so think first and write last; what a decision
    hangs on and others may change is read after `begin()`.
    """

    @property
    def inbox(self) -> Inbox: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def memories(self) -> MemoryStore: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def cases(self) -> CaseStore: ...

    def begin(self) -> None:
        """Begin the transaction now, if it has not begun yet."""
        ...


class Answers(Protocol):
    """Who answers: `Bot`, or what picks up a new index between two replies."""

    def reply(
        self, message: Message, on_sentence: OnSentence | None = None, memories: MemoryStore | None = None
    ) -> Reply:
        """As `Bot.reply`."""
        ...

    def draft(self, matter: str) -> Reply:
        """As `Bot.draft`."""
        ...


class ChatPlatform(Protocol):
    """A platform that messages can be sent to."""

    def send(self, outgoing: Outgoing) -> str:
        """Post it and return the platform's id of the message. Raises SendError; anything else counts as
        UncertainError. Must end, one way or the other, within a minute."""
        ...

    def find(self, outgoing: Outgoing) -> str | None:
        """The id of the message posted under `outgoing.key`; None where it was surely not posted. Raises
        NoReadBackError where the platform cannot say, another SendError where it cannot say now."""
        ...
