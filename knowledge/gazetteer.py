"""Text → the places it names: the longest spelling first, homographs only with evidence, surnames and firms never."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.borders import Reading
from knowledge.directory import Directory
from knowledge.entities import Municipality
from knowledge.senses import MUNICIPALITY, OUTSIDE, Index, Sense
from knowledge.spelling import fold, script_of

_JOIN = re.compile(r" *(?:と|や|、|,|・|/|及び|および|並びに|そして|and|&) *")
_WITHIN = re.compile(r" *(?:の|内の|管内の|管内|・|、|\()? *")
_ADDRESS = re.compile(r"[\s,、]*(?:の|内の|内|にある|の?[一-龥]{1,3}郡の?)?[\s「]*")
_ADDRESS_BACK = re.compile(r"\s*[,、(（]?\s*")
_WIDE = frozenset((OUTSIDE, "name", "subprefecture", "bureau", "region", "short"))
_OF = re.compile(r"[\s、]*(?:の)?\s*")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that a text names. `start`, `end`: where in the text as it was given.

    `kind`: municipality, outside, or the kind of a row of places.csv. `municipalities`: all that it may mean; empty for
    places outside Hokkaido and the Northern Territories. `prefecture`: of a place outside. `also_in`: prefectures that
    have a municipality of the same written name. `certain`: False where the bare name is as likely somewhere else.
    """

    surface: str
    start: int
    end: int
    name: str
    kind: str
    municipalities: tuple[Municipality, ...]
    prefecture: str | None = None
    also_in: tuple[str, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A match in folded text, before the evidence of its neighbours is weighed."""

    start: int
    end: int
    senses: tuple[Sense, ...]
    strong: bool

    def towns(self) -> frozenset[str]:
        return frozenset(town.code for sense in self.senses for town in sense.municipalities)


class Gazetteer:
    """Finds places. Built from a Directory, whose index of spellings takes some 0.3 s once; `find` is pure and fast."""

    def __init__(self, directory: Directory) -> None:
        self._index: Index = directory.spellings
        self._lengths = _lengths_by_first(self._index)
        self._elsewhere: dict[str, tuple[str, ...]] = {}
        self._sounds: dict[str, set[str]] = {}
        for outside in directory.elsewhere:
            self._elsewhere[outside.name] = (*self._elsewhere.get(outside.name, ()), outside.prefecture)
            if outside.name != outside.prefecture:
                self._sounds.setdefault(outside.prefecture, set()).add(outside.kana)

    def sounds(self) -> dict[str, str]:
        """hiragana → the one place in Hokkaido whose name sounds so without needing other evidence."""
        found: dict[str, str] = {}
        for spelling, senses in self._index.items():
            names = {
                s.name for s in senses if not s.rule and (s.kind not in _WIDE if s.kind != MUNICIPALITY else s.full)
            }
            if script_of(spelling) == "H" and len(names) == 1 == len({sense.name for sense in senses}):
                found[spelling] = names.pop()
        return found

    def find(self, text: str) -> list[Mention]:
        """The places that `text` names, in order, without overlaps."""
        reading = Reading(text, fold(text))
        candidates = self._scan(reading)
        accepted = _with_neighbours(candidates, reading)
        return self._addresses([self._mention(c, reading) for c in accepted], reading)

    def names(self, text: str) -> list[str]:
        """The names of the places that `text` names."""
        return [mention.name for mention in self.find(text)]

    def _scan(self, reading: Reading) -> list[_Candidate]:
        text = reading.folded.text
        found: list[_Candidate] = []
        position = 0
        while position < len(text):
            candidate = self._longest(reading, position, found[-1].end if found else -1)
            if candidate is None:
                position += 1
                continue
            found.append(candidate)
            position = candidate.end
        return found

    def _longest(self, reading: Reading, start: int, last_end: int) -> _Candidate | None:
        text = reading.folded.text
        for length in self._lengths.get(text[start], ()):
            spelling = text[start : start + length]
            senses = self._index.get(spelling)
            if senses is None or len(spelling) < length:
                continue
            end = start + length
            full = any(sense.full for sense in senses)
            if not reading.stands_alone(start, end, script_of(spelling), full=full, after_place=last_end == start):
                continue
            strong = tuple(sense for sense in senses if reading.supports(sense.rule, start, end, full=sense.full))
            if strong and all(sense.kind == OUTSIDE for sense in strong):
                strong = senses  # the place of the same name in Hokkaido is not ruled out
            if strong or not full:
                return _Candidate(start, end, strong or senses, bool(strong))
        return None

    def _mention(self, candidate: _Candidate, reading: Reading) -> Mention:
        """Senses that lead to different places make one mention of all of them."""
        inside = [s for s in candidate.senses if s.kind != OUTSIDE]
        outside = [s for s in candidate.senses if s.kind == OUTSIDE]
        sense = (inside or outside)[0]
        towns = {town.code: town for s in inside for town in s.municipalities}
        several = len(towns) > 1 and len({s.name for s in inside}) > 1
        start, end = reading.original_span(candidate.start, candidate.end)
        surface = reading.original[start:end]
        return Mention(
            surface=surface,
            start=start,
            end=end,
            name=surface if several else sense.name,
            kind="short" if several else sense.kind,
            municipalities=tuple(towns.values()),
            prefecture=outside[0].prefecture if not inside else None,
            also_in=self._also_in(inside, outside) if inside else (),
            certain=sense.rule != "elsewhere" and not (inside and any(not s.full for s in outside)),
        )

    def _also_in(self, inside: Sequence[Sense], outside: Sequence[Sense]) -> tuple[str, ...]:
        names = [s.name for s in inside if s.kind in (MUNICIPALITY, "short")]
        found = [prefecture for name in names for prefecture in self._elsewhere.get(name, ())]
        return tuple(dict.fromkeys([*found, *(s.prefecture for s in outside if s.prefecture)]))

    def _addresses(self, mentions: list[Mention], reading: Reading) -> list[Mention]:
        """A name that belongs to a prefecture beside it (福島県の伊達市, Date City, Fukushima) lies outside."""
        for i in range(1, len(mentions)):
            before, after = mentions[i - 1], mentions[i]
            gap = reading.original[before.end : after.start]
            if before.kind == OUTSIDE and (_ADDRESS.fullmatch(gap) or after.start < self._reach(before, reading)):
                surely = not gap or gap.endswith("郡") or after.start < self._reach(before, reading)
                mentions[i] = self._moved(after, before, surely)
            elif after.kind == OUTSIDE and _ADDRESS_BACK.fullmatch(gap) and after.prefecture in before.also_in:
                mentions[i - 1] = self._moved(before, after, surely=True)
        return [m for m in mentions if m.kind != "name"]

    def _reach(self, prefecture: Mention, reading: Reading) -> int:
        """Where a municipality in kana ends that follows its prefecture; the prefecture's end if none does."""
        text = reading.original
        start = prefecture.end + len((_OF.match(text, prefecture.end) or [""])[0])
        names = self._sounds.get(prefecture.prefecture or "", ())
        return max((start + len(n) for n in names if text.startswith(n, start)), default=prefecture.end)

    def _moved(self, mention: Mention, outside: Mention, surely: bool) -> Mention:
        """`mention` as a place of the prefecture of `outside`, if it is one; else unchanged."""
        prefecture = outside.prefecture or ""
        if mention.kind == OUTSIDE:
            return mention
        sounds = {town.kana for town in mention.municipalities} & self._sounds.get(prefecture, set())
        if not (sounds or surely or prefecture in mention.also_in):
            return mention
        return replace(mention, kind=OUTSIDE, municipalities=(), prefecture=prefecture, also_in=(), certain=True)


def _lengths_by_first(index: Index) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = {}
    for spelling in index:
        lengths.setdefault(spelling[0], set()).add(len(spelling))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def _with_neighbours(candidates: list[_Candidate], reading: Reading) -> list[_Candidate]:
    """Strong candidates, and weak ones that a neighbour supports: 十勝の清水, 池田と幕別, or the name alone."""
    accepted = []
    for i, candidate in enumerate(candidates):
        strong = candidate.strong or reading.is_all(candidate.start, candidate.end)
        if not strong:
            before = candidates[i - 1] if i else None
            after = candidates[i + 1] if i + 1 < len(candidates) else None
            strong = _supported(candidate, before, after, reading)
        if strong:
            accepted.append(candidate)
    return accepted


def _supported(candidate: _Candidate, before: _Candidate | None, after: _Candidate | None, reading: Reading) -> bool:
    text = reading.folded.text
    if before is not None and before.towns():
        gap = text[before.end : candidate.start]
        if _WITHIN.fullmatch(gap) and candidate.towns() and candidate.towns() < before.towns():
            return True
        if before.strong and _JOIN.fullmatch(gap):
            return True
    if after is not None and after.strong and after.towns():
        gap = text[candidate.end : after.start]
        return bool(_JOIN.fullmatch(gap))
    return False
