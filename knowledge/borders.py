"""Is a string of characters a place name where it stands? Word borders and the evidence around it."""

from dataclasses import dataclass
from functools import cached_property

from knowledge import place_evidence
from knowledge.spelling import Folded
from knowledge.text import morphemes

_WINDOW = 24  # characters on each side of a name that can be evidence


@dataclass(frozen=True)
class Reading:
    """A text beside its folded form. Positions are those of the folded form unless said otherwise."""

    original: str
    folded: Folded

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        return self.folded.origins[start], self.folded.origins[end]

    def is_all(self, start: int, end: int) -> bool:
        """The message is this name and polite words."""
        text = self.folded.text
        if start > _WINDOW or len(text) - end > _WINDOW:
            return False
        return bool(
            place_evidence.ALONE_BEFORE.fullmatch(text[:start]) and place_evidence.ALONE_AFTER.fullmatch(text[end:])
        )

    def stands_alone(self, start: int, end: int, script: str, *, full: bool, after_place: bool) -> bool:
        """Whether the name begins and ends where words do. `full`: it carries its 市, 町, 村 or is an office."""
        if script == "A":
            return not self._latin_at(start - 1) and not self._latin_at(end)
        if script == "K":
            return self._kanji_borders(start, end, full=full, after_place=after_place)
        scripts = self.folded.scripts[start:end]
        if "T" in scripts:
            if "H" in scripts:
                return False
            touching = self._script(start - 1) == "T" or self._script(end) == "T"
            return not touching or self._words_meet(start, end)
        return self._hiragana_borders(start, end, full=full, after_place=after_place)

    def supports(self, rule: str, start: int, end: int, *, full: bool) -> bool:
        """Whether the text around gives the evidence that `rule` asks for, and it is not a person's name."""
        before = self.folded.text[max(0, start - _WINDOW) : start]
        after = self.folded.text[end : end + _WINDOW]
        if not full and (place_evidence.PERSON.match(after) or place_evidence.MISTER.search(before)):
            return False
        if rule in ("", "elsewhere", "kana"):
            return True
        if place_evidence.PERSON_WITH_GIVEN_NAME.match(after):
            return False
        if rule == "latin":
            return self._capital(start) and bool(place_evidence.PREPOSITION.search(before))
        if rule == "old":
            return bool(place_evidence.FORMER.search(before) or place_evidence.FORMER_AFTER.match(after))
        if place_evidence.INTRODUCED.search(before) and (place_evidence.SELF.match(after) or not after):
            return False
        if place_evidence.SUFFIX.match(after) or (self._chinese and before.endswith(("在", "去", "到", "住"))):
            return True
        if rule != "locative":
            return False
        if place_evidence.LOCATIVE.match(after) or place_evidence.PLACE_IS.search(before):
            return True
        return not place_evidence.NOT_BY_TAG.match(after) and self._tagged_as_place(start, end)

    # ── borders ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _script(self, position: int) -> str:
        return self.folded.scripts[position] if 0 <= position < len(self.folded.scripts) else "O"

    def _latin_at(self, position: int) -> bool:
        return self._script(position) == "A" and self.folded.text[position].isascii()

    def _capital(self, position: int) -> bool:
        return self.original[self.folded.origins[position]].isupper()

    def _kanji_borders(self, start: int, end: int, *, full: bool, after_place: bool) -> bool:
        text = self.folded.text
        inner = self.folded.scripts[start] == "K" and self._script(start - 1) == "K"
        left = inner and not after_place and text[start - 1] not in place_evidence.QUICK_LEFT
        right = (
            not full
            and self._script(end) == "K"
            and self._script(end - 1) == "K"
            and text[end] not in place_evidence.QUICK_RIGHT
        )
        if self._chinese:
            left, right = left and text[start - 1] not in place_evidence.CHINESE_LEFT, False
        return not (left or right) or self._words_meet(start if left else None, end if right else None)

    def _hiragana_borders(self, start: int, end: int, *, full: bool, after_place: bool) -> bool:
        text = self.folded.text
        left = self._script(start - 1) != "H" or after_place
        if not left:
            left = text[start - 1] in (place_evidence.HIRAGANA_LEFT if full or end - start >= 4 else "はのがも")
        if self._script(start - 1) == "K" and not after_place:  # 戦いぶり: the ending of a verb, or a word of its own?
            left = self._words_meet(start, None)
        right = self._script(end) != "H" or bool(place_evidence.HIRAGANA_RIGHT.match(text, end))
        return left and right

    def _words_meet(self, start: int | None, end: int | None) -> bool:
        """Words of the analyser begin at `start` and end at `end` (None: not asked)."""
        begins, _ = self._words
        origins = self.folded.origins
        return (start is None or origins[start] in begins) and (end is None or origins[end] in begins)

    def _tagged_as_place(self, start: int, end: int) -> bool:
        if self._script(end) == "K":
            return False
        return self.original_span(start, end) in self._words[1]

    @cached_property
    def _chinese(self) -> bool:
        """A text without any kana: the analyser knows no Chinese words."""
        return not any(script in "HT" for script in self.folded.scripts)

    @cached_property
    def _words(self) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
        """Where words begin, and which words the analyser holds for place names; for the first 10,000 characters."""
        found = morphemes(self.original[:10_000])
        places = {(m.begin(), m.end()) for m in found if m.part_of_speech()[2] == "地名"}
        return frozenset({0, len(self.original), *(m.begin() for m in found)}), frozenset(places)
