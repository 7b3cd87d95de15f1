"""What the core asks of the outside. Adapters and knowledge fulfil these; tests use small fakes."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.message import Lang
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
