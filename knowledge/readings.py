"""How Japanese is read aloud: text → pieces, each with the hiragana that stands in brackets after it, or with none.

SudachiPy reads; the directory knows how places are read, readings.csv what a dictionary gets wrong.
Numbers with what they count, dates, addresses of pages, mail and phones are left as they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.directory import Directory
from knowledge.lexical import hiragana
from knowledge.tables import Row, made_of_all, read_table
from knowledge.text import morphemes

_BUNDLED = Path(__file__).with_name("readings.csv")
_KANJI = re.compile("[一-鿿㐀-䶿々〇]")
_KANA = re.compile("[ぁ-ゖァ-ヺー]+")
_UNTOUCHED = re.compile(r"(?:https?://|www\.)[^\s、。「」（）]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\[\d+\]")
_READ_ALREADY = re.compile(r"[」』]?[ \u3000]?[(（][ぁ-ゖァ-ヺー・ \u3000]+[)）]")
_WITH_READING = re.compile(r"[(（][ぁ-ゖァ-ヺー]+[)）]$")  # SudachiPy takes 電話(でんわ) for one word
_QUOTED = re.compile(r"「[^「」\n]{2,40}」|『[^『』\n]{2,40}』")
_NOT_ALOUD = re.compile(r"[0-9０-９一二三四五六七八九十()（）『』「」“”@/]")
_KATAKANA = re.compile("[ァ-ヺ][ァ-ヺー]+")
_ITEM = re.compile(r"(\s*[-・●○◆■*]\s*)([^。、：:/\s]{2,60}?)((?:\s\[\d+\])?\s*)$")
_DIGIT = re.compile(r"[0-9０-９]")
_SURNAME = 3  # characters that a surname has at most
_NUMERAL = re.compile("[0-9０-９元一二三四五六七八九十]")
_ERA = frozenset(("令和", "平成", "昭和", "大正", "西暦"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text and how it is read; `reading` is "" where no reading is given."""

    text: str
    reading: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind`: number, counted (what a number counts, or goes with it), noun, verb (with endings in kana), other."""

    text: str
    reading: str
    kind: str


class Readings:
    """Reads texts aloud. `known`: word → hiragana, wins over the dictionary. Thread-safe."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self._lengths: dict[str, tuple[int, ...]] = {}
        for word in self._known:
            lengths = {*self._lengths.get(word[0], ()), len(word)}
            self._lengths[word[0]] = tuple(sorted(lengths, reverse=True))

    @classmethod
    def load(cls, directory: Directory) -> "Readings":
        """The readings of all places of `directory` and of the bundled readings.csv. Raises DataError."""
        table = read_table(_BUNDLED, ["word", "reading", "source"])
        return cls({**_places(directory), **dict(made_of_all(_row, table))})

    def pieces(self, text: str) -> list[Piece]:
        """A line of text cut up; the pieces joined are `text`. A name in 「」, or one that is an item of a list, has
        one reading, at its end; what is followed by a reading in brackets already gets none."""
        found: list[Piece] = []
        at = 0
        if (item := _ITEM.match(text)) and (reading := self._aloud(item[2])):
            return [Piece(item[1]), Piece(item[2], reading), Piece(item[3])]
        for match in _UNTOUCHED.finditer(text):
            found += [*self._spoken(text[at : match.start()]), Piece(match.group())]
            at = match.end()
        return [piece for piece in [*found, *self._spoken(text[at:])] if piece.text]

    def _spoken(self, text: str) -> Iterator[Piece]:
        at = 0
        for match in _QUOTED.finditer(text):
            if reading := self._aloud(match.group()[1:-1]):
                yield from self._words(text[at : match.start()])
                read_already = _READ_ALREADY.match(text, match.end())
                yield Piece(match.group(), "" if read_already else reading)
                at = match.end()
        yield from self._words(text[at:])

    def _aloud(self, quoted: str) -> str:
        """The reading of a name as a whole; "" where it has no kanji, or something in it is not read."""
        if not _KANJI.search(quoted) or _NOT_ALOUD.search(quoted):
            return ""
        readings = [t.reading if _KANJI.search(t.text) else t.text for t in self._tokens(quoted)]
        return "".join(readings) if all(readings) else ""

    def _words(self, text: str) -> Iterator[Piece]:
        """Nouns that stand together are one word; a verb has its reading before its ending: 越(こ)えた."""
        at = 0
        run: list[_Token] = []
        for token in [*self._tokens(text), _Token("", "", "end")]:
            if token.kind == "noun":
                run.append(token)
                continue
            if run:
                numbered = token.kind == "number"  # 宮前1条3丁目: an address, a step
                word = "".join(t.text for t in run)
                at += len(word)
                yield Piece(word, "" if numbered else self._reading(run, text, at))
                run = []
            at += len(token.text)
            yield from _verb(token, text, at) if token.kind == "verb" else (Piece(token.text),)

    def _reading(self, run: list[_Token], text: str, end: int) -> str:
        """The reading of nouns that stand together, from the first with kanji on; "" where one is a person's name."""
        first = next((i for i, t in enumerate(run) if _KANJI.search(t.text)), None)
        if first is None or _READ_ALREADY.match(text, end):
            return ""
        readings = [t.reading if _KANJI.search(t.text) else t.text for t in run[first:]]
        return "".join(readings) if all(readings) else ""

    def _tokens(self, text: str) -> list[_Token]:
        """The words of `text`, known ones first, with the reading of each and whether a number leaves it alone."""
        parts = morphemes(text, whole=True)
        starts = {m.begin(): i for i, m in enumerate(parts)} | {len(text): len(parts)}
        found: list[_Token] = []
        i = 0
        while i < len(parts):
            start = parts[i].begin()
            word = self._known_at(text, start, starts)
            if word:
                found.append(_Token(word, self._known[word], _known_kind(found)))
                i = starts[start + len(word)]
                continue
            following = parts[i + 1].surface() if i + 1 < len(parts) else ""
            found.append(_token(parts[i], found, following))
            i += 1
        return _without_persons(found)

    def _known_at(self, text: str, start: int, borders: Mapping[int, int]) -> str:
        """The longest known word that begins at `start` and ends where a word ends."""
        for length in self._lengths.get(text[start], ()):
            word = text[start : start + length]
            headed = word[-1] in "市町村" and text.startswith("長", start + length)  # 町長 has a reading of its own
            if word in self._known and start + length in borders and not headed:
                return word
        return ""


def _known_kind(before: list[_Token]) -> str:
    return "counted" if before and before[-1].kind == "number" else "noun"


def _token(morpheme: Any, before: list[_Token], following: str) -> _Token:
    surface, pos = morpheme.surface(), morpheme.part_of_speech()
    reading = _read(surface, morpheme.reading_form())
    last = before[-1].kind if before else ""
    if _WITH_READING.search(surface):
        return _Token(surface, "", "other")
    if pos[1] == "数詞" or _DIGIT.search(surface) or (surface in ("元", "元年") and last == "counted"):
        return _Token(surface, reading, "number")
    if last == "number" and (_counts(pos) or surface == "年度"):
        return _Token(surface, reading, "number" if surface in ("万", "億", "千") else "counted")
    if last == "counted" and surface in ("目", "度", "間", "頃", "号", "期"):
        return _Token(surface, reading, "counted")
    if _NUMERAL.match(following) and (pos[0] == "接頭辞" or surface in _ERA):
        return _Token(surface, reading, "counted")
    if pos[2] == "人名":
        return _Token(surface, "", "noun")
    if pos[1] != "助動詞語幹" and (pos[0] in ("名詞", "形状詞", "接頭辞") or pos[1] in ("名詞的", "形状詞的")):
        return _Token(surface, reading, "noun")
    if pos[0] in ("代名詞", "連体詞", "副詞", "接続詞", "感動詞", "動詞", "形容詞", "接尾辞", "助動詞"):
        return _Token(surface, reading, "verb")
    return _Token(surface, reading, "other")


def _read(surface: str, katakana: str) -> str:
    """Hiragana, and katakana where `surface` has it: ブランドか for ブランド化. "" for what is not read."""
    reading = hiragana(katakana)
    for run in _KATAKANA.findall(surface):
        reading = reading.replace(hiragana(run), run, 1)
    return reading if _KANA.fullmatch(reading) else ""


def _without_persons(tokens: list[_Token]) -> list[_Token]:
    """How a person's name is read is not guessed, nor the surname before a given name (水鳥 純雄)."""
    for i in range(2, len(tokens)):
        name, gap, surname = tokens[i], tokens[i - 1], tokens[i - 2]
        named = name.kind == "noun" and not name.reading and _KANJI.search(name.text) and gap.text.isspace()
        alone = i == 2 or tokens[i - 3].kind != "noun"
        if named and alone and len(surname.text) <= _SURNAME and not surname.text.endswith("長"):
            tokens[i - 2] = replace(surname, reading="")
    return tokens


def _counts(pos: tuple[str, ...]) -> bool:
    return pos[0] == "接尾辞" or pos[2] == "助数詞可能"


def _verb(token: _Token, text: str, end: int) -> Iterator[Piece]:
    """取り組んで → 取(り)組… is hard to read: the reading stands behind the last kanji, for all before it."""
    kanji = [i for i, c in enumerate(token.text) if _KANJI.match(c)]
    tail = token.text[kanji[-1] + 1 :] if kanji else ""
    if (
        not kanji
        or not token.reading
        or not token.reading.endswith(hiragana(tail))
        or _READ_ALREADY.match(text, end - len(tail))
    ):
        yield Piece(token.text)
        return
    stem = token.text[: kanji[-1] + 1]
    reading = token.reading[: len(token.reading) - len(tail)]
    yield Piece(stem, reading)
    yield Piece(tail)


# ── what is known ────────────────────────────────────────────────────────────────────────────────────────────────────


def _places(directory: Directory) -> dict[str, str]:
    """The municipalities, and the places of places.csv."""
    found: dict[str, str] = {}
    for place in directory.places:
        if place.kana and not place.rule and _is_word(place.name):
            found[place.name] = _read(place.name, place.kana)
    for town in directory.municipalities:
        found[town.name] = _read(town.name, town.kana)
    return {word: kana for word, kana in found.items() if kana}


def _is_word(name: str) -> bool:
    return len(name) > 1 and bool(_KANJI.search(name))


def _row(row: Row) -> tuple[str, str]:
    word, reading = row.required("word", "漢字の言葉"), row.required("reading", "ひらがなの読み")
    if not _KANA.fullmatch(reading):
        raise row.fail("reading", "ひらがなの読み")
    row.required("source", "この行の出典")
    return word, reading
