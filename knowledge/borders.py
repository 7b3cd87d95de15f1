"""Is a string of characters a place name where it stands? Word borders and the evidence around it."""

import re
from dataclasses import dataclass
from functools import cached_property

from knowledge.spelling import Folded
from knowledge.text import morphemes


def _any(words: str) -> str:
    """One of the expressions in `words`, which are set apart by white space."""
    return "(?:" + "|".join(words.split()) + ")"


_TITLE = _any(
    """
    さん 氏 様 さま くん 君 ちゃん 先生 社長 会長 部長 課長 係長 主任 議員 選手 監督 教授 と申し といいま
    と言いま ともうし
    """
)
_PERSON = re.compile(f"[ ]?{_TITLE}")
_PERSON_WITH_GIVEN_NAME = re.compile(f"[ ]?[一-龥]{{1,3}}[ ]?{_TITLE}")
_MISTER = re.compile(r"\b(?:mr|ms|mrs|dr|prof|miss)\.? $")
_PREPOSITION = re.compile(
    r"\b" + _any("in at to near from of around for visit visiting between and or") + " (?:the )?$"
)
_SUFFIX = re.compile(
    "[ ]?"
    + _any(
        """
        管内 郡 駅 役場 市(?!場) 町 村 ちょう まち(?!づくり|おこし|なか|あ|が) むら そん(?=[でにのはがをと])
        地区 商工会 農協 漁協 観光協会 高校
        """
    )
)
_LOCATIVE = re.compile(
    "[ ]?(?:"
    + "で(?!す|し[たょて]|あ[るっり]|は(?:な|あ)|も(?:な|あ)|きる|き[たて])"
    + "|に(?:は|も)?"
    + _any(
        """
        住 す[むん] ある あり 移 引 来 き[たて] 行 いま いる おり おる 暮 くら 戻 帰 通 拠点 在 店 空き家 工場
        支店
        """
    )
    + "|へ(?:の)?(?:移|行|引|来|旅)|から(?:来|通)|在住|出身|周辺|近郊|方面|側|地域|エリア|えりあ|の"
    + _any(
        """
        商店 駅 町 村 市 まち 街 民宿 役場 観光 農協 農 商工 中心 海 山 温泉 高校 小学 中学 港 空き 団体 住民
        地域 地元 方で ほうで 牧場 漁 祭 まつり 皆 みな 酪農 畑 特産 名産 魅力 活性 人口 将来 宿 かふぇ 道の駅
        空港 公園 湖 川 森 わいん 子ども 子供 若 歴史 景観
        """
    )
    + ")"
)
_FORMER = re.compile(r"(?:旧|元の?|もとの|かつての)$")
_FORMER_AFTER = re.compile(r"(?:町|村|地区|地域|支所|総合支所|駅)")
_QUICK_LEFT = frozenset("郡道県都府旧元現各新")
_QUICK_RIGHT = frozenset("市町村区郡駅管方周近沿側産発圏在出等港")
_CHINESE_LEFT = frozenset("在从從到去于於住我和是想把对對的往回及与與离離由来來")
_HIRAGANA_LEFT = frozenset("はがのをにとでもやへらか")
_HIRAGANA_RIGHT = re.compile(
    r"(?:で|に|の|は|が|を|と|も|へ|から|まで|や|です|だ|じゃ|って|よ|か|ちょう|まち|むら|しない|し(?=[でにのはがをともへか、。]|$)"
    r"|えき|くうこう|おんせん|やくば|しやくしょ|ちいき|かんない|ほう)"
)
_ALONE_BEFORE = re.compile(
    r"[\s「『、。]*(?:"
    + _any(
        """
        やっぱり やはり はい えっと ええと 場所は 場所なら それなら じゃあ では いえ いいえ いや あ ばしょは
        it's it\\sis in
        """
    )
    + r"[\s、,。]*)*"
)
_ALONE_AFTER = re.compile(
    r"[\s」』]*(?:の(?:ほう|方))?(?:です|だ|でーす|になります|かな|だよ|でお願いします|だけど|ですけど|ですが|ね|よ)*[\s。.!、]*"
)


_WINDOW = 24  # characters on each side of a name that can be evidence


@dataclass(frozen=True)
class Reading:
    """A text beside its folded form. Positions are those of the folded form unless said otherwise."""

    original: str
    folded: Folded

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        return self.folded.origins[start], self.folded.origins[end]

    def is_all(self, start: int, end: int) -> bool:
        """The message is this name and polite words."""
        text = self.folded.text
        return bool(_ALONE_BEFORE.fullmatch(text[:start]) and _ALONE_AFTER.fullmatch(text[end:]))

    def stands_alone(self, start: int, end: int, script: str, *, full: bool, after_place: bool) -> bool:
        """Whether the name begins and ends where words do. `full`: it carries its 市, 町, 村 or is an office."""
        if script == "A":
            return not self._latin_at(start - 1) and not self._latin_at(end)
        if script == "K":
            return self._kanji_borders(start, end, full=full, after_place=after_place)
        scripts = self.folded.scripts[start:end]
        if "T" in scripts:
            if "H" in scripts:
                return False
            touching = self._script(start - 1) == "T" or self._script(end) == "T"
            return not touching or self._words_meet(start, end)
        return self._hiragana_borders(start, end, full=full, after_place=after_place)

    def supports(self, rule: str, start: int, end: int, *, full: bool) -> bool:
        """Whether the text around gives the evidence that `rule` asks for, and it is not a person's name."""
        before = self.folded.text[max(0, start - _WINDOW) : start]
        after = self.folded.text[end : end + _WINDOW]
        if not full and (_PERSON.match(after) or _MISTER.search(before)):
            return False
        if rule in ("", "elsewhere", "kana"):
            return True
        if _PERSON_WITH_GIVEN_NAME.match(after):
            return False
        if rule == "latin":
            return self._capital(start) and bool(_PREPOSITION.search(before))
        if rule == "old":
            return bool(_FORMER.search(before) or _FORMER_AFTER.match(after))
        if _SUFFIX.match(after) or (self._chinese and before.endswith(("在", "去", "到", "住"))):
            return True
        return rule == "locative" and (bool(_LOCATIVE.match(after)) or self._tagged_as_place(start, end))

    # ── borders ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _script(self, position: int) -> str:
        return self.folded.scripts[position] if 0 <= position < len(self.folded.scripts) else "O"

    def _latin_at(self, position: int) -> bool:
        return self._script(position) == "A" and self.folded.text[position].isascii()

    def _capital(self, position: int) -> bool:
        return self.original[self.folded.origins[position]].isupper()

    def _kanji_borders(self, start: int, end: int, *, full: bool, after_place: bool) -> bool:
        text = self.folded.text
        inner = self.folded.scripts[start] == "K" and self._script(start - 1) == "K"
        left = inner and not after_place and text[start - 1] not in _QUICK_LEFT
        right = not full and self._script(end) == "K" and self._script(end - 1) == "K" and text[end] not in _QUICK_RIGHT
        if self._chinese:
            left, right = left and text[start - 1] not in _CHINESE_LEFT, False
        return not (left or right) or self._words_meet(start if left else None, end if right else None)

    def _hiragana_borders(self, start: int, end: int, *, full: bool, after_place: bool) -> bool:
        text = self.folded.text
        left = self._script(start - 1) != "H" or after_place
        if not left:
            left = text[start - 1] in (_HIRAGANA_LEFT if full or end - start >= 4 else "はのがも")
        if self._script(start - 1) == "K" and not after_place:  # 戦いぶり: the ending of a verb, or a word of its own?
            left = self._words_meet(start, None)
        right = self._script(end) != "H" or bool(_HIRAGANA_RIGHT.match(text, end))
        return left and right

    def _words_meet(self, start: int | None, end: int | None) -> bool:
        """Words of the analyser begin at `start` and end at `end` (None: not asked)."""
        begins, _ = self._words
        origins = self.folded.origins
        return (start is None or origins[start] in begins) and (end is None or origins[end] in begins)

    def _tagged_as_place(self, start: int, end: int) -> bool:
        if self._script(end) == "K":
            return False
        return self.original_span(start, end) in self._words[1]

    @cached_property
    def _chinese(self) -> bool:
        """A text without any kana: the analyser knows no Chinese words."""
        return not any(script in "HT" for script in self.folded.scripts)

    @cached_property
    def _words(self) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
        """Where words begin, and which words the analyser holds for place names; for the first 10,000 characters."""
        found = morphemes(self.original[:10_000])
        places = {(m.begin(), m.end()) for m in found if m.part_of_speech()[2] == "地名"}
        return frozenset({0, len(self.original), *(m.begin() for m in found)}), frozenset(places)
