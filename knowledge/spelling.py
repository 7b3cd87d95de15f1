"""How place names are written: one folded form for matching, romaji from kana, Chinese forms from kanji."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from knowledge.text import normalise

_MACRON = str.maketrans("āīūēōâîûêô", "aiueoaiueo")
_VOICING = "\u3099\u309aﾞﾟ"
_KATAKANA = re.compile("[ァ-ヴ]")
_KANJI = re.compile("[一-鿿㐀-䶿豈-﫿々〇]")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` for matching: normalised, hiragana for katakana, no macrons, a space for a hyphen between letters.

    Position i of `text` came from `origins[i]` of the original; `scripts[i]` is its script there: K kanji, T katakana,
    H hiragana, A letter or digit, O other. `origins` has one more element: the original's length.
    """

    text: str
    origins: tuple[int, ...]
    scripts: str


def fold(original: str) -> Folded:
    """The form in which names are compared, with the way back to the original."""
    text: list[str] = []
    scripts: list[str] = []
    origins: list[int] = []
    for start, cluster in _clusters(original):
        folded, kind = _fold_cluster(cluster)
        text.append(folded)
        scripts.append(kind)
        origins.extend([start] * len(folded))
    joined = "".join(text).replace("二せこ", "にせこ")
    joined = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", joined)
    return Folded(joined, (*origins, len(original)), "".join(scripts))


@lru_cache(maxsize=65536)
def fold_name(name: str) -> str:
    """`fold(name).text`, for the names of the index."""
    return fold(name).text


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Characters with the marks that NFKC joins to them (half-width ﾊﾞ, か + ゙)."""
    start = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or not (text[i] in _VOICING or unicodedata.combining(text[i])):
            if i > start:
                yield start, text[start:i]
            start = i


@lru_cache(maxsize=8192)
def _fold_cluster(cluster: str) -> tuple[str, str]:
    wide = unicodedata.normalize("NFKC", cluster)
    folded = normalise(cluster).translate(_MACRON)
    kinds = "T" * len(folded) if wide == "ー" else "".join(map(_script, folded))
    return _KATAKANA.sub(lambda m: chr(ord(m[0]) - 0x60), folded), kinds


def _script(character: str) -> str:
    if _KANJI.match(character):
        return "K"
    if "ァ" <= character <= "ヺ":
        return "T"
    if "ぁ" <= character <= "ゖ":
        return "H"
    return "A" if character.isalnum() else "O"


def script_of(folded_name: str) -> str:
    """K if a folded name has kanji, A if it has Latin letters (and no kanji), else H (kana)."""
    kinds = set(map(_script, folded_name))
    return "K" if "K" in kinds else "H" if "H" in kinds else "A"


# ── romaji ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_ROWS = {
    "あ い う え お": "a i u e o",
    "か き く け こ きゃ きゅ きょ": "ka ki ku ke ko kya kyu kyo",
    "さ し す せ そ しゃ しゅ しょ": "sa shi su se so sha shu sho",
    "た ち つ て と ちゃ ちゅ ちょ てぃ": "ta chi tsu te to cha chu cho ti",
    "な に ぬ ね の にゃ にゅ にょ": "na ni nu ne no nya nyu nyo",
    "は ひ ふ へ ほ ひゃ ひゅ ひょ ふぁ ふぇ": "ha hi fu he ho hya hyu hyo fa fe",
    "ま み む め も みゃ みゅ みょ": "ma mi mu me mo mya myu myo",
    "や ゆ よ わ を ん うぃ うぇ": "ya yu yo wa o n wi we",
    "ら り る れ ろ りゃ りゅ りょ": "ra ri ru re ro rya ryu ryo",
    "が ぎ ぐ げ ご ぎゃ ぎゅ ぎょ": "ga gi gu ge go gya gyu gyo",
    "ざ じ ず ぜ ぞ じゃ じゅ じょ": "za ji zu ze zo ja ju jo",
    "だ ぢ づ で ど でぃ": "da ji zu de do di",
    "ば び ぶ べ ぼ びゃ びゅ びょ": "ba bi bu be bo bya byu byo",
    "ぱ ぴ ぷ ぺ ぽ ぴゃ ぴゅ ぴょ": "pa pi pu pe po pya pyu pyo",
}
_SYLLABLES = {
    kana: latin for kanas, latins in _ROWS.items() for kana, latin in zip(kanas.split(), latins.split(), strict=True)
}
_KUNREI = (("shi", "si"), ("sh", "sy"), ("chi", "ti"), ("ch", "ty"), ("tsu", "tu"), ("fu", "hu"), ("ji", "zi"))


def romaji(kana: str) -> frozenset[str]:
    """Usual ways to write hiragana `kana` in Latin letters: Hepburn with long vowels dropped, kept or as oh,
    m or n before b, m, p, tch or cch, and 訓令式. Empty if a character is no hiragana."""
    plain = _hepburn(kana)
    if plain is None:
        return frozenset()
    forms = {plain, _short(plain), plain.replace("ou", "oh").replace("oo", "oh")}
    forms |= {form.replace("cch", "tch") for form in forms}
    forms |= {re.sub("n(?=[bmp])", "m", form) for form in forms}
    kunrei = _short(plain)
    for hepburn, other in _KUNREI:
        kunrei = kunrei.replace(hepburn, other)
    return frozenset(forms | {kunrei})


def usual_romaji(kana: str) -> str | None:
    """The usual way to write hiragana `kana`: Hepburn, long vowels dropped, tch; None if a character is no hiragana."""
    plain = _hepburn(kana)
    return None if plain is None else _short(plain).replace("cch", "tch")


def _short(latin: str) -> str:
    return re.sub("ou|oo(?!$)", "o", latin).replace("uu", "u")


def _hepburn(kana: str) -> str | None:
    out = ""
    i = 0
    while i < len(kana):
        if kana[i] == "っ":
            nxt = _SYLLABLES.get(kana[i + 1 : i + 3]) or _SYLLABLES.get(kana[i + 1 : i + 2])
            if not nxt:
                return None
            out += nxt[0]
            i += 1
            continue
        if kana[i] == "ー":
            i += 1
            continue
        step = 2 if kana[i : i + 2] in _SYLLABLES else 1
        if kana[i : i + step] not in _SYLLABLES:
            return None
        out += _SYLLABLES[kana[i : i + step]]
        i += step
    return out


# ── Chinese ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def chinese(name: str) -> frozenset[str]:
    """`name` as Chinese writes it, traditional and simplified; empty if nothing differs."""
    to_traditional, to_simplified = _converters()
    traditional = to_traditional.convert(name)
    return frozenset({traditional, to_simplified.convert(traditional), to_simplified.convert(name)}) - {name}


@lru_cache(maxsize=1)
def _converters():  # type: ignore[no-untyped-def]  # OpenCC ships no type hints
    from opencc import OpenCC

    return OpenCC("jp2t"), OpenCC("t2s")
