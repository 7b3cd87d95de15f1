"""The same question in other clothes: in English, in kana, with synonyms. What residents type, the data lacks.

The variants are rough on purpose: the model adds up words, so that only the words need to be right.
"""

import random
import re
from collections.abc import Mapping, Sequence

from indexer.training.corpus import Corpus, Entry
from knowledge.lexical import hiragana
from knowledge.text import morphemes, normalise, words

_HIRAGANA = re.compile("[ぁ-ん]")
SYNONYM_SHARE = 0.5


def in_kana(text: str) -> str:
    """`text` as its reading in hiragana; what is not Japanese stays. Only a text that has hiragana is Japanese."""
    if not _HIRAGANA.search(text):
        return text
    pieces = []
    for morpheme in morphemes(normalise(text)):
        reading = morpheme.reading_form()
        readable = reading and reading != "キゴウ" and not morpheme.surface().isascii()
        pieces.append(hiragana(reading) if readable else morpheme.surface())
    return "".join(pieces)


class Translator:
    """Word by word into English, through the glosses of a dictionary; a word without an entry is left out."""

    def __init__(self, entries: Sequence[Entry], rng: random.Random) -> None:
        self._glosses: dict[str, list[str]] = {}
        self._rng = rng
        for entry in entries:
            found = words(entry.word)
            if len(found) == 1:
                short = [gloss for gloss in entry.glosses[:4] if len(gloss.split()) <= 3]
                self._glosses.setdefault(found[0], []).extend(short)

    def __call__(self, text: str) -> str:
        return " ".join(self._translate(word) for word in words(text))

    def _translate(self, word: str) -> str:
        glosses = self._glosses.get(word)
        if glosses:
            return glosses[0] if self._rng.random() < 0.5 else self._rng.choice(glosses)
        return word if word.isascii() else ""


class Paraphraser:
    """Some words replaced by a synonym."""

    def __init__(self, corpus: Corpus, rng: random.Random) -> None:
        self._groups: Mapping[str, Sequence[str]] = {
            words(form)[0]: group for group in corpus.synonyms for form in group if len(words(form)) == 1
        }
        self._rng = rng

    def __call__(self, text: str) -> str:
        return " ".join(self._replace(word) for word in words(text))

    def _replace(self, word: str) -> str:
        group = self._groups.get(word)
        return self._rng.choice(group) if group and self._rng.random() < SYNONYM_SHARE else word
