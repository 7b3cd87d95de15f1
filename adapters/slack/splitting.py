"""Long text → pieces of at most so many characters, cut where a reader would pause. Pure."""

import unicodedata

_PAUSES = (("\n\n",), ("\n",), ("。", "!", "?", "! ", "? ", ". "), ("、", ", ", " "))
_LEAST = 0.3  # of the length: a pause that comes earlier is not used


def split(text: str, most: int) -> list[str]:
    """Pieces of 1 to `most` characters, without white space around the cuts."""
    pieces = []
    while len(text) > most:
        cut = _cut(text, most)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in (*pieces, text) if piece]


def _cut(text: str, most: int) -> int:
    """Behind the last pause that fits: of paragraphs, else lines, sentences, phrases; else between two characters."""
    for pauses in _PAUSES:
        ends = (text.rfind(pause, 0, most) + len(pause) for pause in pauses if pause in text[:most])
        cut = max(ends, default=0)
        if cut > most * _LEAST:
            return min(cut, most)
    return _between(text, most)


def _between(text: str, at: int) -> int:
    """`at`, or a little before, so that no mark is cut from the character that it belongs to."""
    while at > 1 and (unicodedata.combining(text[at]) or text[at] in "\u200d\ufe0e\ufe0f" or text[at - 1] == "\u200d"):
        at -= 1
    return at
