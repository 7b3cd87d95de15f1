"""Lines that a page layout broke are joined again. Japanese has no blanks at line ends, so grammar decides: a word
that runs over the border, a particle or comma before it, a particle or ending after it; or the width of its column.
"""

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from knowledge.text import compact, morphemes

# Marks that begin a line of their own.
MARK = re.compile(
    r"\s*(?:[・●○◯〇◎◆◇■□▼▽▲△※★☆•→⇒✓①-⑳㉑-㊿❶-❿【＜<\[〔〈《|#>]|[-*+]\s|[(（][\d一二三四五六七八九十]{1,2}[)）]"
    r"|(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[.．、)）]\D|第[\d一二三四五六七八九十]{1,3}[章節条回部編]|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]\s"
    r"|[\d]{1,2}[ \u3000]+[^\d\s]|(?:注|別紙|別添|資料|図|表)\s*\d|\u3000)"
)
_SENTENCE_END = re.compile(r"[。!?！？.:：;；~〜～]$|[。!?！？][」』)）]$")
_OPEN_END = re.compile(r"[、,，(（「『〔〈《・/=]$")
_BRACKETS = (("「", "」"), ("『", "』"), ("(", ")"), ("（", "）"))
_JOINING_FORMS = ("連用形", "未然形", "仮定形", "語幹")
_BOUND_NOUN = re.compile(r"(?:ため|こと|もの|ほか|とき|ところ|よう|うえ|上で|中で|等の|等を|など)")
_FIELD = re.compile(r"\S{1,8}[:：]\s*\S")
_LONGEST = 3000  # characters: no paragraph goes on after so many
_SAMPLE = 1000  # pairs of lines that show how a document is laid out
_WINDOW = 24  # characters on each side of a border that are parsed
_WIDE = 18  # a column narrower than this is a figure or a table cell


class HasText(Protocol):
    """A line with its text and the page where it begins."""

    @property
    def text(self) -> str: ...
    @property
    def page(self) -> int: ...


T = TypeVar("T", bound=HasText)


def join(lines: Sequence[T], make: Callable[[str, int], T]) -> list[T]:
    """`lines` with broken ones joined. In a double-spaced layout a single blank line is no border at all."""
    blanks_allowed = int(_is_double_spaced([line.text for line in lines]))
    joined: list[T] = []
    blanks = column = width = 0
    for line in lines:
        if not line.text.strip():
            blanks += 1
            continue
        previous, width = width, len(compact(line.text))
        if (
            joined
            and blanks <= blanks_allowed
            and continues(joined[-1].text, line.text, previous >= column - 1 >= _WIDE)
        ):
            joined[-1] = make(glue(joined[-1].text, line.text), joined[-1].page)
            column = max(column, previous)
        else:
            if blanks > blanks_allowed:
                joined.append(make("", line.page))
            joined.append(line)
            column = 0
        blanks = 0
    return joined


def _is_double_spaced(texts: list[str]) -> bool:
    """Does one blank line stand between the lines of broken sentences?"""
    triples = zip(texts, texts[1:], texts[2:], strict=False)
    pairs = [(a, b) for a, gap, b in triples if a.strip() and not gap.strip() and b.strip()][:_SAMPLE]
    broken = sum(continues(a, b) for a, b in pairs)
    return broken >= 5 and broken > 0.15 * len(pairs)


def glue(a: str, b: str) -> str:
    """The two parts of a broken line as one; a blank only between words of letters."""
    left, right = a.rstrip(), b.lstrip()
    between = " " if re.search(r"[A-Za-z0-9,.;:]$", left) and re.match(r"[A-Za-z(]", right) else ""
    return left + between + right


def continues(a: str, b: str, full: bool = False) -> bool:
    """Does line `b` go on with the sentence of line `a`? `full`: `a` fills its column as the broken lines before it."""
    if len(a) > _LONGEST or "\t" in a + b or a.lstrip().startswith("#") or MARK.match(b) or a.endswith("  "):
        return False
    left, right = a.strip(), b.strip()
    if _SENTENCE_END.search(left) or _FIELD.match(right):
        return False
    if full or _OPEN_END.search(left) or _closes(left, right) or _BOUND_NOUN.match(right):
        return True
    if left[-1].isascii() and right[0].isascii():
        return bool(re.search(r"[a-z,]$", left) and re.match(r"[a-z]", right)) and len(left) > 30
    return _grammar_runs_on(left[-_WINDOW:], right[:_WINDOW])


def _closes(left: str, right: str) -> bool:
    """A bracket that `left` opens is closed in `right`."""
    return any(left.count(o) > left.count(c) and right.count(c) > right.count(o) for o, c in _BRACKETS)


def _grammar_runs_on(left: str, right: str) -> bool:
    before = after = None
    for token in morphemes(left + right):
        if token.begin() < len(left) < token.end():
            # A word that the dictionary knows runs over the border; unknown katakana would run over any.
            return not token.is_oov() and not token.surface().isspace()
        if token.end() <= len(left):
            before = token
        elif after is None:
            after = token
    if before is None or after is None:
        return False
    return _asks_for_more(before.part_of_speech(), before.surface()) or _leans_back(
        before.part_of_speech(), after.part_of_speech()
    )


def _asks_for_more(pos: tuple[str, ...], surface: str) -> bool:
    if pos[0] == "助詞" or surface == "な":
        return pos[1] != "終助詞"
    if pos[0] in {"連体詞", "接続詞", "接頭辞"}:
        return True
    return pos[0] in {"動詞", "形容詞", "助動詞"} and pos[5].startswith(_JOINING_FORMS)


def _leans_back(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """A particle, ending or suffix begins no line; nor does する or できる after the noun that it makes a verb."""
    if after[0] in {"助詞", "助動詞", "接尾辞"}:
        return True
    return before[0] == "名詞" and after[0] == "動詞" and after[1] == "非自立可能"
