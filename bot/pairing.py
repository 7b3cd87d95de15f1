"""Whether a figure stands beside the words that it belongs to: 会場308名、オンライン100名 holds no 会場100名."""

from collections.abc import Iterator
from functools import lru_cache

from bot.figures import figures_of
from bot.polarity import clauses


def misplaced(sentence: str, evidence: str) -> list[str]:
    """The figures of `sentence` that `evidence` gives to something else: a figure of the same kind that the clause does
    not give stands nearer to its words."""
    held = _read(evidence)
    found = []
    for said, figures in _read(sentence):
        for words, kind, value in figures:
            told = {other for _, known, other in figures if known == kind}
            own = max((len(said & near) for near, others in held if value in _values(others, kind)), default=0)
            other = max((len(said & near) for near, others in held if _apart(_values(others, kind), told)), default=0)
            if other > own:
                found.append(words)
    return found


Figures = tuple[tuple[str, str, object], ...]


def _values(figures: Figures, kind: str) -> set[object]:
    return {value for _, known, value in figures if known == kind}


def _apart(values: set[object], told: set[object]) -> bool:
    return bool(values) and values.isdisjoint(told)


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[tuple[frozenset[str], Figures], ...]:
    return tuple(_clauses_with_figures(text))


def _clauses_with_figures(text: str) -> Iterator[tuple[frozenset[str], Figures]]:
    for piece, words, _ in clauses(text):
        yield words, tuple(figures_of(piece))
