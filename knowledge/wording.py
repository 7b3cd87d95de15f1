"""What a question counts, as the documents write it: the second workshop, 第二次工作坊, にかいめ → 第2回, 2回目."""

import re
from collections.abc import Callable

from knowledge.lexical import hiragana

_KANA = re.compile("[ぁ-ゖァ-ヺ]")

# ── English ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_WORDS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_NTH = rf"(?P<n>{'|'.join(_WORDS)}|\d{{1,3}}(?:st|nd|rd|th))"
_EVENT = (
    r"workshops?|meetings?|conferences?|symposi(?:um|a)|sessions?|seminars?|forums?|contests?|competitions?|events?"
)
_ENGLISH = (
    (re.compile(rf"\b{_NTH}\s+(?:[\w'-]+\s+){{0,3}}?(?:{_EVENT})\b", re.I), "回"),
    (re.compile(rf"\b{_NTH}\s+(?:[\w'-]+\s+){{0,4}}?plans?\b", re.I), "期"),
    (re.compile(rf"\b{_NTH}\s+(?:piers?|wharf|wharves|quays?)\b", re.I), "号"),
    (
        re.compile(
            r"\b(?:piers?|wharf|quay)\s+(?:no\.?\s*)?(?P<n>\d{1,2})\b|\bno\.?\s*(?P<m>\d{1,2})\s+(?:pier|wharf|quay)",
            re.I,
        ),
        "号",
    ),
    (
        re.compile(r"\b(?:workshop|meeting|symposium|session|contest)\s+(?:no\.?\s*|#\s?)?(?P<n>\d{1,2})\b", re.I),
        "回",
    ),
)

# ── Chinese ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_CHINESE = re.compile(r"第\s*(\d{1,3}|[一二三四五六七八九十]{1,3})\s*[次届屆]")

# ── kana ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

_COUNTS = {
    "いっ": 1, "いち": 1, "に": 2, "さん": 3, "よん": 4, "し": 4, "ご": 5, "ろっ": 6, "ろく": 6, "なな": 7, "しち": 7,
    "はっ": 8, "はち": 8, "きゅう": 9, "く": 9, "じゅっ": 10, "じゅう": 10, "じゅういち": 11, "じゅういっ": 11,
    "じゅうに": 12,
}  # fmt: skip
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_UNITS = {"かい": "回", "き": "期", "ごう": "号", "しょう": "章"}
_NTH_KANA = re.compile(rf"だい\s*(?P<n>{_COUNT}|\d{{1,3}})\s*(?P<unit>{'|'.join(_UNITS)})(?![ぎょゃゅう])")
_TH_KANA = re.compile(rf"(?<![ぁ-ん])(?P<n>{_COUNT}|\d{{1,3}})\s*(?P<unit>かい|き)\s*め")
_COUNTERS = {
    "ねんど": "年度", "ねんかん": "年間", "ねん": "年", "がつ": "月", "にち": "日", "じ": "時", "にん": "人",
    "めい": "名", "せき": "隻", "かい": "回", "こ": "個", "けん": "件", "しゃ": "社", "ぱーせんと": "%",
    "めーとる": "m",
    "きろめーとる": "km", "きろ": "km", "とん": "t", "えん": "円", "しちょうそん": "市町村",
}  # fmt: skip
_COUNTER = "|".join(sorted(_COUNTERS, key=len, reverse=True))
_HOW_MANY = re.compile(
    rf"なん(?P<unit>{_COUNTER})(?=[ \u3000?？。、]|で|の|が|は|を|に|も|か|く|ぐ|ま|あ|き|い|と|や|$)"
)
_LETTERS = {
    "えー": "A", "えい": "A", "びー": "B", "しー": "C", "でぃー": "D", "いー": "E", "えふ": "F", "じー": "G",
    "えいち": "H", "えっち": "H", "あい": "I", "じぇー": "J", "けー": "K", "けい": "K", "える": "L", "えむ": "M",
    "えぬ": "N", "おー": "O", "ぴー": "P", "きゅー": "Q", "あーる": "R", "えす": "S", "てぃー": "T", "ゆー": "U",
    "ぶい": "V", "だぶりゅー": "W", "えっくす": "X", "わい": "Y", "ぜっと": "Z",
}  # fmt: skip
_LETTER = "|".join(sorted(_LETTERS, key=len, reverse=True))
_SPELT = re.compile(rf"(?=[ぁ-ん]{{0,3}}ー)(?:{_LETTER}){{3,6}}(?!ー)")


def counted(question: str) -> str:
    """`question` with what it counts as the documents write it. Japanese with kanji stays as it is."""
    if not _KANA.search(question):
        return _CHINESE.sub(r"第\1回", question) if not question.isascii() else question + _english(question)
    return question


def counted_in_kana(question: str) -> str:
    """だいさんかい → 第3回, にかいめ → 2回目, ケーピーアイ → KPI, なんねん → 何年."""
    question = _replaced(_NTH_KANA, question, lambda m: f"第{_number(m['n'])}{_UNITS[m['unit']]}")
    question = _replaced(_TH_KANA, question, lambda m: f"{_number(m['n'])}{_UNITS[m['unit']]}目")
    question = _replaced(_HOW_MANY, question, lambda m: "何" + _COUNTERS[m["unit"]])
    return _replaced(_SPELT, question, lambda m: "".join(_LETTERS[name] for name in re.findall(_LETTER, m[0])))


def _replaced(pattern: re.Pattern[str], question: str, put: Callable[[re.Match[str]], str]) -> str:
    """`question` with what `pattern` finds in its hiragana replaced; all else keeps its script."""
    for match in reversed(list(pattern.finditer(hiragana(question)))):
        question = question[: match.start()] + put(match) + question[match.end() :]
    return question


def _number(kana: str) -> int:
    return _COUNTS[kana] if kana in _COUNTS else int(kana)


def _english(question: str) -> str:
    """What is counted, to stand behind the question: " 第2回"."""
    found: dict[str, None] = {}
    for pattern, unit in _ENGLISH:
        for match in pattern.finditer(question):
            word = next(group for group in match.groups() if group).lower()
            number = _WORDS.index(word) + 1 if word in _WORDS else int(re.sub(r"\D", "", word))
            found[f" 第{number}{unit}"] = None
    return "".join(found)
