"""Is a question one that an office has answered itself? Only where nothing in it differs: right or silent."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.message import Citation, Lang, Reply, ReplyStatus
from bot.naming import office_name, office_with_phone
from bot.question import analyse, without_years
from bot.texts import Texts
from knowledge import text as jp
from knowledge.curated import FILE, CuratedAnswer, form_of
from knowledge.gazetteer import Gazetteer
from knowledge.privacy import without_post_holders

# The polite frame of a question; what is asked stands outside it.
_FRAME = re.compile(
    r"(について|に関して|のこと)?(を|が|は)?((教えて|おしえて|お聞かせ)(ください|下さい|くださいませんか|いただけますか|もらえますか|ほしいです)?"
    r"|(知り|しり|聞き|お尋ねし)たい(です|のですが|んですが)?|お尋ねします)"
    r"|お願い(します|いたします)|すみません|こんにちは|please|can you tell me|tell me|请问|请告诉我"
)
_FRAME_WORDS = frozenset(("何", "御"))
# What turns a question into another although its words are the same.
_TURNS = (
    re.compile(r"ない|ません|なく|なし|ずに|不可|以外|除[いくき]|\bnot\b|n't\b|without|except|不|没|无"),
    re.compile(r"でき|出来|可能|られ|\bcan\b|\bcould\b|能|可以"),
    re.compile(r"(まし|でし|だっ|され|[いえっ])た(か|の|ん|$|[。?])|\b(did|was|were|had)\b|了[吗?]"),
    re.compile(r"まで"),
    re.compile(r"から"),
    re.compile(r"べき|なければ|ないと(いけ|だめ)|must|should|必须"),
)
# いつ is not どこ, though both count for little among the words.
_ASKING = re.compile(
    r"いつ|どこ|どちら|誰|だれ|どなた|なぜ|いくら|\bwhen\b|\bwhere\b|\bwho\b|\bwhy\b|什么时候|哪里|谁|为什么"
)
# Where one of these stands, the order of the words says who does what to whom.
_DIRECTED = re.compile(r"から|まで|より|へ|に|を|が|\bto\b|\bfrom\b|\bby\b|到|给|被")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STANDS_ALONE = 3  # words and places that a question has which needs none of those before it


@dataclass(frozen=True, slots=True)
class Signature:
    """What must be the same in two questions. `form`: the letters; the rest: what they mean, order of `words` kept
    where it matters."""

    form: str
    words: tuple[str, ...]
    places: tuple[str, ...]
    numbers: tuple[str, ...]
    years: frozenset[tuple[int, int | None, int | None]]
    turns: tuple[int, ...]
    asked: frozenset[str] = frozenset()

    def same(self, other: "Signature") -> bool:
        """The same question: by its letters, or by all its words; of the same years and numbers in any case."""
        if (self.years, self.numbers) != (other.years, other.numbers):
            return False
        if self.form == other.form:
            return bool(self.form)
        means = bool(self.words) and (self.words, self.places) == (other.words, other.places)
        return means and (self.turns, self.asked) == (other.turns, other.asked)

    @property
    def stands_alone(self) -> bool:
        return len(self.words) + len(self.places) >= _STANDS_ALONE


class Curated:
    """The office's own answers, looked up by question. Pure; safe under threads."""

    def __init__(self, rows: Iterable[CuratedAnswer], gazetteer: Gazetteer, texts: Texts) -> None:
        self._gazetteer = gazetteer
        self._texts = texts
        self._rows = [
            (row, [self._signature(asked, row.as_of) for asked in (row.question, *row.variants)]) for row in rows
        ]

    def find(
        self, question: str, today: date, read: Callable[[str], str] = str, *, follows: bool = False
    ) -> CuratedAnswer | None:
        """The one row that answers `question` on `today`; None where none or several do.

        今年 is that of `today` in the question and that of `as_of` in a row. `read`: the question in Japanese
        characters. `follows`: earlier words count, so that a short question may mean something else.
        """
        if not self._rows:
            return None
        asked = [self._signature(written, today) for written in dict.fromkeys((question, read(question)))]
        if follows:
            asked = [signature for signature in asked if signature.stands_alone]
        found = [
            row
            for row, signatures in self._rows
            if not row.expired(today) and any(own.same(other) for own in signatures for other in asked)
        ]
        return found[0] if len(found) == 1 else None

    def reply(self, row: CuratedAnswer, lang: Lang) -> Reply:
        """The row as a Reply: its very words, whose they are and of which day."""
        owner, answer = office_name(row.owner, lang), without_post_holders(row.answer)
        title = self._texts.say(lang, "curated.title", owner=owner)
        written = row.as_of.isoformat()
        evidence = self._texts.say(lang, "curated.evidence", title=title, owner=owner, date=written)
        asks = office_with_phone(row.owner, lang)
        ask = self._texts.say(lang, "answered.ask_office", office=asks)
        citation = Citation(1, title, row.source or FILE, row.question, None, written, answer)
        text = "\n\n".join((f"{answer} [1]", evidence, ask))
        return Reply(ReplyStatus.ANSWERED, text, lang, citations=(citation,), offices=(row.owner,))

    def _signature(self, text: str, day: date) -> Signature:
        text = unicodedata.normalize("NFKC", text)
        timeless = without_years(text)
        places = self._gazetteer.find(timeless)
        rest = _FRAME.sub("。", jp.matchable(_without(timeless, [(m.start, m.end) for m in places])))
        words = [word for word in jp.words(rest) if word not in _FRAME_WORDS and not word.isdigit()]
        return Signature(
            form=form_of(text),
            words=tuple(words if _DIRECTED.search(rest) else sorted(words)),
            places=tuple(mention.name for mention in places),
            numbers=tuple(_NUMBER.findall(jp.matchable(timeless))),
            years=frozenset((year.year, year.month, year.day) for year in analyse(text, day).years),
            turns=tuple(len(turn.findall(rest)) for turn in _TURNS),
            asked=frozenset(_ASKING.findall(jp.normalise(text))),
        )


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}、{text[end:]}"
    return text
