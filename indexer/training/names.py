"""Places as dictionary entries, 小樽 [おたる] /Otaru/: dictionaries leave them out, English questions do not."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence

from indexer.training.corpus import Entry
from knowledge.directory import Directory
from knowledge.lexical import hiragana
from knowledge.spelling import usual_romaji
from knowledge.text import morphemes, normalise

_KANJI = re.compile("[\u4e00-\u9fff]")
_KINDS = {"shi": "し", "cho": "ちょう", "machi": "まち", "mura": "むら", "son": "そん"}
LEAST = 3  # paragraphs that a name must stand in


def place_names(directory: Directory, paragraphs: Sequence[str], known: Container[str]) -> tuple[Entry, ...]:
    """The places of the directory, then those in `paragraphs` that are not `known`; each writing once."""
    found = {
        entry.word: entry for entry in [*_of_paragraphs(paragraphs, known), *_of_directory(directory)] if entry.glosses
    }
    return tuple(found.values())


def _of_directory(directory: Directory) -> Iterator[Entry]:
    for place in directory.places:
        latin = [name for name in place.aliases if name.isascii()] or [usual_romaji(place.kana) or ""]
        if len(place.name) > 1:  # 森 alone is a common word
            yield Entry(place.name, place.kana, tuple(filter(None, latin[-2:])))
    for town in directory.municipalities:
        name, _, kind = town.romaji.rpartition("-")
        if len(town.name) > 2:
            yield Entry(town.name[:-1], town.kana.removesuffix(_KINDS[kind]), (name,))


def _of_paragraphs(paragraphs: Sequence[str], known: Container[str]) -> Iterator[Entry]:
    counts = Counter(name for text in paragraphs for name in set(_names(text)))
    for (word, kana), count in sorted(counts.items()):
        latin = usual_romaji(kana)
        if count >= LEAST and latin and word not in known:
            yield Entry(word, kana, (latin,))


def _names(text: str) -> Iterator[tuple[str, str]]:
    """Names of places in kanji, with their reading in hiragana."""
    for morpheme in morphemes(normalise(text)):
        if morpheme.part_of_speech()[2] == "地名" and _KANJI.search(morpheme.surface()):
            yield morpheme.normalized_form(), hiragana(morpheme.reading_form())
