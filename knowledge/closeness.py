"""How close together the words of a question stand in a passage.

BM25 counts a word anywhere in seven hundred characters. An answer has them together, in two or three sentences, and
what its title and section already say need not be repeated there.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from knowledge.lexical import without_addresses
from knowledge.text import normalise, sentences

_WINDOW = 120  # characters; 60 and 200 are within .01 of it


def closeness(weights: Mapping[str, float], context: str, content: str) -> float:
    """The largest sum of the weights of different terms that stand in `context` or in one window of `content`.

    A window is as many neighbouring sentences as make 120 characters. `weights`: term as it is written, normalised →
    weight above 0.
    """
    parts, windows = _parts(content), _windows(content)
    above, whole = normalise(context), "\n".join(parts)
    said_above = sum(weight for term, weight in weights.items() if term in above)
    rest = {term: weight for term, weight in weights.items() if term not in above and term in whole}
    counts = np.zeros((len(parts) + 1, len(rest)), dtype=np.int32)
    counts[1:] = np.cumsum([[term in part for term in rest] for part in parts], axis=0)
    inside = counts[windows[:, 1]] > counts[windows[:, 0]]
    return float(said_above + (inside @ np.array(list(rest.values()))).max())


@lru_cache(maxsize=4096)
def _parts(content: str) -> tuple[str, ...]:
    """The normalised sentences and lines of `content`, at least one."""
    return tuple(map(normalise, sentences(without_addresses(content)))) or ("",)


@lru_cache(maxsize=4096)
def _windows(content: str) -> np.ndarray:
    """(windows, 2) int: the first part of each window and the one after its last."""
    sizes = [len(part) for part in _parts(content)]
    windows = []
    for start in range(len(sizes)):
        end, total = start, 0
        while end < len(sizes) and total < _WINDOW:
            total += sizes[end]
            end += 1
        windows.append((start, end))
        if end == len(sizes):
            break
    return np.array(windows)
