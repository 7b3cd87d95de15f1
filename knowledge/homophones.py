"""Kanji chosen wrongly for the right sound (誤変換): 基調公演 → 基調講演, 担い手不測 → 担い手不足.

Only where the documents do not know the word written, know one of the same sound, and it stands in them beside the
same neighbour: a park (公園) that is asked for is no lecture (講演).
"""

import re
from collections.abc import Callable, Mapping

from knowledge.lexical import hiragana
from knowledge.text import morphemes

_KANJI_WORD = re.compile("[一-鿿々]{2,}")
_NEIGHBOUR = re.compile("(?=.*[一-鿿々ァ-ヺ])[一-鿿々ァ-ヺーぁ-ん]{2,}")


def mended(
    question: str, readings: Mapping[str, str], known: Callable[[str], bool], stands: Callable[[str], bool]
) -> str:
    """`question` with such words put right. `readings`: hiragana → word of the documents; `known`: whether they have a
    word; `stands`: whether they have a string."""
    words = [(m.surface(), hiragana(m.reading_form())) for m in morphemes(question)]
    for i, (written, sound) in enumerate(words):
        meant = readings.get(sound)
        if not meant or meant == written or not _KANJI_WORD.fullmatch(written) or known(written):
            continue
        before = words[i - 1][0] if i else ""
        after = words[i + 1][0] if i + 1 < len(words) else ""
        if any(stands(pair) for pair in _pairs(before, meant, after)):
            words[i] = (meant, sound)
    return "".join(written for written, _ in words)


def _pairs(before: str, meant: str, after: str) -> list[str]:
    """`meant` together with a neighbour that is a word in kanji or katakana itself."""
    found = [before + meant] if _NEIGHBOUR.fullmatch(before) else []
    return [*found, meant + after] if _NEIGHBOUR.fullmatch(after) else found
