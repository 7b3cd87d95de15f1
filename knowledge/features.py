"""Text → features: the words and character pairs whose vectors the embedded model adds up.

The embedded model is a table `feature → vector`. Which features a text has is decided here, by the same
code when the model is trained, when documents are indexed and when a question is asked; `VERSION` is kept in
the model's folder, so that a table is never used with another cut than its own.
"""

import re
import zlib
from collections.abc import Iterable, Iterator

from knowledge.chinese import in_japanese_characters
from knowledge.text import bigrams, words

VERSION = 2
UNKNOWN = "[UNK]"
BUCKETS = 16384  # pieces of words share this many vectors: no piece is ever unknown
_STEM = 5  # letters: announce, announced, announcement
_SPACE = re.compile(r"\s+")


def features(text: str) -> list[str]:
    """The distinct features of `text`, in order of appearance; `[UNK]` alone for a text that has none.

    Each counts once however often it stands there: a passage that repeats a word is not more about it
    (JSQuAD recall@1 falls when repetitions count). No feature contains white space.
    """
    text = in_japanese_characters(text)
    found = list(_words(text))
    found = list(dict.fromkeys([*found, *_pieces(text, found)]))
    return found or [UNKNOWN]


def feature_text(text: str) -> str:
    """`text` as the model's own tokenizer wants it: its features, joined by spaces."""
    return " ".join(features(text))


def _words(text: str) -> Iterator[str]:
    for word in words(text):
        if word.isascii():
            yield from map(_singular, word.split())
        else:
            yield _SPACE.sub("_", word)


def _pieces(text: str, names: Iterable[str]) -> Iterator[str]:
    """Character pairs of Japanese; of an English word or a number its first letters, which its other forms share."""
    for piece in [*bigrams(text), *(name[:_STEM] for name in names if name.isascii())]:
        yield f"#{zlib.crc32(piece.encode()) % BUCKETS}"


def _singular(word: str) -> str:
    """An English plural's singular, roughly: policies → policy, houses → house, bus → bus."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
