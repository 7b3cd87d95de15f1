"""Everyday words ↔ official terms ↔ English and Chinese, to widen a question before it is searched."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.tables import Row, made_of_all, read_table, unique
from knowledge.text import matchable

COLUMNS = "term,kind,variant,note,source".split(",")
_BUNDLED = Path(__file__).parent / "glossary.csv"
_WORD = re.compile(r"[a-z0-9]")
_ASKING = re.compile(r"\b(?:how|what|when|where|which|who|why)\b")


class Kind(StrEnum):
    """What a variant is to its official term. `easy`: the term in plain Japanese (やさしい日本語)."""

    SYNONYM = "synonym"
    ENGLISH = "english"
    CHINESE = "chinese"
    ABBREVIATION = "abbreviation"
    KANA = "kana"
    EASY = "easy"


_KIND_OF_LANGUAGE = {"en": Kind.ENGLISH, "zh": Kind.CHINESE, "ja-easy": Kind.EASY}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: an official term and another way of saying it. `note`: the term's meaning in a few Japanese words."""

    term: str
    kind: Kind
    variant: str
    note: str | None
    source: str


class Glossary:
    """The rows of glossary.csv, looked up by what a text says."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_term: dict[str, list[Entry]] = defaultdict(list)
        self._added: dict[str, dict[str, None]] = defaultdict(dict)
        for entry in self.entries:
            term, variant = matchable(entry.term), matchable(entry.variant)
            self._by_term[term].append(entry)
            self._added[variant][entry.term] = None
            short = [entry.variant] if entry.kind is Kind.ABBREVIATION else []
            self._added[term].update(dict.fromkeys(short))
        self._keys: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self._added, key=len, reverse=True):
            self._keys[key[0]].append(key)

    @classmethod
    def load(cls, path: Path | None = None) -> "Glossary":
        """The bundled rows, or those of `path`. Raises DataError naming file, line, column and the expected form."""
        table = unique(read_table(path or _BUNDLED, COLUMNS), _pair, "variant", "同じ組は 1 行だけ")
        return cls(made_of_all(_entry, table))

    def expand(self, text: str) -> list[str]:
        """What to add to a query: the official term of each variant in `text`, the abbreviations of each term in it.

        The longest match wins at each place; order of appearance, each once, nothing that `text` already says.
        """
        searched = matchable(text)
        found = dict.fromkeys(word for key in self._matches(searched) for word in self._added[key])
        return [word for word in found if matchable(word) not in searched]

    def in_official(self, text: str) -> str:
        """`text` with each variant in it replaced by the first official term that it stands for; words of asking (where
        was it held) stay."""
        searched, text = matchable(text), " ".join(text.split())
        shown = text if len(text) == len(searched) else searched
        found: list[str] = []
        start = 0
        while start < len(searched):
            end, key = self._match_at(searched, start)
            asks = not key or _ASKING.search(key)
            terms = [] if asks else [word for word in self._added[key] if matchable(word) in self._by_term]
            found.append(f" {terms[0]} " if terms else shown[start : max(end, start + 1)])
            start = max(end, start + 1)
        return "".join(found)

    def terms_in(self, text: str) -> list[str]:
        """The official terms that `text` itself uses, in order of appearance, each once; of overlapping ones the
        longest."""
        found = (self._by_term[key][0].term for key in self._matches(matchable(text)) if key in self._by_term)
        return list(dict.fromkeys(found))

    def meaning(self, term: str, lang: str) -> str | None:
        """`term` (official, or a variant of it) in `lang`: en, zh, ja-easy, or ja for its meaning; None if unknown."""
        entries = self._entries_of(matchable(term))
        if lang == "ja":
            return next((entry.note for entry in entries if entry.note), None)
        kind = _KIND_OF_LANGUAGE.get(lang)
        return next((entry.variant for entry in entries if entry.kind is kind), None)

    def _entries_of(self, key: str) -> list[Entry]:
        if key in self._by_term:
            return self._by_term[key]
        return next(
            (self._by_term[matchable(word)] for word in self._added.get(key, ()) if matchable(word) in self._by_term),
            [],
        )

    def _matches(self, searched: str) -> Iterator[str]:
        """The keys found in `searched` from left to right, the longest first, without overlaps."""
        start = 0
        while start < len(searched):
            end, key = self._match_at(searched, start)
            if key:
                yield key
            start = max(end, start + 1)

    def _match_at(self, searched: str, start: int) -> tuple[int, str]:
        for key in self._keys.get(searched[start], ()):
            if searched.startswith(key, start) and (end := _word_end(searched, start, key)):
                return end, key
        return start, ""


def _word_end(searched: str, start: int, key: str) -> int:
    """Where the match of `key` at `start` ends, 0 if it is only a part of a Latin word. A plural s belongs to it."""
    end = start + len(key)
    if _WORD.match(key[0]) and start and _WORD.match(searched[start - 1]):
        return 0
    if not _WORD.match(key[-1]):
        return end
    rest = re.match(r"(?:e?s)?(?![a-z0-9])", searched[end:])
    return end + rest.end() if rest else 0


def _pair(row: Row) -> tuple[str, str]:
    return matchable(row["term"]), matchable(row["variant"])


def _entry(row: Row) -> Entry:
    term = row.required("term", "正式な用語")
    kind = row.choice("kind", set(Kind))
    if len(matchable(row["variant"])) < 2:
        raise row.fail("variant", "2 文字以上の別の言い方")
    if matchable(row["variant"]) == matchable(term):
        raise row.fail("variant", "異体字をそろえても用語と異なる言い方")
    source = row.required("source", "この行の出典")
    return Entry(term, Kind(kind), row["variant"], row["note"] or None, source)
