"""What a conversation remembers, and what a short follow-up means (それはいつ? その前の年度は? 釧路はどうですか)."""

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.message import Lang
from bot.question import content_words, edition_spans, without_years
from knowledge.entities import Office
from knowledge.text import normalise
from knowledge.wareki import YearMention, wareki, years

FORGET_AFTER = timedelta(minutes=30)
MAX_THREADS = 10_000
MAX_SAID = 8

_DEICTIC = re.compile(
    r"それ|その|そこ|そちら|そっち|あれ|あの|これ|この(?!ま)|同じ|前の年|次の年|翌年|どちらの|(ほう|方)は|"
    r"\b(it|its|that|this|they|their|there|those)\b|那(个|次|里|年)?|这(个|次)?|它"
)
_OPENER = re.compile(
    r"^\s*(じゃあ?|では|それでは|で、|あと|ちなみに|それと|なら|ところで|and |then |so |那么|那)[、,\s]*"
)
_ABOUT = re.compile(
    r"(はどう(ですか|でしょうか|なの|なんですか)?|についても?|も(教えて|知りたい)|の(ほう|方|場合|分)?は)?[?？。\s]*$"
)
_YEAR_BEFORE = re.compile(r"(その)?(前|まえ)の(年度|年)|前年度?|一つ前の年|the year before|前一年|上一年")
_YEAR_AFTER = re.compile(r"(その)?(次|つぎ|翌|よく)の?(年度|年)|翌年度?|the year after|the next year|下一年|第二年")

_YEAR_WORDS = frozenset("前 次 翌 年度 令和 平成 翌年 前年".split())
_SORRY = frozenset("間違い 間違える 間違う 御免 すみません 済む 訂正 やはり 方".split())
_BARE_EDITION = re.compile(
    r"(第|ステップ|step)?\s*(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3})\s*(回|期|次|号|版|章)?(目)?"
    r"(は|なら|の(ほう|方|場合)?は?|はどう(ですか|でしたか|でしょうか)?)?[?。\s]*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What one thread remembers. `question`: the last question in full; `matter`: the last consultation, `pending`:
    one that waits for a place; `lang`: of the last reply; `wanted`: the language that was wished for."""

    said: tuple[str, ...] = ()
    question: str | None = None
    intent: str | None = None
    offices: tuple[Office, ...] = ()
    matter: str | None = None
    pending: str | None = None
    lang: Lang | None = None
    wanted: Lang | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A message made whole. `text`: the question in full; `context`: earlier words that still count, if any."""

    text: str
    context: str = ""
    follows: bool = False

    @property
    def whole(self) -> str:
        """What was asked, with the question that it follows."""
        return f"{self.context}\n{self.text}" if self.context else self.text


class Conversations:
    """A MemoryStore in this process: the oldest conversation is forgotten first when there are too many."""

    def __init__(self) -> None:
        self._threads: OrderedDict[str, Memory] = OrderedDict()

    def recall(self, thread: str, now: datetime) -> Memory:
        return fresh(self._threads.get(thread, Memory()), now)

    def remember(self, thread: str, memory: Memory) -> None:
        self._threads[thread] = memory
        self._threads.move_to_end(thread)
        while len(self._threads) > MAX_THREADS:
            self._threads.popitem(last=False)

    def forget(self, thread: str) -> None:
        self._threads.pop(thread, None)


def fresh(memory: Memory, now: datetime) -> Memory:
    """`memory`, or an empty one where it is older than FORGET_AFTER."""
    return memory if memory.at is None or now - memory.at <= FORGET_AFTER else Memory()


def kept(memory: Memory, mask: Callable[[str], str], now: datetime) -> Memory:
    """What of `memory` may be kept, as of `now`: the latest words, masked."""
    question, matter, pending = (t and mask(t) for t in (memory.question, memory.matter, memory.pending))
    said = tuple(map(mask, memory.said[-MAX_SAID:]))
    return replace(memory, said=said, question=question, matter=matter, pending=pending, at=now)


def resolve(text: str, memory: Memory, place_spans: Callable[[str], Sequence[tuple[int, int]]]) -> Turn:
    """`text` as a question that stands alone, read against `memory`.

    `place_spans(text)`: where `text` names places. A bare place or year takes the place of the one in the last
    question; words that point back add the last question as context; anything else stands as it is.
    """
    last = memory.question
    if not last:
        return Turn(text)
    other = _with_other_year(text, last) or _with_other_edition(text, last)
    if other:
        return Turn(other, follows=True)
    spans = place_spans(text)
    if spans and _only_places(text, spans):
        return Turn(_with_other_place(text, spans, last, place_spans(last)), follows=True)
    if spans and not _DEICTIC.search(normalise(text)):
        return Turn(text)
    if _points_back(text):
        return Turn(text, context=last, follows=True)
    return Turn(text)


def gives_place(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """ "深川市です", "やっぱり余市町です", "余市町に変わりました": a place and nothing else."""
    rest = "".join(c for i, c in enumerate(text) if not any(a <= i < b for a, b in spans))
    return bool(spans) and not content_words(_PLACE_FRAME.sub("", rest))


_PLACE_FRAME = re.compile(
    r"やっぱり|やはり|すみません|ごめん(なさい)?|すいません|間違え(まし)?た|まちがえ(まし)?た|(違|ちが)った|変わりました|変えます|変更(します|です)?|違います|ちがいます|"
    r"正しくは|場所は|市町村は|では|なので|です|でした|だ$|になります|のほう|の方|のこと"
)


# "EBPMとは何ですか" names all that it asks about, however short.
_DEFINITION = re.compile(r"[^\s、。]{2,}(とは(何|なに|なん|どう|$|[?、])|って(何|なに|なん)(の|だ|で|[?]|$)|の意味)")


def _points_back(text: str) -> bool:
    normal = normalise(text)
    if _OPENER.search(normal) or _DEICTIC.search(normal):
        return True
    return len(content_words(text)) <= 4 and "「" not in text and not _DEFINITION.search(normal)


def _with_other_year(text: str, last: str) -> str | None:
    """ "では令和7年度は?" after a question about 令和6年度: the same question about 令和7年度."""
    normal = normalise(text)
    before, after = _YEAR_BEFORE.search(normal), _YEAR_AFTER.search(normal)
    named, earlier = years(text), years(last)
    rest = [w for w in content_words(without_years(text)) if w not in _YEAR_WORDS | _SORRY]
    if (before or after) and earlier and not named:
        mention = earlier[-1]
        return _replaced(last, mention, wareki(mention.year + (1 if after else -1), fiscal=mention.fiscal))
    if named and earlier and not rest:
        return _replaced(last, earlier[-1], text_of(text, named[0]))
    return None


def _with_other_edition(text: str, last: str) -> str | None:
    """ "じゃあ第3回は?", "2は?" after a question about 第2回: the same question about the other one."""
    match = _BARE_EDITION.match(_OPENER.sub("", normalise(text)))
    asked = edition_spans(last)
    if not match or not asked:
        return None
    start, end = asked[-1]
    plain = unicodedata.normalize("NFKC", last)
    number = re.sub(r"\d{1,3}|[一二三四五六七八九十]+", match["n"], plain[start:end], count=1)
    return plain[:start] + number + plain[end:]


def text_of(text: str, mention: YearMention) -> str:
    """The very words of a year mention; spans count in NFKC."""
    return unicodedata.normalize("NFKC", text)[mention.start : mention.end]


def _replaced(text: str, mention: YearMention, new: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    return text[: mention.start] + new + text[mention.end :]


def _only_places(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """ "釧路・根室はどうですか": nothing but places and the form of asking."""
    rest = _OPENER.sub("", "".join(c for i, c in enumerate(text) if not any(a <= i < b for a, b in spans)))
    return not content_words(_ABOUT.sub("", rest)) and not years(rest)


def _with_other_place(
    text: str, spans: Sequence[tuple[int, int]], last: str, last_spans: Sequence[tuple[int, int]]
) -> str:
    place = text[spans[0][0] : spans[-1][1]]
    if not last_spans:
        return f"{place}の{last}"
    start, end = last_spans[0][0], last_spans[-1][1]
    return last[:start] + place + last[end:] if end - start <= 24 else f"{place}: {last}"
