"""The names that a sentence gives: of people, places, bodies, plans; whatever it quotes."""

import re
import unicodedata
from functools import cache, lru_cache
from itertools import groupby

from bot.figures import tables
from knowledge.text import compact, morphemes, normalise

_QUOTED = re.compile(r"「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|\"([^\"]+)\"|《([^《》]+)》|【([^【】]+)】")
_KATAKANA = re.compile(r"[ァ-ヴー・]{3,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&.'-]*")
_ERAS = ("令和", "平成", "昭和", "大正", "明治")
_ERA = re.compile(r"[RHS]\d{1,2}(?:[./-]\d{1,2})*")
_RUN = re.compile(r"[一-龥々ヶケァ-ヴーA-Za-z0-9]+")
_TITLED = re.compile(
    r"([一-龥々]{1,4}[\s　]?(?:(?!の)[一-龥々ぁ-んァ-ヴー]){0,4})[\s　]?(?:氏|さん|様|先生)(?![一-龥])"
)


def unsupported_names(sentence: str, evidence: str) -> list[str]:
    """The names and quoted words of `sentence` that do not stand in `evidence`."""
    sentence = unicodedata.normalize("NFKC", sentence)
    held = _form(evidence)
    return [name for name in names_of(sentence) if _form(name) not in held]


@lru_cache(maxsize=2048)
def _form(text: str) -> str:
    return compact(normalise(text)).replace("・", "")


@lru_cache(maxsize=512)
def names_of(text: str) -> tuple[str, ...]:
    """The names and quoted words of `text`, each once."""
    found = [next(group for group in match if group) for match in _QUOTED.findall(text)]
    found += [match[1] for match in _TITLED.finditer(text)]
    found += _proper(text)
    found += [run for run in _KATAKANA.findall(text) if _is_name(run)]
    found += _latin(text)
    found += [name for run in _RUN.findall(text) for name in _with_ending(run)]
    return tuple(dict.fromkeys(found))


def _proper(text: str) -> list[str]:
    """What SudachiPy calls a proper noun; neighbours are one name (山田太郎)."""
    found = []
    for proper, run in groupby(morphemes(text), key=lambda m: m.part_of_speech()[1] == "固有名詞"):
        name = "".join(m.surface() for m in run)
        if proper and not name.isascii() and name not in _ERAS:
            found.append(name)
    return found


def _is_name(run: str) -> bool:
    """Katakana that is not one common word: ノースリンク, not イベント."""
    parts = [part for piece in run.split("・") if piece for part in morphemes(piece)]
    common = len(parts) == 1 and parts[0].part_of_speech()[1] in ("普通名詞", "一般", "形状詞可能")
    return not (common and not parts[0].is_oov())


def _latin(text: str) -> list[str]:
    """Words with a capital letter, in Japanese also those without; an ordinary beginning of a sentence is no name."""
    names = tables()["names"]
    free, starters = set(names["free"].split()), set(names["starters"].split())
    english = text.isascii() or len(re.findall(r"[A-Za-z]", text)) > len(text) / 2
    found = []
    for match in _LATIN.finditer(text):
        word, first = match[0].rstrip("."), not re.search(r"\w", text[: match.start()])
        if english and (word.islower() or word.lower() in free or (first and word.lower() in starters)):
            continue
        if (
            len(word) > 1
            and not _ERA.fullmatch(word)
            and word.lower() not in free
            and word.lower() not in _unit_words()
        ):
            found.append(word)
    return found


def _with_ending(run: str) -> list[str]:
    """余市町役場 in 余市町役場へ; a bare 計画 or 担当課 is no name."""
    names = tables()["names"]
    ending = next((e for e in _endings() if run.endswith(e)), None)
    for front in names["fronts"].split():
        run = run.removeprefix(front)
    if ending is None or run in ("", ending) or run in names["common"].split() or re.fullmatch(r"\d+\D{1,3}", run):
        return []
    parts = morphemes(run)
    if len(parts) == 1 and parts[0].part_of_speech()[2] == "サ変可能":  # 入港, 計画
        return []
    return [run]


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(tables()["names"]["endings"].split(), key=len, reverse=True))


@cache
def _unit_words() -> frozenset[str]:
    return frozenset(word for word in tables()["units"] if word.isascii())
