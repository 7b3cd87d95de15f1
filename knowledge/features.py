"""Text → features: the words and character pairs whose vectors the embedded model adds up.

The embedded model is a table `feature → vector`. Which features a text has is decided here, by the same
code when the model is trained, when documents are indexed and when a question is asked; `VERSION` is kept in
the model's folder, so that a table is never used with another cut than its own.
"""

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from knowledge.text import bigrams, words

VERSION = 1
UNKNOWN = "[UNK]"
BUCKETS = 16384  # character pairs share this many vectors: no pair is ever unknown
_SPACE = re.compile(r"\s+")


def features(text: str) -> list[str]:
    """The distinct features of `text`, in order of appearance; `[UNK]` alone for a text that has none.

    Each counts once however often it stands there: a passage that repeats a word is not more about it
    (JSQuAD recall@1 falls when repetitions count). No feature contains white space.
    """
    text = in_japanese_characters(text)
    found = dict.fromkeys([*_words(text), *_pairs(text)])
    return list(found) or [UNKNOWN]


def feature_text(text: str) -> str:
    """`text` as the model's own tokenizer wants it: its features, joined by spaces."""
    return " ".join(features(text))


def in_japanese_characters(text: str) -> str:
    """Simplified Chinese in the characters of Japanese (经济 → 経済); any other text as it is.

    Chinese is told by simplified characters that Shift_JIS lacks: Japanese has none, so it is never converted.
    """
    foreign = "".join(filter(_is_foreign, text))
    if not foreign:
        return text
    simplified_to_traditional, traditional_to_japanese = _converters()
    if simplified_to_traditional.convert(foreign) == foreign:
        return text
    converted: str = traditional_to_japanese.convert(simplified_to_traditional.convert(text))
    return converted


@lru_cache(maxsize=8192)
def _is_foreign(character: str) -> bool:
    """A kanji that Shift_JIS lacks."""
    if not "\u4e00" <= character <= "\u9fff":
        return False
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return True
    return False


@lru_cache(maxsize=1)
def _converters() -> tuple[Any, Any]:
    from opencc import OpenCC

    return OpenCC("s2t"), OpenCC("t2jp")


def _words(text: str) -> Iterator[str]:
    for word in words(text):
        yield _singular(word) if word.isascii() else _SPACE.sub("_", word)


def _pairs(text: str) -> Iterator[str]:
    for pair in bigrams(text):
        yield f"#{zlib.crc32(pair.encode()) % BUCKETS}"


def _singular(word: str) -> str:
    """An English plural's singular, roughly: policies → policy, houses → house, bus → bus."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
