"""Simplified Chinese in the characters of Japanese: 经济 → 経済, 人口减少 → 人口減少.

One character for one character, from `chinese.toml`: the embedded model and the lexical search read a question alike,
and neither needs a package for it.
"""

import tomllib
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("chinese.toml")


def in_japanese_characters(text: str) -> str:
    """`text` with Japanese characters, of the same length; as it is where no character tells that it is Chinese."""
    telling, all_pairs = _pairs()
    return text.translate(all_pairs) if any(character in telling for character in text) else text


@cache
def _pairs() -> tuple[frozenset[str], dict[int, str]]:
    """The characters that tell Chinese, and for every character known what Japanese writes."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    telling, shared = (dict(map(tuple, table[name].split())) for name in ("telling", "shared"))
    return frozenset(telling), str.maketrans({**telling, **shared})
