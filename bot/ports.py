"""What the core asks of the outside. Adapters and knowledge fulfil these; tests use small fakes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

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
