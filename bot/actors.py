"""Who does it to whom: the parts of a clause by their particles, and whether a sentence changes them round."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.names import names_of
from knowledge.text import compact, morphemes, normalise

_PARTS = {
    "が": "does",
    "は": "topic",
    "も": "topic",
    "を": "gets",
    "に": "to",
    "へ": "to",
    "から": "from",
    "と": "with",
}
_APART = {("does", "gets"), ("gets", "does"), ("does", "to"), ("to", "does"), ("does", "with"), ("with", "does")}
_NOUN = {"名詞", "接尾辞", "接頭辞", "形状詞"}
_VAGUE = re.compile(r"\d|[年月日時]$|ため|うち|[中際前後間]$|こと$|もの$")
_OWNED = re.compile(r"(?<![一-龥々ァ-ヴa-z0-9])([一-龥々ァ-ヴ]{1,12})の「?([0-9a-z一-龥々ァ-ヴー]{2,})")
_MARKS = re.compile('[()「」『』“”"]')
_DOING = r"(?=[はがも、,]|では?|など|等|ほか|氏|$)"
_EVERYBODYS = ("取組", "取り組み", "活動", "地域", "内容", "方向", "場")
_EMPTY = ("する", "為る", "いる", "なる", "ある", "できる")
_LEAST = 2  # characters of a part of a name that stands for it


@dataclass(frozen=True, slots=True)
class Act:
    """A clause: its verb (normal form), and who or what stands before it with which part."""

    verb: str
    parts: tuple[tuple[str, str], ...]

    def of(self, part: str) -> list[str]:
        return [name for name, given in self.parts if given == part]


def turned_round(sentence: str, evidence: str) -> bool:
    """Whether `sentence` gives somebody in an act of `evidence` another part, or puts another in the place of who
    does it."""
    for said in acts(sentence):
        held = [told for told in acts(evidence) if told.verb == said.verb]
        if not any(_agree(said, told) for told in held) and any(_conflict(said, told) for told in held):
            return True
    return False


def _agree(said: Act, told: Act) -> bool:
    """Whether all that stands in both acts has the same part in them, who does it too."""
    shared = [(part, other) for name, part in said.parts for given, other in told.parts if _same(name, given)]
    doers = [name for name in said.of("does") if not any(_same(name, given) for given in told.of("does"))]
    other = said.of("gets") and told.of("gets") and ("gets", "gets") not in shared
    return bool(shared) and not doers and not other and all(part == given for part, given in shared)


def _conflict(said: Act, told: Act) -> bool:
    for name, part in said.parts:
        known = [other for given, other in told.parts if _same(name, given)]
        if known and part not in known and any((part, other) in _APART for other in known):
            return True
    doers, known = said.of("does"), told.of("does")
    strangers = [name for name in doers if not any(_same(name, given) for given, _ in told.parts)]
    return bool(doers and known and len(strangers) == len(doers) and _alike(said, told))


def _alike(said: Act, told: Act) -> bool:
    """Whether two acts, whoever does them, share what they are done to, or with."""
    return any(_same(a, b) for a, part in said.parts for b in told.of(part) if part != "does")


def _same(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= _LEAST and (one in other or other in one))


@lru_cache(maxsize=1024)
def acts(text: str) -> tuple[Act, ...]:
    """The acts of `text`, in order."""
    return tuple(act for piece in re.split(r"[。\n:：]", text) for act in _acts(piece))


def _acts(text: str) -> Iterator[Act]:
    """Each verb with the parts that stand before it; the topic (は) belongs to the last one."""
    found: list[tuple[str, list[tuple[str, str]], bool]] = []
    parts: list[tuple[str, str]] = []
    noun, tokens = "", morphemes(normalise(text))
    for at, token in enumerate(tokens):
        kind, surface = token.part_of_speech(), token.surface()
        if _acting(token, tokens[at + 1] if at + 1 < len(tokens) else None):
            passive = any(t.normalized_form() in ("れる", "られる") for t in tokens[at + 1 : at + 4])
            found.append((token.normalized_form(), parts, passive))
            noun, parts = "", [given for given in parts if given[1] in ("does", "topic")]
        elif kind[0] in _NOUN or surface in "・々ー":
            noun += surface
        elif kind[0] == "助詞" and surface in _PARTS and noun:
            parts.append((compact(noun), _PARTS[surface]))
            noun = ""
        elif not (kind[0] == "空白" or _MARKS.fullmatch(surface)):
            noun = ""
    for at, (verb, given, passive) in enumerate(found):
        yield Act(verb, _given(given, passive=passive, last=at == len(found) - 1))


def _acting(token: Any, follows: Any) -> bool:
    """Whether `token` is a verb that says what is done: 募集(する), 結ぶ; not する, いる, なる."""
    kind = token.part_of_speech()
    if kind[0] == "名詞":
        return kind[2] == "サ変可能" and follows is not None and follows.dictionary_form() in _EMPTY
    return kind[0] == "動詞" and token.dictionary_form() not in _EMPTY


def _given(parts: list[tuple[str, str]], *, passive: bool, last: bool) -> tuple[tuple[str, str], ...]:
    """The parts that are sure. は marks who does it only where が is not used and something is done to another; of what
    is done to somebody, who stands first is the one it is done to."""
    kinds = {part for _, part in parts}
    topic = "gets" if passive else "does" if "does" not in kinds and "gets" in kinds else ""
    changed = {"topic": topic if last else "", **({"does": "gets", "to": ""} if passive else {})}
    sure = ((name, changed.get(part, part)) for name, part in parts if not _VAGUE.search(name))
    return tuple((name, part) for name, part in sure if part)


def owners_changed(sentence: str, evidence: str) -> bool:
    """Whether `sentence` gives what is somebody's in `evidence` to another: 国の計画 made 道の計画."""
    held = _owned(evidence)
    for owner, thing in _owned(sentence):
        known = [other for other, given in held if given == thing and thing not in _EVERYBODYS]
        if known and not any(_same(owner, other) for other in known):
            return True
    return False


def unknown_doers(sentence: str, evidence: str) -> list[str]:
    """Who does something in `sentence` and nothing in `evidence`: is not there, or only as Xの, Xを."""
    plain, said = (_MARKS.sub("", compact(normalise(text))) for text in (evidence, sentence))
    doers = [name for act in acts(sentence) if act.of("gets") for name in act.of("does")]
    doers = [name for name in doers if f"{name}が" in said or names_of(name)]
    return [name for name in doers if not re.search(re.escape(name) + _DOING, plain)]


def predicates(sentence: str) -> list[str]:
    """The verbs of `sentence` (normal form) that its clauses end with."""
    return [act.verb for piece in re.split("[、。]", sentence) for act in list(_acts(piece))[-1:]]


@lru_cache(maxsize=1024)
def _owned(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((match[1], match[2]) for match in _OWNED.finditer(normalise(text)))
