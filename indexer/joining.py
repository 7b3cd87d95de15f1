"""Lines that a page layout broke are joined again. Japanese has no blanks at line ends, so grammar decides:
a word that runs over the border, a particle or comma before it, a particle or ending after it."""

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from knowledge.text import morphemes

# Marks that begin a line of their own.
MARK = re.compile(
    r"\s*(?:[・●○◯〇◎◆◇■□▼▽▲△※★☆•→⇒✓①-⑳㉑-㊿❶-❿【＜<\[〔〈《|#>]|[-*+]\s|[(（][\d一二三四五六七八九十]{1,2}[)）]"
    r"|(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[.．、)）]\D|第[\d一二三四五六七八九十]{1,3}[章節条回部編]|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]\s"
    r"|[\d]{1,2}[ \u3000]+[^\d\s]|(?:注|別紙|別添|資料|図|表)\s*\d|\u3000)"
)
_SENTENCE_END = re.compile(r"[。!?！？.:：;；~〜～]$|[。!?！？][」』)）]$")
_OPEN_END = re.compile(r"[、,，(（「『〔〈《・/=]$")
_JOINING_FORMS = ("連用形", "未然形", "仮定形", "語幹")
_WINDOW = 24
_FIELD = re.compile(r"\S{1,8}[:：]\s*\S")


class _HasText(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def page(self) -> int: ...


T = TypeVar("T", bound=_HasText)


def join(lines: Sequence[T], make: Callable[[str, int], T]) -> list[T]:
    """`lines` with broken ones joined. In a double-spaced layout a single blank line is no border at all."""
    double = _double_spaced([line.text for line in lines])
    joined: list[T] = []
    blanks = 0
    for line in lines:
        if not line.text.strip():
            blanks += 1
            continue
        if joined and blanks <= double and continues(joined[-1].text, line.text):
            joined[-1] = make(glue(joined[-1].text, line.text), joined[-1].page)
        else:
            if blanks > double:
                joined.append(make("", line.page))
            joined.append(line)
        blanks = 0
    return joined


def _double_spaced(texts: list[str]) -> int:
    """1 where one blank line stands between the lines of broken sentences, else 0."""
    pairs = [(a, b) for a, gap, b in zip(texts, texts[1:], texts[2:], strict=False) if a.strip() and not gap.strip()]
    pairs = [(a, b) for a, b in pairs if b.strip()]
    broken = sum(continues(a, b) for a, b in pairs)
    return int(broken >= 5 and broken > 0.15 * len(pairs))


def glue(a: str, b: str) -> str:
    """The two parts of a broken line as one; a blank only between words of letters."""
    left, right = a.rstrip(), b.lstrip()
    between = " " if re.search(r"[A-Za-z0-9,.;:]$", left) and re.match(r"[A-Za-z(]", right) else ""
    return left + between + right


def continues(a: str, b: str) -> bool:
    """Does line `b` go on with the sentence of line `a`?"""
    if "\t" in a + b or a.lstrip().startswith("#") or MARK.match(b) or a.endswith("  "):
        return False
    left, right = a.strip(), b.strip()
    if _SENTENCE_END.search(left) or _FIELD.match(right):
        return False
    if _OPEN_END.search(left) or _closes(left, right):
        return True
    if left[-1].isascii() and right[0].isascii():
        return bool(re.search(r"[a-z,]$", left) and re.match(r"[a-z]", right)) and len(left) > 30
    return _grammar_runs_on(left[-_WINDOW:], right[:_WINDOW])


def _closes(left: str, right: str) -> bool:
    """A bracket that `left` opens is closed in `right`."""
    pairs = (("「", "」"), ("『", "』"), ("(", ")"), ("（", "）"))
    return any(left.count(o) > left.count(c) and right.count(c) > right.count(o) for o, c in pairs)


def _grammar_runs_on(left: str, right: str) -> bool:
    before = after = None
    for token in morphemes(left + right):
        if token.begin() < len(left) < token.end():
            return not token.surface().isspace()
        if token.end() <= len(left):
            before = token
        elif after is None:
            after = token
    if before is None or after is None:
        return False
    return _asks_for_more(before.part_of_speech()) or _leans_back(before.part_of_speech(), after.part_of_speech())


def _asks_for_more(pos: tuple[str, ...]) -> bool:
    if pos[0] == "助詞":
        return pos[1] != "終助詞"
    if pos[0] in {"連体詞", "接続詞", "接頭辞"}:
        return True
    return pos[0] in {"動詞", "形容詞", "助動詞"} and pos[5].startswith(_JOINING_FORMS)


def _leans_back(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    if after[0] in {"助詞", "助動詞", "接尾辞"}:
        return True
    return before[0] == "名詞" and after[0] == "動詞" and after[4].startswith("サ行変格")
