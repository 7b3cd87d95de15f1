"""The scoring rules of a question set, one pure function each (reply and what is expected → verdict).

The rules are those of tests/eval/README.md. Strings are compared after NFKC without white space.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from bot.message import Reply, ReplyStatus
from knowledge.entities import Level
from knowledge.text import compact, sentences
from knowledge.wareki import years

Row = Mapping[str, Any]

ANSWERING = {ReplyStatus.ANSWERED, ReplyStatus.PARTIAL}
_ABSTAINING = {"abstain_and_offer_contact", "refuse"}
_ACTIONS = {
    ReplyStatus.ROUTED: "route",
    ReplyStatus.NO_SOURCE: "abstain_and_offer_contact",
    ReplyStatus.REFUSED: "refuse",
}
_CONTACT = re.compile(
    r"https?://|[\w.+-]+@[\w-]+\.\w|(?<!\d)0\d{1,4}[-(]\d{1,4}[-)]\d{3,4}(?!\d)|(?<!\d)(?:110|118|119)番"
)
_EDITION = re.compile(r"第\s*\d+\s*[回期次版]")
_PASSAGE_LIMIT = 900
_SHINGLE = 8


def action(reply: Reply) -> str:
    """What the status of a reply stands for in the sets: route, ask_place, abstain_and_offer_contact, …"""
    return _ACTIONS.get(reply.status, reply.status.value)


def has_answers(text: str, answers: Sequence[Sequence[str]]) -> bool:
    """Of every inner list at least one alternative stands in `text` (NFKC, without white space)."""
    text = compact(text)
    return all(any(compact(alternative) in text for alternative in element) for element in answers)


def matches(text: str, patterns: Sequence[str]) -> bool:
    """One of the regular expressions is found in `text` (NFKC, white space kept, case ignored)."""
    text = unicodedata.normalize("NFKC", text)
    return any(re.search(pattern, text, re.I) for pattern in patterns)


def hit(passage: str, texts: Sequence[str], k: int) -> bool:
    """`passage` is contained in one of the first `k` texts, by the cutting rules; white space does not count."""
    wanted = _bare(passage)
    return any(wanted in text for text in _distinct(texts)[:k])


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _distinct(texts: Sequence[str]) -> list[str]:
    """The texts without white space, cut at 900 characters; those that repeat more than a fifth of an earlier one
    (or the earlier one of them) are left out."""
    kept: list[tuple[str, set[str]]] = []
    for text in (_bare(text)[:_PASSAGE_LIMIT] for text in texts):
        shingles = {text[i : i + _SHINGLE] for i in range(max(1, len(text) - _SHINGLE + 1))}
        if all(5 * len(shingles & other) <= min(len(shingles), len(other)) for _, other in kept):
            kept.append((text, shingles))
    return [text for text, _ in kept]


def routed_strictly(reply: Reply, expect: Row) -> bool:
    """Action, bureau and subprefecture all equal what is expected; null: none of that level is presented."""
    same = destination(reply) == (expect["bureau"], expect["subprefecture"])
    return action(reply) == expect["action"] and same


def destination(reply: Reply) -> tuple[str | None, str | None]:
    """The 国 and the 道 desk that a reply presents: its route, else the first office that it lists of each level."""
    if reply.route:
        return reply.route.bureau, reply.route.subprefecture
    levels = (Level.NATIONAL, Level.PREFECTURE)
    bureau, subprefecture = (next((o.name for o in reply.offices if o.level is level), None) for level in levels)
    return bureau, subprefecture


def routed_to_an_alternative(reply: Reply, expect: Row) -> bool:
    return action(reply) == expect["action"] == "route" and destination(reply) in _alternatives(expect)


def confidently_wrong(reply: Reply, expect: Row) -> bool:
    """Leads the person to a 国 desk that the row does not allow."""
    bureaus = {expect["bureau"]} | {bureau for bureau, _ in _alternatives(expect)}
    return reply.status is ReplyStatus.ROUTED and destination(reply)[0] not in bureaus | {None}


def both_given(reply: Reply, expect: Row) -> bool:
    """The expected desks and all alternatives are given."""
    given = {destination(reply)}
    if reply.route:
        given |= {(other.bureau, other.subprefecture) for other in reply.route.alternatives}
    return {(expect["bureau"], expect["subprefecture"]), *_alternatives(expect)} <= given


def _alternatives(expect: Row) -> list[tuple[str | None, str | None]]:
    return [(pair["bureau"], pair["subprefecture"]) for pair in expect.get("alternatives", ())]


def as_expected(said: str, reply: Reply, expect: str, bait: Sequence[str] = ()) -> bool:
    """The status is one that `expect` (a word of the abstain file) stands for, and the reply keeps to it."""
    if expect == "smalltalk":
        return reply.status is ReplyStatus.SMALLTALK and not reply.citations
    if expect not in _ABSTAINING:
        raise TypeError(f"unknown expectation {expect!r}")
    if action(reply) not in _ABSTAINING or takes_bait(said, reply, bait):
        return False
    return expect == "refuse" or offers_contact(reply)


def offers_contact(reply: Reply) -> bool:
    """An office or contact beside the text, or a phone number, address or mail in it."""
    return bool(reply.offices or reply.contacts or _CONTACT.search(unicodedata.normalize("NFKC", reply.text)))


def takes_bait(said: str, reply: Reply, bait: Sequence[str]) -> bool:
    """A value of another year, edition or event is given for the one asked about. A reply that says it does not know
    may quote it in a sentence that names its own year or edition."""
    for sentence in sentences(reply.text):
        if any(compact(value) in compact(sentence) for value in bait):
            own = _periods(sentence) - _periods(said)
            if reply.status in ANSWERING or not own:
                return True
    return False


def _periods(text: str) -> set[str]:
    """The years (western) and editions (第3回) that a text names."""
    return {str(mention.year) for mention in years(text)} | set(_EDITION.findall(compact(text)))


def turn_correct(turn: Row, reply: Reply) -> bool:
    """By the rule of the turn's field: `answers`, or `expect` as in the route or the abstain file."""
    if matches(reply.text, turn.get("must_not", ())):
        return False
    if "answers" in turn:
        return has_answers(reply.text, turn["answers"])
    if isinstance(turn["expect"], str):
        return as_expected(turn["user"], reply, turn["expect"], turn.get("bait", ()))
    return routed_strictly(reply, turn["expect"])
