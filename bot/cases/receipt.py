"""Receipt numbers: short enough to read out on the phone, too many to guess, and a slip of the pen is noticed."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence

ALPHABET = "2346789ACDEFHJKMNPRTWXY"
"""23 signs, none like another (no 0 O, 1 I L, 5 S, 8 B, U V, G Q, Z). 23 is prime: any wrong sign and any two signs
exchanged change the check sign."""

LENGTH = 9  # eight random signs (23⁸ = 7.8 · 10¹⁰) and the check sign
_GROUP = 3
_LOOSE = re.compile(rf"(?<![A-Z0-9])[{ALPHABET}]{{3}}([- ]?)[{ALPHABET}]{{3}}\1[{ALPHABET}]{{3}}(?![A-Z0-9])")

Choose = Callable[[Sequence[str]], str]


def new_receipt(choose: Choose = secrets.choice) -> str:
    """A fresh number such as "7KM-4PX-A9R". `choose` must be unpredictable."""
    signs = "".join(choose(ALPHABET) for _ in range(LENGTH - 1))
    return written(signs + check_sign(signs))


def check_sign(signs: str) -> str:
    """The sign that completes `signs`: their weighted sum modulo 23."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, 1))
    return ALPHABET[total % len(ALPHABET)]


def written(signs: str) -> str:
    return "-".join(signs[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def read_receipt(text: str) -> str | None:
    """The number that `text` is, however it is typed (widths, case, spaces, hyphens left out); None if it is none."""
    signs = re.sub(r"[^0-9A-Z]", "", _plain(text))
    whole = len(signs) == LENGTH and set(signs) <= set(ALPHABET)
    return written(signs) if whole and check_sign(signs[:-1]) == signs[-1] else None


def find_receipt(text: str) -> str | None:
    """The first number in a sentence. Nine letters in a row are a word, unless a digit or a hyphen is among them."""
    for match in _LOOSE.finditer(_plain(text)):
        found = read_receipt(match.group())
        if found and re.search(r"[\d-]", match.group()):
            return found
    return None


def _plain(text: str) -> str:
    return re.sub(r"[‐‑–—−ーｰ]", "-", unicodedata.normalize("NFKC", text)).upper()
