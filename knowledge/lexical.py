"""The lexical leg: BM25 (bm25s) over the terms of each passage, as plain .npy and .json files.

Beside the scores it keeps how the words sound, so that a question in kana finds the words it means.
"""

import json
import logging
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge import text, wareki
from knowledge.entities import Passage, PassageKind

# Rises when `passage_terms` changes, so that an index made with other terms is rebuilt instead of misread.
VERSION = 3
FILES = (
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "params.index.json",
    "vocab.index.json",
    "readings.json",
)
# Measured on JSQuAD cut to passages of 600 characters (recall@1 .923 → .928) and on the development set, with the
# context counted twice (development hit@1 .750 → .762).
_K1, _B = 0.9, 0.4
_YEAR = "\x04"
_ADDRESS = re.compile(r"https?://[!-~]+|[\w.+-]+@[\w.-]+")
_OF_DIRECTORY = "\x07"  # ends the terms of contact rows
_WRITTEN = re.compile(r"[ァ-ヴー]{2,}|.*[\u4e00-\u9fff].*")


def passage_terms(passage: Passage) -> list[str]:
    """What lexical search counts in a passage: the terms of its very words, those of its context twice, its years.

    Contact rows have terms of their own: their many place and section names would make the same words look common in
    documents (development hit@1 .825 → .775).
    """
    context = text.terms(passage.context)
    found = (
        text.terms(without_addresses(passage.text))
        + context
        + context
        + year_terms(f"{passage.context}\n{passage.text}")
    )
    return [term + _OF_DIRECTORY for term in found] if passage.kind is PassageKind.DIRECTORY else found


def without_addresses(content: str) -> str:
    """`content` without web and e-mail addresses: the "hokkaido" in them is not what a question is about."""
    return _ADDRESS.sub(" ", content)


def year_terms(content: str) -> list[str]:
    """One term for each year that `content` names, the same for 令和6年, R6 and 2024."""
    return [f"{_YEAR}{year}" for year in sorted({mention.year for mention in wareki.years(content)})]


def hiragana(kana: str) -> str:
    """Katakana as hiragana; other characters as they are."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in kana)


def _word_counts(documents: Sequence[Sequence[str]]) -> Counter[str]:
    """Word → in how many documents it stands; 0 for a word of contact rows alone."""
    words: Counter[str] = Counter()
    for terms in documents:
        for term in set(terms):
            if term[0] > "\x1f":
                words[term.removesuffix(_OF_DIRECTORY)] += not term.endswith(_OF_DIRECTORY)
    return words


def sounds(words: Mapping[str, int]) -> dict[str, str]:
    """Reading in hiragana (two characters or more) → the word with the highest count that is read so.

    `words`: word → count. Words of the index in kanji or katakana count.
    """
    found: dict[str, str] = {}
    for word, _ in sorted(words.items(), key=lambda item: (item[1], item[0])):
        if not _WRITTEN.fullmatch(word):
            continue
        reading = hiragana("".join(m.reading_form() for m in text.morphemes(word)))
        if len(reading) >= 2:
            found[reading] = word
    return found


def _library() -> Any:
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for DEBUG at import
    return bm25s


class LexicalIndex:
    """BM25 scores of terms over the passages of one Generation. Immutable; safe to read from many threads."""

    def __init__(self, bm25: Any, readings: dict[str, str]) -> None:
        self._bm25 = bm25
        self.readings = readings

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> "LexicalIndex":
        """`documents`: the terms of each passage, in passage order. At least one passage has a term."""
        bm25 = _library().BM25(k1=_K1, b=_B, method="lucene")
        bm25.index([list(terms) for terms in documents], show_progress=False)
        return cls(bm25, sounds(_word_counts(documents)))

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """The index that `save` wrote; raises OSError, ValueError or KeyError where it is not one. Reads no pickle."""
        readings = json.loads((folder / "readings.json").read_text(encoding="utf-8"))
        return cls(_library().BM25.load(folder, mmap=False, allow_pickle=False, show_progress=False), readings)

    def save(self, folder: Path) -> None:
        """Write `FILES` into `folder`."""
        self._bm25.save(folder, allow_pickle=False, show_progress=False)
        (folder / "readings.json").write_text(json.dumps(self.readings, ensure_ascii=False), encoding="utf-8")

    def __len__(self) -> int:
        return int(self._bm25.scores["num_docs"])

    def frequency(self, term: str) -> int:
        """In how many document passages `term` stands."""
        number = self._bm25.vocab_dict.get(term)
        starts = self._bm25.scores["indptr"]
        return 0 if number is None else int(starts[number + 1] - starts[number])

    def idf(self, term: str) -> float:
        """BM25's weight of `term` in the documents; the largest for one that none of them has."""
        found = self.frequency(term)
        return math.log1p((len(self) - found + 0.5) / (found + 0.5))

    def scores(self, weights: Mapping[str, float]) -> np.ndarray:
        """(n,) float32: for every passage the sum of weight × BM25 over the terms; unknown terms count nothing."""
        known = self._bm25.vocab_dict
        groups: dict[float, list[int]] = defaultdict(list)
        for term, weight in weights.items():
            groups[weight].extend(known[name] for name in (term, term + _OF_DIRECTORY) if name in known)
        total = np.zeros(len(self), dtype=np.float32)
        for weight, ids in groups.items():
            total += weight * self._bm25.get_scores_from_ids(ids)
        return total
