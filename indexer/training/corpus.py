"""The training data as plain texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    title: str
    text: str
    questions: tuple[str, ...]
    answers: tuple[int, ...]  # for each question, where in the text its answer starts


@dataclass(frozen=True, slots=True)
class Entry:
    """A dictionary word: its reading in kana (the word itself where it has no kanji) and its English glosses."""

    word: str
    reading: str
    glosses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    articles: tuple[tuple[Paragraph, ...], ...]
    similarities: tuple[tuple[str, str, float], ...]  # two sentences, 0 (nothing in common) to 5 (the same)
    facts: tuple[tuple[str, str], ...]  # question, the facts that answer it
    synonyms: tuple[tuple[str, ...], ...]
    entries: tuple[Entry, ...]  # EDICT's common words
    regional: tuple[tuple[str, tuple[str, ...]], ...]  # passage, its questions and summaries in several languages
    names: tuple[Entry, ...] = ()  # places, with their romaji as gloss

    @property
    def dictionary(self) -> tuple[Entry, ...]:
        return self.entries + self.names
