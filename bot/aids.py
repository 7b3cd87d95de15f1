"""What helps a reader whose language is not that of the sources: readings in brackets for やさしい日本語, and a line
on the words of a quotation, from the glossary and the directory alone. The quotation itself stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.answering import Answer
from bot.message import Lang, Reply
from bot.naming import in_english
from bot.texts import Texts
from knowledge.chinese import in_japanese_characters
from knowledge.gazetteer import Gazetteer, Mention
from knowledge.glossary import Glossary
from knowledge.readings import Readings
from knowledge.senses import MUNICIPALITY
from knowledge.spelling import usual_romaji
from knowledge.wareki import YearMention, wareki, years

MAX_WORDS = 6
MAX_FIGURES = 3
_MARK = re.compile(r" \[\d+\]")
_LARGE = re.compile(r"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)(千|万|億)(?![千万億円]?分)")
_SCALE = {"千": 1_000, "万": 10_000, "億": 100_000_000}
_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True)
class _Gloss:
    """A word of the text, where it stands and what it means. `figure`: a year, date or amount."""

    start: int
    end: int
    word: str
    meaning: str
    figure: bool = False


class Aids:
    """Pure and thread-safe."""

    def __init__(self, texts: Texts, glossary: Glossary, gazetteer: Gazetteer, readings: Readings) -> None:
        self._texts = texts
        self._glossary = glossary
        self._gazetteer = gazetteer
        self._readings = readings

    def readable(self, reply: Reply) -> Reply:
        """`reply` with readings where its language is easy Japanese; what is cited is named as it is."""
        if reply.lang is not Lang.JA_EASY:
            return reply
        cited = [f"[{c.n}] {c.title}" for c in reply.citations]
        untouched = [f"{item}「{c.section}」" for item, c in zip(cited, reply.citations, strict=True)]
        return replace(reply, text=self.aloud(reply.text, [*untouched, *cited]))

    def of_answer(self, answer: Answer, lang: Lang) -> str:
        """`words` on what an answer quotes and on the titles of its sources."""
        quoted = answer.body.partition("\n\n")[0]
        return self.words("\n".join([quoted, *(c.title for c in answer.citations)]), lang) if answer.citations else ""

    def aloud(self, text: str, untouched: Iterable[str] = ()) -> str:
        """`text` with the reading in brackets behind each word that has kanji: 計画(けいかく). Without the brackets it
        is `text`; `untouched` (titles, say) stands in it as it is."""
        kept = sorted({part for part in untouched if part}, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, kept))})", text) if kept else [text]
        return "".join(part if i % 2 else self._read(part) for i, part in enumerate(parts))

    def _read(self, text: str) -> str:
        pieces = (piece for line in text.splitlines(keepends=True) for piece in self._readings.pieces(line))
        return "".join(f"{piece.text}({piece.reading})" if piece.reading else piece.text for piece in pieces)

    def words(self, quoted: str, lang: Lang) -> str:
        """A line that says what words of `quoted` mean to a reader of `lang`, each once; "" where nothing is known."""
        if lang is Lang.JA:
            return ""
        text = unicodedata.normalize("NFKC", _MARK.sub("", quoted))
        known = (*self._years(text, lang), *_large(text, lang), *self._places(text, lang), *self._terms(text, lang))
        shown = _most_telling(_apart(known))
        items = [self._texts.say(lang, "words.item", word=g.word, meaning=g.meaning) for g in shown]
        joined = self._texts.say(lang, "list.words").join(items)
        return self._texts.say(lang, "words.line", items=joined) if items else ""

    def _years(self, text: str, lang: Lang) -> Iterator[_Gloss]:
        for mention in years(text):
            if str(mention.year) in text[mention.start : mention.end + 6]:
                continue
            if lang is Lang.EN:
                word = text[mention.start : mention.end].strip()
            else:  # months and days read the same
                mention = replace(mention, month=None, day=None)
                word = wareki(mention.year, fiscal=mention.fiscal)
            yield _Gloss(mention.start, mention.end, word, self._date(mention, lang), figure=True)

    def _date(self, mention: YearMention, lang: Lang) -> str:
        month = _MONTHS[mention.month - 1] if mention.month else None
        fields = {"year": mention.year, "month": month, "day": mention.day}
        key = "fiscal" if mention.fiscal else "day" if mention.day else "month" if mention.month else "year"
        used = {"fiscal": ("year",), "year": ("year",), "month": ("year", "month"), "day": ("year", "month", "day")}
        return self._texts.say(lang, f"date.{key}", **{name: fields[name] for name in used[key]})

    def _places(self, text: str, lang: Lang) -> Iterator[_Gloss]:
        """Places in Latin letters; Chinese reads the kanji."""
        if lang is not Lang.EN:
            return
        for mention in self._gazetteer.find(text):
            if latin := _latin(mention):
                yield _Gloss(mention.start, mention.end, mention.surface, latin)

    def _terms(self, text: str, lang: Lang) -> Iterator[_Gloss]:
        for term in self._glossary.terms_in(text):
            meaning = self._glossary.meaning(term, lang.value)
            if meaning and meaning not in text and in_japanese_characters(meaning) != term:
                for match in re.finditer(re.escape(term), text):
                    yield _Gloss(match.start(), match.end(), term, meaning)


def _apart(glosses: Iterable[_Gloss]) -> list[_Gloss]:
    """Those that do not overlap a longer one."""
    kept: list[_Gloss] = []
    for gloss in sorted(glosses, key=lambda g: g.start - g.end):
        if all(gloss.end <= other.start or other.end <= gloss.start for other in kept):
            kept.append(gloss)
    return kept


def _most_telling(glosses: Iterable[_Gloss]) -> list[_Gloss]:
    """Each word once, in the order of the text; of too many the first figures and the longest words."""
    once = {gloss.word: gloss for gloss in sorted(glosses, key=lambda g: -g.start)}.values()
    figures = sorted((g for g in once if g.figure), key=lambda g: g.start)[:MAX_FIGURES]
    words = sorted((g for g in once if not g.figure), key=lambda g: -len(g.word))[:MAX_WORDS]
    return sorted([*figures, *words], key=lambda g: g.start)


def _large(text: str, lang: Lang) -> Iterator[_Gloss]:
    """2,260万 → 22,600,000, for those who do not count in 万."""
    if lang is not Lang.EN:
        return
    for match in _LARGE.finditer(text):
        number = float(match[1].replace(",", "")) * _SCALE[match[2]]
        yield _Gloss(match.start(), match.end(), match.group(), f"{round(number):,}", figure=True)


def _latin(mention: Mention) -> str | None:
    """余市町 → Yoichi-cho, 余市 → Yoichi; an office by its English name; None for what has no Latin name."""
    if english := in_english(mention.name):
        return english
    if mention.kind != MUNICIPALITY or len(mention.municipalities) != 1 or mention.surface.isascii():
        return None
    town = mention.municipalities[0]
    full = mention.surface.endswith(("市", "町", "村"))
    return town.romaji if full else town.romaji.rpartition("-")[0] or usual_romaji(town.kana)
