"""Where a text holds personal data: numbers, mail addresses, street addresses, names. Pure; what to keep is decided in
masking.py.

Every finder reads `fold(text)`, which has the length of the text, and yields spans in order.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from knowledge.text import morphemes

Span = tuple[int, int]


class Kind(StrEnum):
    """What is personal. The values are the keys of [mask] in bot/texts."""

    CARD = "card"
    MY_NUMBER = "my_number"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    NAME = "name"


_KANJI_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_DASHES = frozenset("-‐‑‒–—―−ー－ｰ")


def fold(text: str) -> str:
    """`text` with one width, one dash and one kind of digit; as long as `text`."""
    return "".join(c if c.isascii() else _folded(c) for c in text)


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    if char in _DASHES:
        return "-"
    if char in _KANJI_DIGITS:
        return _KANJI_DIGITS[char]
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    plain = unicodedata.normalize("NFKC", char)
    return char if len(plain) != 1 or category == "No" else plain  # ① before a number is no digit of it


# ── numbers with a check digit ───────────────────────────────────────────────────────────────────────────────────────

_COUNTED = r"(?! ?(?:[号円人件年月日点個枚票%‰万億千]|名(?!前)))"  # 123456789018円 is an amount
_GROUPS = re.compile(r"(?<![A-Za-z\d.,+])(?<![A-Za-z\d][-_])\d+(?:[ -]\d+)*(?![\d,]|\.\d)" + _COUNTED)
_CARD_LENGTHS = range(13, 20)
_MY_NUMBER_DIGITS = 12
_EVEN = frozenset((1, 3, 4, 6, 8))
_UNEVEN = ((4, 6, 5), (4, 6, 4))
_YEAR = re.compile(r"(?:19|20)\d\d")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of a card number (ISO/IEC 7812)."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def my_number(digits: str) -> bool:
    """Whether the last of 12 digits is the check digit of a マイナンバー (総務省令第85号, 第五条)."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)


def checked_numbers(folded: str) -> Iterator[tuple[Kind, Span]]:
    """Card numbers and マイナンバー, whole or in groups. Groups that are years are no number."""
    for run in _GROUPS.finditer(folded):
        groups = [(run.start() + m.start(), run.start() + m.end()) for m in re.finditer(r"\d+", run.group())]
        at = 0
        while at < len(groups):
            found = _checked(folded, groups[at:])
            if found:
                kind, count = found
                yield kind, (groups[at][0], groups[at + count - 1][1])
                at += count
            else:
                at += 1


def _checked(folded: str, groups: Sequence[Span]) -> tuple[Kind, int] | None:
    """The kind of the number that the first groups make, and of how many groups; the longest first."""
    for count in range(min(len(groups), _CARD_LENGTHS[-1]), 0, -1):
        parts = [folded[a:b] for a, b in groups[:count]]
        digits = "".join(parts)
        if not _grouped([len(part) for part in parts]) or (count > 1 and all(map(_YEAR.fullmatch, parts))):
            continue
        if len(digits) in _CARD_LENGTHS and luhn(digits):
            return Kind.CARD, count
        if len(digits) == _MY_NUMBER_DIGITS and my_number(digits):
            return Kind.MY_NUMBER, count
    return None


def _grouped(sizes: Sequence[int]) -> bool:
    even = len(set(sizes[:-1])) == 1 and sizes[0] in _EVEN and sizes[-1] <= sizes[0]
    return len(sizes) == 1 or even or tuple(sizes) in _UNEVEN


# ── phone and mail ───────────────────────────────────────────────────────────────────────────────────────────────────

_S = r"[-.() \t・]{1,3}"
_PHONE = re.compile(
    r"(?<!\d\d)(?<!\d[-.,])(?<![A-Za-z][-_])(?:(?<![A-Za-z\d第])|(?<=tel)|(?<=fax)|(?<=phone)|(?<=\d))(?:"
    rf"(?:\+|(?<!\d)00)81(?:{_S})?(?:\(?0\)?(?:{_S})?)?[1-9](?:(?:{_S})?\d){{8,9}}"
    rf"|\(?0[5-9]0\)?(?:(?:{_S})?\d){{8}}|0 [5-9] 0(?: ?\d){{8}}"
    rf"|(?<!\d)(?:0120|\(0120\)|0570|0990)(?:(?:{_S})?\d){{6}}|(?<!\d)0800(?:(?:{_S})?\d){{7}}"
    rf"|(?<!\d)(?:\(0[1-9]\d{{0,3}}\)|0[1-9]\d{{0,3}})(?:{_S})?\d{{1,4}}{_S}\d{{3,4}}"
    rf"|(?<!\d)(?:\(0[1-9]\d{{0,3}}\)|0[1-9]\d{{0,3}})(?:{_S})?\d{{5,8}}"
    rf")(?!\d|[-]\d){_COUNTED}",
    re.I,
)
_LENGTHS = (10, 11)
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+ ?@ ?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def phones(folded: str) -> Iterator[Span]:
    """Japanese phone numbers, however their groups are set apart."""
    for match in _PHONE.finditer(folded):
        digits = national(match.group())
        if len(digits) in _LENGTHS and (len(digits) == 10) != bool(re.match(r"0[5-9]0|0800", digits)):
            yield match.span()


def national(phone: str) -> str:
    """The digits of a phone number as dialled within Japan: +81 134-00-0000 → 0134000000."""
    digits = re.sub(r"\D", "", phone)
    return re.sub(r"^(?:00)?810?", "0", digits) if phone.lstrip("(").startswith(("+", "00")) else digits


def emails(folded: str) -> Iterator[Span]:
    for match in _EMAIL.finditer(folded):
        yield match.span()


# ── street addresses ─────────────────────────────────────────────────────────────────────────────────────────────────

_N = r"\d[\d十百千]{0,4}|[十百千][\d十百千]{0,4}"
_N = f"(?:{_N})"
_HEAD = r"[一-龥々ヶァ-ヴーｦ-ﾟぁ-んa-zA-Z]"
_FLAT = rf"(?:[ ]?[一-龥々ァ-ヴA-Za-z-]{{0,16}}?[ ]?{_N}(?:号室|号棟|階|F\b))?"
_AFTER = rf"(?:[- の]{{0,1}}{_N}(?!\d| ?[年月日時分人円件%]))"
_BLOCK = (
    rf"(?:[東西南北]{{0,2}}{_N}条[東西南北]?)?[東西南北]{{0,2}}{_N}(?:丁目|番地|番(?={_N}号))"
    rf"(?:[ ]?{_N}(?:丁目|番地|番|号))*{_AFTER}{{0,2}}(?:号(?!線))?"
    rf"|[東西南北]{_N}線[東西南北]?{_N}(?:号|番地)?"
)
_DASHED = rf"(?:[東西南北]{{0,2}}{_N}条[東西南北]?)?{_N}-{_N}(?:-{_N}){{0,2}}(?:号(?!線))?"
_NO_TOWN = "計画|方針|章|節|表|図|版|線|道|頁|ページ|回|編|案|会|号|第|年|番号|電話|バス"
# With 丁目 or 番地 the name before it may hold kana; with dashes alone it must look like a name.
_STREETS = (
    re.compile(rf"(?<=[市区町村郡])(?:字|大字)?[一-龥々ヶァ-ヴーぁ-ん ]{{0,12}}?(?P<n>{_BLOCK}){_FLAT}"),
    re.compile(
        rf"(?<=[市区町村郡])(?:字|大字)?(?:(?!{_NO_TOWN})[一-龥々ヶァ-ヴー]){{1,8}}[ ]?(?P<n>{_DASHED})"
        rf"(?!\d| ?[年月日時分人円件回%]|-\d){_FLAT}"
    ),
    re.compile(
        rf"(?P<n>{_N}丁目[ ]?{_N}(?:番地?|-){_AFTER}?(?:号(?!線))?|(?<![第\d十百千]){_N}番地(?:の?{_N}|-{_N})?)"
        rf"(?!\d){_FLAT}"
    ),
)
_PARTICLES = re.compile(r"[はをにへで、。]")
_POSTAL = re.compile(
    r"〒\s?\d{3}-?\d{4}(?!\d)|(?<=郵便番号)[は: ]{0,2}\d{3}-?\d{4}(?!\d)"
    rf"|(?<![\d-])\d{{3}}-\d{{4}}(?=\s{{0,2}}(?:{_HEAD}{{1,4}}[都道府県])?{_HEAD}{{1,7}}[市区町村郡])"
)


def postal_codes(folded: str) -> Iterator[Span]:
    """Postal codes that are marked as such or stand before an address."""
    for match in _POSTAL.finditer(folded):
        yield match.span()


def streets(folded: str) -> Iterator[Span]:
    """The numbers of street addresses, from 丁目 or 番地 to the room; the names before them are places and stay."""
    for pattern in _STREETS:
        for match in pattern.finditer(folded):
            between = folded[match.start() : match.start("n")]
            if not _PARTICLES.search(between) and not _dates(match["n"]):
                yield match.start("n"), match.end()


def _dates(numbers: str) -> bool:
    return bool(re.match(r"(?:19|20)\d\d-\d{1,2}(?:-\d{1,2})?$", numbers))


def block(numbers: str) -> str:
    """The numbers of a street address in one form: 1丁目15番5号 and 1-15-5 → 1-15-5."""
    plain = re.sub(r"\s|号室|号$", "", numbers)
    return re.sub(r"丁目|番地の?|番|号|の|-+", "-", plain).replace("--", "-").strip("-")


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_LABELLED = re.compile(
    r"氏[ \u3000]?名[ \t\u3000]*(?:は|が|[:：=、,])?\s*"
    r"|(?:(?<!の)お?名前|(?:私|わたし|僕|ぼく|俺|自分|本人)の名前)[ \t\u3000]*(?:は|が|[:：=、,])[ \t\u3000]*"
)
_SELF = re.compile(r"(?:私|わたし|わたくし|僕|ぼく|俺|おれ)は[、 \t\u3000]*")
_FOREIGN = re.compile(r"(?:(?<=my name is )|(?<=My name is ))[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}|(?<=我叫)[一-龥]{2,4}")
_REACH = 24  # characters after 私は in which a name may follow (私は江別に住む…)
_AREA = re.compile(r"[市区町村郡駅川山岬港島通]|から|まで|に$|へ$")  # 山田町, 大野から: a place
_STOPS = re.compile(r"[。、,!?？！\n〔]|です|ます|でし")


def names(text: str) -> Iterator[Span]:
    """Names of persons after 氏名, 名前は, 私は."""
    for match in _LABELLED.finditer(text):
        yield from _persons(text, match.end())
    for match in _SELF.finditer(text):
        yield from _persons(text, match.end())
    for match in _FOREIGN.finditer(text):
        yield match.span()


def _persons(text: str, start: int) -> Iterator[Span]:
    """The first run of person-name tokens between `start` and the end of the clause."""
    clause = text[start : start + _REACH]
    stop = _STOPS.search(clause)
    tokens = morphemes(clause[: stop.start()] if stop else clause)
    found: list[Span] = []
    for token, following in pairwise([*tokens, None]):
        surface, person = token.surface(), token.part_of_speech()[2] == "人名"
        after = following.surface() if following else ""
        if person and not _AREA.match(after):
            found.append((start + token.begin(), start + token.end()))
        elif found and not surface.isspace():
            break
    if found:
        yield found[0][0], found[-1][1]
