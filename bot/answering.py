"""A question → an answer with numbered citations, in the very words of the sources or in sentences of a chat model that
are grounded in them, or an honest "not in them".

`Answerer.answer` reads like the table of contents; what is decided is pure (question.py, evidence.py, abstention.py,
grounding.py), what is said is in bot/texts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.abstention import Outcome, judge
from bot.asking import Asked
from bot.calls import stale_call
from bot.evidence import Evidence, find_evidence
from bot.message import Citation, Lang, ReplyStatus
from bot.orders import trusted
from bot.ports import Writer
from bot.question import Question
from bot.quoting import cite, quote
from bot.scoring import Lexicon
from bot.several import Part, together
from bot.streaming import Stream
from bot.texts import Texts
from bot.units import Unit
from bot.values import holds
from bot.writing import LANGUAGES, TIME_LIMIT, write
from knowledge.entities import Hit, Passage, Status
from knowledge.wareki import YearMention, wareki

PUBLISHER_MATTER = 0.5  # share of the question that a document must have for its publisher to be the one to ask

_OPENER = re.compile(r"^(あと|また|それから|それと|ちなみに|ついでに|and|also|另外|还有)\s*[、,,]?\s*", re.I)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sources say to a question. `publisher`: whose document it is, for the office to ask."""

    status: ReplyStatus
    body: str
    citations: tuple[Citation, ...] = ()
    publisher: str | None = None


class Answerer:
    """Answers questions from passages. Needs no chat model; `writer` is one, asked only where the evidence is enough,
    and given `time_limit` seconds."""

    def __init__(
        self, texts: Texts, lexicon: Lexicon, writer: Writer | None = None, time_limit: float = TIME_LIMIT
    ) -> None:
        self._texts = texts
        self._lexicon = lexicon
        self._writer = writer
        self._time_limit = time_limit

    def answer(
        self,
        question: Question,
        hits: Sequence[Hit],
        lang: Lang,
        *,
        said: str = "",
        stream: Stream | None = None,
        parts: Sequence[Part] = (),
        seconds: float | None = None,
    ) -> Answer:
        """The answer to `question` from `hits`: answered, partial or no_source. `said`: the question as it was asked,
        with the one it follows; `stream` gets a chat model's sentences as they pass the check, for `seconds` at the
        most (None: the time limit); `parts`: the questions in it, where it asks several."""
        hits, parts = trusted(hits), [replace(part, hits=trusted(part.hits)) for part in parts]
        evidence = find_evidence(question, hits, self._lexicon)
        outcome, open_parts = judge(question, evidence), tuple[str, ...]()
        if parts:
            evidence, outcome, open_parts = together(evidence, outcome, parts, self._lexicon)
        publisher = _publisher(evidence, hits)
        if outcome is Outcome.NOTHING:
            return Answer(ReplyStatus.NO_SOURCE, self._not_found(question, evidence, lang), (), publisher)
        lines, citations = quote(evidence.units)
        if not lines:
            return Answer(ReplyStatus.NO_SOURCE, self._not_found(question, evidence, lang), (), publisher)
        if self._writer and lang in LANGUAGES:
            left = self._time_limit if seconds is None else max(seconds, 0.0)
            lines, citations = self._written(
                self._writer, question, evidence.units, lang, said, stream or Stream(), left
            )
        body = "\n".join([*lines, *self._call(question, evidence.units, lang)])
        status = ReplyStatus.ANSWERED
        if outcome is Outcome.PART:
            status = ReplyStatus.PARTIAL
            body += "\n" + "\n".join(self._missing(question.values, evidence.missing, open_parts, lang))
        return Answer(status, body + "\n\n" + self._sources(citations, evidence.units, lang), citations, publisher)

    def _written(
        self,
        writer: Writer,
        question: Question,
        units: Sequence[Unit],
        lang: Lang,
        said: str,
        stream: Stream,
        seconds: float,
    ) -> tuple[list[str], tuple[Citation, ...]]:
        """The answer of `writer`; the lines of the sources follow where it leaves out a value that they hold, and take
        its place where nothing of it is grounded."""
        passages = _offered(question, units)
        numbers: dict[int, int] = {}
        lines: list[str] = []
        for line in write(writer, said or question.text, lang, passages, seconds):
            marks = "".join(f"[{numbers.setdefault(i, len(numbers) + 1)}]" for i in line.passages)
            lines.append(f"{line.text} {marks}")
            stream.sentence(lines[-1])
        first = {unit.passage.id: unit for unit in reversed(units)}
        citations = tuple(cite(n, first[passages[i].id]) for i, n in numbers.items())
        quoted, sources = quote(units, len(citations) + 1)
        if lines and _says_as_much("\n".join(lines), "\n".join(quoted), question):
            return lines, citations
        return lines + quoted, citations + sources

    def _not_found(self, question: Question, evidence: Evidence, lang: Lang) -> str:
        """That the sources do not say it; and which years or editions they do have, if that is the reason."""
        same = {mention.year for mention in question.years}  # 令和5年度 is no other year than 令和5年
        others = [mention for mention in evidence.other_years if mention.year not in same]
        if question.years and others:
            asked = self._year(question.years[0], lang)
            have = self._joined(dict.fromkeys(self._year(mention, lang) for mention in others[:3]), lang)
            return self._texts.say(lang, "no_source.other_year", asked=asked, have=have)
        units = {unit for _, unit in question.editions}
        have = self._editions((edition for edition in evidence.other_editions if edition[1] in units), lang)
        if have:
            asked = self._editions(question.editions, lang)
            return self._texts.say(lang, "no_source.other_year", asked=asked, have=have)
        return self._texts.say(lang, "no_source.default")

    def _names(self, kinds: frozenset[Asked], lang: Lang) -> str:
        return self._joined((self._texts.say(lang, f"asked.{kind.value}") for kind in sorted(kinds)), lang)

    def _editions(self, editions: Iterable[tuple[str, str]], lang: Lang) -> str:
        return self._joined((self._texts.say(lang, "no_source.edition", n=n, unit=unit) for n, unit in editions), lang)

    def _year(self, mention: YearMention, lang: Lang) -> str:
        """令和6年度, and for readers of other languages 2024."""
        if lang in (Lang.JA, Lang.JA_EASY):
            return wareki(mention.year, fiscal=mention.fiscal)
        return self._texts.say(lang, "date.fiscal" if mention.fiscal else "date.year", year=mention.year)

    def _joined(self, items: Iterable[str], lang: Lang) -> str:
        return self._texts.say(lang, "list.items").join(items)

    def _missing(
        self, asked: frozenset[Asked], missing: frozenset[Asked], parts: Sequence[str], lang: Lang
    ) -> list[str]:
        """What was asked too and is not in the sources."""
        lines = [self._texts.say(lang, "partial.part", part=_bare(part)) for part in parts]
        if missing:
            names = {"found": self._names(asked - missing, lang), "missing": self._names(missing, lang)}
            lines.append(
                self._texts.say(lang, "partial.found_missing" if asked - missing else "partial.missing", **names)
            )
        return lines

    def _call(self, question: Question, units: Sequence[Unit], lang: Lang) -> list[str]:
        """That a call in the sources is over, or may be."""
        texts = ((unit.text, unit.passage.date) for unit in units)
        call = stale_call(texts, question.today) if question.today else None
        if call is None:
            return []
        if call.until:
            return [self._texts.say(lang, "answered.call_closed", date=call.until.isoformat())]
        return [self._texts.say(lang, "answered.call_unknown")]

    def _sources(self, citations: Sequence[Citation], units: Sequence[Unit], lang: Lang) -> str:
        items = " ".join(self._item(citation, lang) for citation in citations)
        return "\n".join([self._texts.say(lang, "answered.evidence", items=items), *self._standing(units, lang)])

    def _item(self, citation: Citation, lang: Lang) -> str:
        fields = {"n": citation.n, "title": citation.title}
        if citation.section and citation.date:
            item = self._texts.say(lang, "answered.item", **fields, section=citation.section, date=citation.date)
        elif citation.section:
            item = self._texts.say(lang, "answered.item_undated", **fields, section=citation.section)
        elif citation.date:
            item = self._texts.say(lang, "answered.item_no_section", **fields, date=citation.date)
        else:
            item = self._texts.say(lang, "answered.item_bare", **fields)
        return f"{item} {self._texts.say(lang, 'answered.page', page=citation.page)}" if citation.page else item

    def _standing(self, units: Sequence[Unit], lang: Lang) -> list[str]:
        """Remarks on drafts and superseded documents, and the date of the newest source."""
        remarks: dict[str, None] = {}
        for passage in dict.fromkeys(unit.passage for unit in units):
            if passage.status is Status.DRAFT:
                remarks[self._texts.say(lang, "answered.draft")] = None
            elif passage.status is Status.SUPERSEDED and passage.successor:
                remarks[self._texts.say(lang, "answered.superseded", successor=passage.successor)] = None
            elif passage.status is Status.SUPERSEDED:
                remarks[self._texts.say(lang, "answered.superseded_unknown")] = None
            elif passage.date:
                remarks[self._texts.say(lang, "answered.as_of", date=passage.date)] = None
        return list(remarks)


def _bare(part: str) -> str:
    """A question without what joins it to the other one."""
    return re.sub(r"[,\s]+and$", "", _OPENER.sub("", part).strip(" 、。?？"))


def _offered(question: Question, units: Sequence[Unit]) -> list[Passage]:
    """The passages for a chat model. Where a year or edition is asked for, only the lines that were found to be about
    it: a sentence on another year would be grounded too."""
    passages = list(dict.fromkeys(unit.passage for unit in units))
    if not (question.years or question.editions):
        return passages
    chosen = {p: "\n".join(u.shown for u in units if u.passage == p) for p in passages}
    heads = {p: dict.fromkeys(s for u in units if u.passage == p for s in (u.head, u.lead) if s) for p in passages}
    return [replace(p, text="\n".join([*(h for h in heads[p] if h not in chosen[p]), chosen[p]])) for p in passages]


def _says_as_much(written: str, quoted: str, question: Question) -> bool:
    """Whether `written` holds a value of each kind asked for that `quoted` holds."""
    kinds = (kind for kind in question.values if holds(quoted, kind, question.counters))
    return all(holds(written, kind, question.counters) for kind in kinds)


def _publisher(evidence: Evidence, hits: Sequence[Hit]) -> str | None:
    """Whose document is about the matter; None where none is, so that nobody is named by chance."""
    told = evidence.other_years or evidence.other_editions
    if evidence.matter < PUBLISHER_MATTER and not told:
        return None
    return evidence.units[0].passage.publisher if evidence.units else hits[0].passage.publisher
