"""What a question asks for: the kinds of value, the years and editions it names, its words and their weight."""

import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from knowledge import text as jp
from knowledge.wareki import YearMention, fiscal_year, kanji_number, years


class Asked(StrEnum):
    """A kind of value that a question asks for and that evidence must hold."""

    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    MONEY = "money"
    PEOPLE = "people"
    PERCENT = "percent"
    COUNT = "count"
    LENGTH = "length"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    ADDRESS = "address"
    PERSON = "person"
    LIST = "list"
    DEFINITION = "definition"
    REASON = "reason"
    TARGET = "target"
    BASELINE = "baseline"


def _load_asking() -> tuple[str, tuple[tuple[Asked, re.Pattern[str]], ...], frozenset[str]]:
    data = tomllib.loads(Path(__file__).with_name("asking.toml").read_text(encoding="utf-8"))
    counters = "|".join(data["counters"].split())
    patterns = tuple(
        (Asked(kind), re.compile("|".join(alternatives).replace("{counters}", counters), re.I))
        for kind, alternatives in data["asks"].items()
    )
    return counters, patterns, frozenset(data["ask_words"].split())


_COUNTERS, _ASK_PATTERNS, _ASK_WORDS = _load_asking()
_ASKING = re.compile(
    r"[?？]|か[。\s]*$|ください|教えて|知りたい|おしえて|お願い|ですか|ますか|でしたか|ましたか|は$|吗|呢|请"
)
_EDITION = re.compile(
    r"第\s*(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3})\s*(?P<unit>期|回|次|号|版|章|管区)|(?P<n2>\d{1,3})\s*(?P<unit2>回|期)目"
)
_RELATIVE = (
    (re.compile(r"一昨年度|おととしの年度"), -2, True),
    (re.compile(r"昨年度|去年度|前年度|last fiscal year|上年度"), -1, True),
    (re.compile(r"今年度|本年度|this fiscal year|本年度"), 0, True),
    (re.compile(r"来年度|次年度|next fiscal year|下年度"), 1, True),
    (re.compile(r"一昨年|おととし"), -2, False),
    (re.compile(r"(?<!\w)昨年(?!度)|去年(?!度)|きょねん|last year"), -1, False),
    (re.compile(r"今年(?!度)|ことし|this year"), 0, False),
    (re.compile(r"来年(?!度)|らいねん|next year|明年"), 1, False),
)


@dataclass(frozen=True, slots=True)
class Question:
    """An analysed question. `weights`: content word → weight in (0, 1.6], background sentences count less.

    `years` are explicit or relative to `today`; `editions` like ("11", "回"). `counters`: units asked for with 何….
    `focus`: the content words next to the word of asking; what is asked about most closely.
    """

    text: str
    asked: frozenset[Asked]
    weights: dict[str, float]
    years: tuple[YearMention, ...]
    editions: tuple[tuple[str, str], ...]
    counters: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    expansions: tuple[str, ...] = field(default=())

    @property
    def values(self) -> frozenset[Asked]:
        """The asked kinds that a value in the evidence can satisfy."""
        return self.asked & VALUE_KINDS


CONTEXT_WEIGHT = 0.4
VALUE_KINDS = frozenset(
    {
        Asked.DATE, Asked.TIME, Asked.DURATION, Asked.MONEY, Asked.PEOPLE, Asked.PERCENT, Asked.COUNT, Asked.LENGTH,
        Asked.PHONE, Asked.EMAIL, Asked.URL, Asked.ADDRESS,
    }
)  # fmt: skip


def analyse(text: str, today: date, expansions: tuple[str, ...] = ()) -> Question:
    """The Question in `text` (any language of the bot), its relative years resolved against `today`."""
    normal = jp.normalise(text)
    asked = frozenset(kind for kind, pattern in _ASK_PATTERNS if pattern.search(normal))
    if Asked.DURATION in asked and not re.search(r"いつ|何月|何日|when", normal):
        asked -= {Asked.DATE}
    if asked & {Asked.PEOPLE, Asked.MONEY}:
        asked -= {Asked.COUNT} if not re.search(rf"何({_COUNTERS})|いくつ", normal) else set()
    counters = tuple(m[1] for m in re.finditer(rf"何({_COUNTERS})", normal))
    return Question(
        text=text,
        asked=asked,
        weights=_weights(text),
        years=(*years(text), *_relative_years(normal, today)),
        editions=editions(text),
        counters=counters,
        quoted=tuple(re.findall(r"「([^」]{2,40})」", text)),
        focus=_focus(text),
        expansions=expansions,
    )


def with_context(question: Question, context: str) -> Question:
    """`question` with the words of an earlier question, which count less; its kinds only where it asks for none."""
    earlier = {w: CONTEXT_WEIGHT for w in content_words(context) if w not in question.weights}
    asked = question.asked
    if not asked:
        asked = frozenset(kind for kind, pattern in _ASK_PATTERNS if pattern.search(jp.normalise(context)))
    return replace(question, weights={**earlier, **question.weights}, asked=asked)


def content_words(text: str) -> list[str]:
    """The words of `text` that say something about the matter, in order: no words of asking, no bare numbers."""
    return [w for w in jp.words(text) if w not in _ASK_WORDS and not w.isdigit()]


def editions(text: str) -> tuple[tuple[str, str], ...]:
    """第9期 → ("9", "期"); 1回目 → ("1", "回"). In order, without repeats."""
    found: dict[tuple[str, str], None] = {}
    for match in _EDITION.finditer(jp.normalise(text)):
        number = kanji_number(match["n"] or match["n2"])
        if number is not None:
            found[str(number), match["unit"] or match["unit2"]] = None
        elif (match["n"] or "").isdigit():
            found[match["n"], match["unit"]] = None
    return tuple(found)


def _relative_years(normal: str, today: date) -> list[YearMention]:
    found: list[YearMention] = []
    for pattern, offset, fiscal in _RELATIVE:
        match = pattern.search(normal)
        if match and not any(m.start <= match.start() < m.end for m in found):
            base = fiscal_year(today) if fiscal else today.year
            found.append(YearMention(base + offset, fiscal, None, None, match.start(), match.end()))
    return found


_WH = re.compile(
    r"いつ|どこ|どの|どう|どん|誰|だれ|どなた|何|なに|なん|いくつ|いくら|幾|なぜ|教え|知り|ください|ですか|ますか|でしたか|ましたか|[?？]"
)
_WH_FIRST = re.compile(r"^\W*(?:and |so |then )*(?:what|which|how (?:many|much|far|long)|who|when|where)\b", re.I)


def _focus(text: str) -> tuple[str, ...]:
    """The three content words before the first word of asking in the asking sentence (after it in English)."""
    pieces = jp.sentences(text.replace("？", "?"))
    asking = [piece for piece in pieces if _ASKING.search(piece)] or pieces[-1:]
    if not asking:
        return ()
    sentence = asking[-1]
    english = _WH_FIRST.search(sentence)
    if english:
        return tuple(content_words(sentence[english.end() :])[:3])
    match = _WH.search(sentence)
    before = sentence[: match.start()] if match and match.start() > 3 else sentence
    return tuple(content_words(before)[-3:])


def _weights(text: str) -> dict[str, float]:
    """Content words of `text`; those of a sentence that asks nothing count less, words of asking not at all."""
    pieces = jp.sentences(text.replace("？", "?"))
    asking = [bool(_ASKING.search(piece)) for piece in pieces]
    if not any(asking) and pieces:
        asking[-1] = True
    weights: dict[str, float] = {}
    for piece, asks in zip(pieces, asking, strict=True):
        for word in content_words(piece):
            weights[word] = max(weights.get(word, 0.0), 1.0 if asks else 0.4)
    return weights
