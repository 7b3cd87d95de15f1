"""Whether a figure stands beside the words that it belongs to: 会場308名、オンライン100名 holds no 会場100名."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from bot.figures import figures_of, years_of
from bot.polarity import clauses
from knowledge.text import compact, normalise

Figures = tuple[tuple[str, str, object], ...]
Key = tuple[str, object]
Date = tuple[int | None, ...]
_BEGINS = re.compile(r"から|より|[~～〜]|に(?:始|開始)|開始")
_ENDS = re.compile(r"まで|へ|に終|終了|に(?!は|つい|おい|始|開|て|つ|も)")
_BRACKETED = re.compile(r"((?!\d)[0-9a-z一-龥々ァ-ヴー]{2,}(?<![年月日]))\(([^()\n]*)\)")
_COUNTED = re.compile(r"(?<![\d,.])(\d+)(?:つの|個の|の)「?((?![年月日時分])[一-龥々ァ-ヴーa-z]{2,})")
_EXTREME = re.compile(r"最[多少大小高低]|初")
_BRACKETS = re.compile(r"\s*[((][^()()]*[))]")


def misplaced(sentence: str, evidence: str) -> list[str]:
    """The figures of `sentence` that `evidence` gives to something else: a figure of the same kind that the clause does
    not give stands nearer to its words."""
    held = _read(evidence)
    found = []
    for said, figures in _read(sentence):
        for words, kind, value in figures:
            told = {other for _, known, other in figures if known == kind}
            own = max((len(said & near) for near, others in held if value in _values(others, kind)), default=0)
            other = max((len(said & near) for near, others in held if _apart(_values(others, kind), told)), default=0)
            if other > own:
                found.append(words)
    return found


def crossed(sentence: str, line: str) -> list[str]:
    """The figures of `sentence` that it takes for the beginning where `line` has them for the end, or the other way;
    and those to which it gives another date than `line` does in brackets."""
    ends, dates = dict(_ends(line)), dict(_dated(line, bracketed=True))
    found = [str(key) for key, end in _ends(sentence) if ends.get(key, end) != end]
    for key, date in _dated(sentence, bracketed=False):
        if key in dates and not _agree(date, dates[key]):
            found.append(str(key))
    return found + _of_other_brackets(sentence, line) + _of_other_figures(sentence, line)


def _of_other_figures(sentence: str, line: str) -> list[str]:
    """What `line` says in brackets of a figure (過去最多) and `sentence` says without it, of others."""
    line, said = unicodedata.normalize("NFKC", line), _placed(unicodedata.normalize("NFKC", sentence))
    counted = {each[2:] for each in said if each[2] not in ("date", "time")}
    found = []
    for _, end, kind, value in _placed(line):
        remark = _BRACKETS.match(line, end)
        words = _EXTREME.findall(remark[0]) if remark else []
        found += [word for word in words if word in sentence and counted and (kind, value) not in counted]
    return found


def _of_other_brackets(sentence: str, line: str) -> list[str]:
    """The dates of `sentence` that `line` has in brackets behind another thing than the one the sentence names."""
    plain = compact(normalise(sentence))
    heads, said = _in_brackets(line), _in_brackets(sentence)
    named = [head for head, _ in heads if head in plain]
    found = []
    for words, date in years_of(sentence):
        holders = [head for head, dates in heads if any(_agree(date, other) for other in dates)]
        if named and holders and not any(head in plain for head in holders):
            found.append(words)
    for head, dates in said:
        known = [other for name, others in heads if name == head for other in others]
        if known and any(not any(_agree(date, other) for other in known) for date in dates):
            found.append(head)
    return found


def _in_brackets(text: str) -> list[tuple[str, list[Date]]]:
    """What stands before each pair of brackets in `text`, with the dates inside."""
    return [
        (match[1], [date for _, date in years_of(compact(match[2]))]) for match in _BRACKETED.finditer(normalise(text))
    ]


def miscounted(sentence: str, line: str, above: str) -> list[str]:
    """The things that `sentence` counts (3つの会場) and `line` does not: it counts others so, or `above`, which is all
    that stands there, does not know them."""
    counted = _counted(line)
    found = []
    for number, thing in _counted(sentence):
        so_many = [other for given, other in counted if given == number]
        known = any(thing in other or other in thing for other in so_many)
        otherwise = any(thing == other for given, other in counted if given != number)
        if not known and (so_many or otherwise or thing not in compact(normalise(above))):
            found.append(f"{number} {thing}")
    return found


@lru_cache(maxsize=1024)
def _counted(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((match[1], match[2]) for match in _COUNTED.finditer(compact(normalise(text))))


@lru_cache(maxsize=512)
def _placed(text: str) -> tuple[tuple[int, int, str, object], ...]:
    """The figures of `text` (NFKC) with where they stand: start, end, kind, value; in order."""
    found, used = [], set[int]()
    figures = [figure for figure in figures_of(text) if figure[1] != "date"]
    for words, kind, value in [*((words, "date", date) for words, date in years_of(text)), *figures]:
        at = next((m.start() for m in re.finditer(re.escape(words), text) if m.start() not in used), None)
        if at is not None:
            used.add(at)
            found.append((at, at + len(words), kind, value))
    return tuple(sorted(found, key=lambda each: each[:2]))


def _ends(text: str) -> Iterator[tuple[Key, str]]:
    """The figures of which `text` says that something goes from or to them."""
    text = unicodedata.normalize("NFKC", text)
    for start, end, kind, value in _placed(text):
        brackets = _BRACKETS.match(text, end)
        after = text[brackets.end() if brackets else end :][:6]
        if _BEGINS.match(after):
            yield (kind, value), "from"
        elif text[:start].removesuffix("第").endswith(("~", "～", "〜")) or (kind != "date" and _ENDS.match(after)):
            yield (kind, value), "to"


def _dated(text: str, *, bracketed: bool) -> Iterator[tuple[Key, Date]]:
    """The figures of `text` with the date that stands in brackets behind them, or the only one of their clause."""
    text = unicodedata.normalize("NFKC", text)
    placed = _placed(text)
    dates = [each for each in placed if each[2] == "date"]
    for start, end, kind, value in placed:
        brackets = _BRACKETS.match(text, end)
        inside = [d for d in dates if brackets and end <= d[0] < brackets.end()]
        if "\n" in text:  # the cells of a row, each below its head
            cell = text.rfind("\n", 0, start) + 1, (text + "\n").find("\n", end)
            inside = inside or [d for d in dates if cell[0] <= d[0] < cell[1]]
        if kind == "date" or (bracketed and not inside):
            continue
        near = inside or [d for d in dates if not re.search("[、。]|から", text[min(end, d[1]) : max(start, d[0])])]
        if near and (inside or len(near) == 1):
            yield (kind, value), near[-1][3]  # type: ignore[misc]


def _agree(one: Date, other: Date) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=False))


def _values(figures: Figures, kind: str) -> set[object]:
    return {value for _, known, value in figures if known == kind}


def _apart(values: set[object], told: set[object]) -> bool:
    return bool(values) and values.isdisjoint(told)


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[tuple[frozenset[str], Figures], ...]:
    return tuple(_clauses_with_figures(text))


def _clauses_with_figures(text: str) -> Iterator[tuple[frozenset[str], Figures]]:
    for piece, words, _ in clauses(text):
        yield words, tuple(figures_of(piece))
