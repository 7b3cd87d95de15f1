"""The grounding check: whatever a sentence states in figures, links or addresses must stand in its evidence."""

import re

from knowledge.text import compact
from knowledge.wareki import years

_LINK = re.compile(r"https?://[!-(*-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def unsupported(sentence: str, evidence: str) -> list[str]:
    """The numbers, dates, phone numbers, links and mail addresses of `sentence` that `evidence` does not hold.

    Era and western years are the same year; thousands separators do not count. Empty: grounded.
    """
    wanted, held = compact(sentence), compact(evidence)
    missing = [link for link in _LINK.findall(wanted) if link not in held]
    bare = _LINK.sub(" ", wanted)
    held_years = {m.year for m in years(evidence)}
    for mention in years(bare):
        if mention.year not in held_years:
            missing.append(bare[mention.start : mention.end])
    era_free = _without(bare, [(m.start, m.end) for m in years(bare) if m.year in held_years])
    numbers = {_plain(n) for n in _NUMBER.findall(held)}
    missing.extend(n for n in _NUMBER.findall(era_free) if _plain(n) not in numbers)
    return missing


def _plain(number: str) -> str:
    return number.replace(",", "").lstrip("0") or "0"


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " + text[end:]
    return text
