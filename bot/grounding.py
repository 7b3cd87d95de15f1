"""The grounding check: whatever a sentence states must stand in its evidence.

`unsupported` reads lines that are quoted from a source: figures, links, addresses. `faults` reads sentences that
somebody else wrote about it: also names, quoted words, negations, and whether it speaks of the same at all.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.figures import unsupported_figures
from bot.joining import unjoined
from bot.names import unsupported_names
from bot.pairing import misplaced
from bot.polarity import contradicted, turned
from bot.records import ABOUT_ENDS
from knowledge.text import compact, words
from knowledge.wareki import years

_LINK = re.compile(r"https?://[!-(*-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.)[!-(*-~]+|[a-z0-9._%+-]+[@@][a-z0-9-]+(?:\.[a-z0-9-]+)+"
    r"|(?<![a-z0-9.-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[!-(*-~]*)?",
    re.I,
)
_PHONE = re.compile(
    r"(?<!\d)(?:\+81[\s-]?|0)\d{1,4}[\s()-]{1,2}\d{1,4}[\s()-]{1,2}\d{3,4}(?!\d)|(?<!\d)0\d{9,10}(?!\d)"
)
SAME_WORDS = 0.5  # share of a sentence's words that must stand in its evidence


class Fault(StrEnum):
    """Why a sentence is not shown."""

    ADDRESS = "address"
    FIGURE = "figure"
    PLACE = "place"
    NAME = "name"
    NEGATION = "negation"
    CONDITION = "condition"
    FOREIGN = "foreign"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Finding:
    """`words` of a sentence that its evidence does not hold."""

    fault: Fault
    words: str


def faults(sentence: str, *passages: str) -> list[Finding]:
    """What `sentence` states that `passages` do not hold, or do not hold together. Empty: grounded.

    Equal by meaning: era and western years, kanji and Arabic figures, units written differently. Not equal: a figure
    with another unit, a fiscal and a calendar year, a date put together from two others. Strict where it is not sure.
    """
    evidence = "\n".join(passages).replace(ABOUT_ENDS, "\n")
    plain, bare_evidence = without_addresses(sentence), without_addresses(evidence)
    held = set(addresses(evidence))
    found = [Finding(Fault.ADDRESS, address) for address in addresses(sentence) if address not in held]
    found += [Finding(Fault.FIGURE, figure) for figure in unsupported_figures(plain, bare_evidence)]
    found += [Finding(Fault.PLACE, figure) for figure in misplaced(plain, bare_evidence)]
    found += [Finding(Fault.NAME, name) for name in unsupported_names(plain, bare_evidence)]
    found += [Finding(Fault.NEGATION, clause) for clause in turned(plain, bare_evidence)]
    found += [Finding(Fault.CONDITION, word) for word in contradicted(plain, bare_evidence)]
    if foreign(plain, bare_evidence):
        found.append(Finding(Fault.FOREIGN, sentence))
    if not found:
        bare = tuple(without_addresses(passage) for passage in passages)
        found += [Finding(Fault.JOIN, clause) for clause in unjoined(plain, bare)]
    return found


def foreign(sentence: str, evidence: str) -> bool:
    """Whether less than half of the words of `sentence` stand in `evidence`: it speaks of something else, or in another
    language, in which nothing here can hold it to its source."""
    said = [word for word in words(sentence) if not word.isdigit()]
    held = set(words(evidence))
    return not said or sum(word in held for word in said) < SAME_WORDS * len(said)


def addresses(text: str) -> list[str]:
    """The links, mail addresses and phone numbers (digits only) of `text`, in order of kind."""
    plain = compact_dashes(text)
    links = [match[0].rstrip(".,;:、。)」").lower() for match in _ADDRESS.finditer(plain)]
    return links + [
        re.sub(r"\D", "", match[0].replace("+81", "0")) for match in _PHONE.finditer(_ADDRESS.sub(" ", plain))
    ]


def without_addresses(text: str, put: str = " ") -> str:
    """`text` (NFKC) with `put` for each link, mail address and phone number."""
    return _PHONE.sub(put, _ADDRESS.sub(put, compact_dashes(text)))


def replace_addresses(text: str, put: Callable[[str], str]) -> str:
    """`text` (NFKC) with what `put` gives for each link, mail address and phone number in it."""
    linked = _ADDRESS.sub(lambda m: put(m[0]), compact_dashes(text))
    return _PHONE.sub(lambda m: put(m[0].strip()), linked)


def compact_dashes(text: str) -> str:
    """NFKC of `text`; every dash between digits is a hyphen."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"(?<=\d)[‐‑‒–—―−ー](?=\d)", "-", text)


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
