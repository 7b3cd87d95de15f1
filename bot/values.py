"""Kinds of value in evidence: does a piece of text hold a date, a number of people, an amount …?"""

import re
from collections.abc import Iterable, Sequence

from bot.asking import Asked
from knowledge.text import normalise
from knowledge.wareki import YearMention, same_year, years

_N = r"\d[\d,.]*\s*(?:億|万|千|百)?"
_PATTERNS: dict[Asked, re.Pattern[str]] = {
    Asked.TIME: re.compile(r"\d{1,2}時|\d{1,2}:\d{2}|午前|午後"),
    Asked.DURATION: re.compile(rf"{_N}\s*(?:[かカヶケヵ]?年(?!度|\d|\s*\d{{1,2}}月)|年間|[かカヶケヵ]月)"),
    Asked.MONEY: re.compile(rf"{_N}\s*円"),
    Asked.PEOPLE: re.compile(rf"{_N}\s*(?:人|名)"),
    Asked.PERCENT: re.compile(rf"{_N}\s*(?:%|パーセント|割)"),
    Asked.LENGTH: re.compile(rf"{_N}\s*(?:m\b|km|cm|メートル|キロ|センチ|m)"),
    Asked.PHONE: re.compile(r"0\d{1,4}[-(]\d{1,4}[-)]\d{3,4}"),
    Asked.EMAIL: re.compile(r"[\w.+-]+@[\w.-]+"),
    Asked.URL: re.compile(r"https?://"),
    Asked.ADDRESS: re.compile(r"\d+(?:条|丁目|番地|番)"),
    Asked.TARGET: re.compile(
        r"→|目標[^。]{0,12}\d|から[^。]{0,24}\d[^。]{0,12}(?:に|へ|まで)|\d[^。]{0,12}(?:に|へ|まで)(?:増|減|伸|高|引)"
    ),
    Asked.BASELINE: re.compile(r"→|基準[^。]{0,12}\d|\d[^。]{0,24}から"),
    Asked.NAME: re.compile(
        r"[一-龥々]{1,4}[\s\u3000]*[一-龥々ぁ-んァ-ヴー]{1,4}[\s\u3000]*(?:氏|さん|様)(?=[((（、。\s/]|$)"
    ),
    Asked.PERSON: re.compile(r"氏\b|氏[((、。\s]|教授|学長|会長|代表|さん|任命|表彰|大臣|部長|局長|氏$"),
}


_DAY = re.compile(r"\d{1,2}月\s*\d{1,2}日|\d{1,2}[./]\d{1,2}[./]\d{1,2}")

# A number that counts something: not a year, a date, a list mark or a part of a name
_COUNTED = re.compile(
    rf"{_N}\s*(?:プロジェクト|市町村|町村|団体|施設|か所|箇所|カ所|ヶ所|個|件|隻|校|社|回|本|台|軒|人|名|種|地域|区|つ|項目|kw|トン|ha|ブロック|機関|者(?!数)|%|円)"
)


_LOOSE = frozenset("か所 箇所 カ所 ヶ所 ヵ所 ケ所 施設 プロジェクト 個 件 つ 項目 種類 本".split())
_FIGURES = frozenset({Asked.PEOPLE, Asked.COUNT, Asked.MONEY, Asked.PERCENT, Asked.LENGTH})


def holds(text: str, kind: Asked, counters: Iterable[str] = ()) -> bool:
    """Whether `text` holds a value of `kind`. For COUNT: a number with one of `counters`, else with any counter."""
    normal = normalise(text)
    if kind is Asked.DATE:
        return bool(years(text)) or bool(re.search(r"\d{1,2}月(?:\s*\d{1,2}日)?", normal))
    if kind is Asked.COUNT:
        wanted = "|".join(re.escape(c) for c in counters if c != "つ")
        if wanted:
            # 「何か所」 is answered by 「11施設」 as well, 「何社」 by nothing but a number of companies
            loose = _LOOSE.issuperset(counters)
            return bool(re.search(rf"(?:{_N}|第\d+)\s*(?:{wanted})", normal)) or bool(
                loose and re.search(r"\d\s*(?:か所|箇所|施設|プロジェクト|個|件|つ)", normal)
            )
        return bool(_COUNTED.search(normal))
    pattern = _PATTERNS.get(kind)
    return bool(pattern and pattern.search(normal))


def strictly_holds(text: str, kind: Asked, counters: Iterable[str] = ()) -> bool:
    """Like `holds`, but a date has its day, and a counter asked for is the one that stands in `text`."""
    wanted = "|".join(re.escape(c) for c in counters if c != "つ")
    if kind is Asked.DATE:
        return bool(_DAY.search(normalise(text)))
    if kind is Asked.COUNT and wanted:
        return bool(re.search(rf"\d\s*(?:{wanted})", normalise(text)))
    return holds(text, kind, counters)


def of_another_year(text: str, kinds: Iterable[Asked], counters: Iterable[str], asked: Sequence[YearMention]) -> bool:
    """Whether `text` names several years and each figure of `kinds` in it stands after another one than those `asked`:
    「令和5年度の22隻から令和6年度は32隻」 has 22 ships for 令和5年度."""
    normal = normalise(text)
    named = years(normal)
    figures = [figure for kind in _FIGURES.intersection(kinds) for figure in _figures(normal, kind, counters)]
    if not figures or len({mention.year for mention in named}) < 2:
        return False
    before = [[m for m in named if m.start <= at] for at in figures]
    return all(b and not any(same_year(a, b[-1]) for a in asked) for b in before)


def _figures(normal: str, kind: Asked, counters: Iterable[str]) -> list[int]:
    """Where the figures of `kind` begin."""
    wanted = "|".join(re.escape(c) for c in counters if c != "つ")
    pattern = re.compile(rf"{_N}\s*(?:{wanted})") if kind is Asked.COUNT and wanted else _PATTERNS.get(kind, _COUNTED)
    return [match.start() for match in pattern.finditer(normal)]
