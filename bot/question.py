"""What a question asks for: the kinds of value, the years and editions it names, its words and their weight."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bot.asking import ASKING, VALUE_KINDS, Asked
from knowledge import text as jp
from knowledge.wareki import YearMention, fiscal_year, kanji_number, years

_ASKING = re.compile(
    r"[?？]|か[。\s]*$|ください|教えて|知りたい|おしえて|お願い|ですか|ますか|でしたか|ましたか|は$|吗|呢|请"
)
_EDITION = re.compile(
    r"第\s*(?P<n>\d{1,5}|[一二三四五六七八九十]{1,3})\s*(?P<unit>期|回|次|号|版|章|条|管区)|(?P<n2>\d{1,3})\s*(?P<unit2>回|期)目"
    r"|(?P<unit3>ステップ|step)\s*(?P<n3>\d{1,2})",
    re.I,
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


_KANA_COUNT = re.compile(
    r"なん(?=メートル|めーとる|キロ|きろ|パーセント|ぱーせんと|かい|会|回|こ|個|にん|人|名|めい|ねん|年|がつ|月|にち|日|じ(?!ゃ)|時"
    r"|しゃ|社|せき|隻|ほん|本|けん|件|しちょうそん|市町村|しせつ|施設|だんたい|団体)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """An analysed question. `weights`: content word → weight in (0, 1.6], background sentences count less.

    `years` are explicit or relative to `today`; `editions` like ("11", "回"). `counters`: units asked for with 何….
    `key`: the words of the noun phrase that is asked about (水深 in 「ふ頭の水深は何メートル」), the nearest last;
    `tail`: the words after the word of asking (開通 in 「いつ開通しますか」). `literals`: names that end in a year
    (アニメパーティ2024), as they must stand in evidence. `future`: what is to come is asked for;
    `momentary`: what is so at this moment. `items`: how many things are to be listed, where the question says it.
    `told`: what evidence must speak of, as a value is asked for in a part of its own (締切). `today`: when it is asked.
    """

    text: str
    asked: frozenset[Asked]
    weights: dict[str, float]
    years: tuple[YearMention, ...]
    editions: tuple[tuple[str, str], ...]
    counters: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    future: bool = False
    momentary: bool = False
    items: int | None = None
    told: tuple[re.Pattern[str], ...] = ()
    expansions: tuple[str, ...] = field(default=())
    today: date | None = None

    @property
    def values(self) -> frozenset[Asked]:
        """The asked kinds that a value in the evidence can satisfy."""
        return self.asked & VALUE_KINDS


CONTEXT_WEIGHT = 0.4
EDITION_WEIGHT = 1.5
FIGURE_WEIGHT = 0.3
NAMES_OF_FIGURES = frozenset("目標 基準 目標値 基準値 kpi 指標".split())
"""They say that a figure is asked for, which a table shows without calling it so."""


def analyse(text: str, today: date, expansions: tuple[str, ...] = (), said: str = "") -> Question:
    """The Question in `text` (any language of the bot), its relative years resolved against `today`. `said`: the words
    that `text` was read from, where they are others; they tell what is asked for too."""
    normal = _KANA_COUNT.sub("何", jp.normalise(text if said in ("", text) else f"{said}\n{text}"))
    asked = frozenset(kind for kind, pattern in ASKING.kinds if pattern.search(normal))
    if Asked.DURATION in asked and not re.search(r"いつ|何月|何日|when", normal):
        asked -= {Asked.DATE}
    if asked & {Asked.PEOPLE, Asked.MONEY}:
        asked -= {Asked.COUNT} if not (ASKING.counters.search(normal) or "いくつ" in normal) else set()
    counters = tuple(m[1] for m in ASKING.counters.finditer(normal))
    timeless = without_years(text)
    key, tail = key_words(timeless)
    weights = _weights(timeless)
    if asked & {Asked.TARGET, Asked.BASELINE}:
        weights |= dict.fromkeys(NAMES_OF_FIGURES & weights.keys(), FIGURE_WEIGHT)
    return Question(
        text=text,
        asked=asked,
        weights={**weights, **{f"第{n}{unit}": EDITION_WEIGHT for n, unit in editions(text)}},
        years=(*years(text), *_relative_years(normal, today)),
        editions=editions(text),
        counters=counters,
        quoted=tuple(re.findall(r"「([^」]{2,40})」", text)),
        key=key,
        tail=tail,
        literals=tuple(m[0] for m in _LITERAL.finditer(normal)),
        future=bool(ASKING.future.search(normal)),
        momentary=bool(ASKING.momentary.search(normal)),
        items=_items(normal) if Asked.LIST in asked else None,
        told=tuple(told for asked, told in ASKING.roles if asked.search(normal)),
        expansions=expansions,
        today=today,
    )


def with_context(question: Question, context: str) -> Question:
    """`question` with the words of an earlier question, which count less; its kinds only where it asks for none."""
    earlier = {w: CONTEXT_WEIGHT for w in content_words(context) if w not in question.weights}
    asked = question.asked
    if not asked:
        asked = frozenset(kind for kind, pattern in ASKING.kinds if pattern.search(jp.normalise(context)))
    return replace(question, weights={**earlier, **question.weights}, asked=asked)


_ITEMS = re.compile(
    r"(?:(\d{1,2})|([二三四五六七八九十]{1,2}))(?:つ|個|項目|本|件|点|者|団体|種類|プロジェクト|ぜんぶ)|何と何(と何)?"
)

_AMONG = re.compile(r"のうち|の中|いちばん|一番|最も|最多|最少|合計|总数|总共")


def _items(normal: str) -> int | None:
    match = _ITEMS.search(normal)
    if match is None or _AMONG.search(normal):
        return None
    if match[1] or match[2]:
        return int(match[1]) if match[1] else kanji_number(match[2])
    return 3 if match[3] else 2


def content_words(text: str) -> list[str]:
    """The words of `text` that say something about the matter, in order: no words of asking, no bare numbers."""
    return [w for w in jp.words(text) if w not in ASKING.ask_words and not w.isdigit()]


def editions(text: str) -> tuple[tuple[str, str], ...]:
    """第9期 → ("9", "期"); 1回目 → ("1", "回"). In order, without repeats."""
    found: dict[tuple[str, str], None] = {}
    for match in _EDITION.finditer(jp.normalise(text)):
        written = match["n"] or match["n2"] or match["n3"]
        unit = match["unit"] or match["unit2"] or "ステップ"
        number = kanji_number(written)
        if number is not None:
            found[str(number), unit] = None
        elif written.isdigit():
            found[written, unit] = None
    return tuple(found)


def edition_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where the editions of `text` stand, in NFKC."""
    return tuple(match.span() for match in _EDITION.finditer(unicodedata.normalize("NFKC", text)))


def without_years(text: str) -> str:
    """`text` (NFKC) without the words that name years: they are obeyed, not searched for."""
    plain = unicodedata.normalize("NFKC", text)
    for mention in reversed(years(plain)):
        if mention.month is None:
            plain = plain[: mention.start] + plain[mention.end :]
    for pattern, _, _ in _RELATIVE:
        plain = pattern.sub("", plain)
    return plain


def _relative_years(normal: str, today: date) -> list[YearMention]:
    found: list[YearMention] = []
    for pattern, offset, fiscal in _RELATIVE:
        match = pattern.search(normal)
        if match and not any(m.start <= match.start() < m.end for m in found):
            base = fiscal_year(today) if fiscal else today.year
            found.append(YearMention(base + offset, fiscal, None, None, match.start(), match.end()))
    return found


_WH = frozenset(
    "何 なに なん いつ どこ どちら 誰 だれ どなた どの どんな どう どれ いくつ いくら 幾つ 幾ら なぜ 何故".split()
)
_WITH_NOUN = frozenset("どの どんな どこ 何 どう".split())
_TOPIC = frozenset("は が って を も とは".split())
_ASKING_TAIL = frozenset("教え 知り 知ら 聞き 見せ 挙げ 書い 下さい ください お願い".split())


# A name with a year for its number: ポート・オブ・ザ・イヤー2024 (not 2024年, not 2024/6)
_LITERAL = re.compile(r"[ァ-ヴー一-龥]{2}20\d{2}(?![\d年/.-])")
_ENGLISH_KEY = re.compile(
    r"\b(?:how many|how much|what|which)\s+(?!(?:did|does|do|is|are|was|were|will|has|have)\b)((?:[^\s?]+\s+){1,3}?)"
    r"(?:is|are|was|were|did|do|does|will|can|has|have|should|in|of|to|for|by)\b",
    re.I,
)
_NAME = re.compile(r"(?<=[a-z,ぁ-ヺ一-鿿] )[A-Z][\w'-]+")  # a word with a capital inside an English sentence


def asking_sentence(text: str) -> str:
    """The last sentence of `text` that asks something, else the last one."""
    pieces = jp.sentences(text.replace("？", "?"))
    asking = [piece for piece in pieces if _ASKING.search(piece)] or pieces[-1:]
    return asking[-1] if asking else ""


def key_words(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(key, tail) of a question: the content words of the noun phrase that is asked about, and those after the word
    of asking; empty where none stands out.

    In Japanese the phrase stands before the は, が, を … that precedes the word of asking; a question without a verb is
    all phrase. In English it follows what, which or how many.
    """
    sentence = asking_sentence(text)
    if re.search(r"[a-z]{2} [a-z]{2}", sentence, re.I) and not re.search("[ぁ-ん]", sentence):
        english = _ENGLISH_KEY.search(sentence)
        return tuple(content_words(english[1] if english else " ".join(_NAME.findall(sentence)))), ()
    if not re.search("[ぁ-んァ-ヴ]", sentence):
        return (), ()
    found = jp.morphemes(jp.normalise(sentence))
    ask = next((i for i, m in enumerate(found) if m.surface() in _WH or m.surface() in _ASKING_TAIL), len(found))
    if named := _asked_by_name(found[ask:]):
        return named, ()
    tail = tuple(content_words("".join(m.surface() for m in found[ask + 1 :])))
    topics = [i for i in range(ask) if _ends_topic(found, i)]
    ends = topics[::-1]
    if not topics and ask == len(found) and all(m.part_of_speech()[0] not in ("動詞", "助動詞") for m in found):
        ends = [len(found)]
    for end in ends:
        start = end
        while start > 0 and (_in_phrase(found[start - 1]) or (start < end and found[start].surface() in ("さ", "み"))):
            start -= 1
        phrase = tuple(content_words("".join(m.surface() for m in found[start:end])))
        if phrase:
            return phrase, tail
    return (), tail


def _asked_by_name(found: Sequence[Any]) -> tuple[str, ...]:
    """連携 in 「どことの連携」: what is asked about stands with the word of asking; nothing where it only names a
    kind of thing (どんな方法)."""
    surfaces = [m.surface() for m in found[:2]]
    if not surfaces or surfaces[0] not in _WITH_NOUN or (surfaces[0] == "何" and surfaces[1:] != ["の"]):
        return ()
    start = next((i for i, m in enumerate(found[1:4], 1) if m.part_of_speech()[0] != "助詞"), len(found))
    end = next((i for i, m in enumerate(found[start:], start) if not _in_noun(m)), len(found))
    return tuple(w for w in content_words("".join(m.surface() for m in found[start:end])) if w not in ASKING.generic)


def _in_noun(morpheme: Any) -> bool:
    return morpheme.part_of_speech()[0] in ("名詞", "接尾辞", "接頭辞", "形状詞")


def _ends_topic(found: Sequence[Any], i: int) -> bool:
    """は, が, を … or the に of について."""
    if found[i].part_of_speech()[0] != "助詞":
        return False
    about = found[i].surface() == "に" and i + 1 < len(found) and found[i + 1].surface()[:1] in ("つ", "関")
    return about or found[i].surface() in _TOPIC


def _in_phrase(morpheme: Any) -> bool:
    pos = morpheme.part_of_speech()
    if pos[0] == "助詞":
        return morpheme.surface() in ("の", "・", "と", "や")
    return pos[0] in ("名詞", "接尾辞", "接頭辞", "形状詞") or (
        pos[0] == "補助記号" and morpheme.surface() in "・「」『』-()"
    )


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
