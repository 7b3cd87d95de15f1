"""Which language somebody wants to be answered in, where they say so: 「ふりがなをつけて」 "in English please".

A wish holds for the conversation until another one. Pure.
"""

import re
from dataclasses import dataclass, replace

from bot.cleaning import clean
from bot.conversation import Memory
from bot.language import detect
from bot.message import Lang
from bot.triage import MAX_CHARS

_SPACE = r"[ \u3000]*"
_FROM_NOW = (
    rf"(?:(?:これから|以後|今後|次から|つぎから)は?[、,]?{_SPACE})?(?:もっと|もう少し|もうすこし|もうちょっと)?{_SPACE}"
)
_PLEASE = (
    rf"{_SPACE}(?:教え|おしえ|答え|こたえ|説明し|せつめいし|話し|はなし|言っ|いっ|書い|かい|して|し|おねがい|お願い|頼み|たのみ)"
    rf"(?:て)?{_SPACE}(?:ください|下さい|くださいませんか|いただけますか|もらえますか|くれますか|ほしいです|欲しいです"
    r"|します|できますか|いたします|です)?"
)
_END = r"(?=[。、,.!?！？\s]|$)"
_EASY = (
    r"(?:やさしい|易しい|優しい|簡単な|かんたんな|わかりやすい|分かりやすい|平易な)"
    rf"{_SPACE}(?:日本語|にほんご|ことば|言葉)"
)
_READ = r"(?:ふりがな|フリガナ|振り仮名|ルビ|よみがな|読みがな|読み仮名)"
_PLAIN = rf"(?:ふつう|普通|通常|いつも|もと|元){_SPACE}の{_SPACE}(?:日本語|にほんご|ことば|言葉|言い方|話し方)"
_PUT = rf"(?:つけて|付けて|ふって|振って|入れて|いれて){_SPACE}(?:ください|下さい|くれますか|もらえますか|ほしいです)?"
_OFF = r"(?:いりません|いらない(?:です)?|要りません|不要です|外して|はずして|やめて|けして|消して)(?:ください|下さい)?"

_PATTERNS: tuple[tuple[Lang, tuple[str, ...]], ...] = (
    (
        Lang.JA_EASY,
        (
            rf"{_FROM_NOW}{_EASY}{_SPACE}(?:で|に|を)(?:{_PLEASE})?{_END}",
            rf"{_EASY}{_SPACE}(?:おねがいします|お願いします){_END}",
            rf"{_FROM_NOW}(?:かんたん|簡単|やさしく|易しく|わかりやすく|分かりやすく){_SPACE}に?{_PLEASE}{_END}",
            rf"(?:漢字|かんじ)に{_SPACE}{_READ}{_SPACE}(?:を|も)?{_SPACE}{_PUT}(?:{_PLEASE})?{_END}",
            rf"{_READ}{_SPACE}(?:を|も)?{_SPACE}{_PUT}(?:{_PLEASE})?{_END}",
            rf"{_READ}{_SPACE}(?:つき|付き)で(?:{_PLEASE})?{_END}",
            rf"(?:漢字|かんじ)(?:が|は){_SPACE}(?:読め|よめ|わかり|分かり)(?:ません|ない(?:です|んです)?){_END}",
            r"(?:please )?(?:answer |reply |respond |explain )?in (?:easy|simple|plain) japanese(?:,? please)?",
            r"(?:请)?用(?:简单的?|浅显的?)日[语文](?:回答|说|告诉我)?",
        ),
    ),
    (
        Lang.JA,
        (
            rf"{_PLAIN}(?:で|に)(?:{_SPACE}(?:戻し|もどし)て(?:ください|下さい)?|{_PLEASE})?{_END}",
            rf"(?:{_READ}|{_EASY}){_SPACE}(?:は|を|で)?{_SPACE}(?:もう|話すのを)?{_SPACE}{_OFF}{_END}",
            rf"{_FROM_NOW}日本語で(?:{_PLEASE})?{_END}",
            r"(?:please )?(?:answer|reply|respond|speak|write)(?: to me)? in (?:normal |plain )?japanese(?:,? please)?",
            r"(?:请)?用日[语文](?:回答|说|告诉我)?",
        ),
    ),
    (
        Lang.EN,
        (
            rf"{_FROM_NOW}(?:英語|えいご)で(?:{_PLEASE})?{_END}",
            r"(?:please |can you |could you )?(?:answer|reply|respond|speak|write|explain|switch|continue)"
            r"(?: to me)? (?:in|to) english(?:,? please)?",
            r"in english,? please|^(?:in )?english(?:,? please)?$",
            r"(?:请)?用英[语文](?:回答|说|告诉我)?",
        ),
    ),
    (
        Lang.ZH,
        (
            rf"{_FROM_NOW}(?:中国語|ちゅうごくご)で(?:{_PLEASE})?{_END}",
            r"(?:请)?(?:用|说|讲)(?:简体)?(?:中文|汉语|普通话)(?:回答|说|告诉我)?",
            r"(?:please )?(?:answer|reply|respond|speak|write)(?: to me)? in chinese(?:,? please)?|in chinese,? please",
        ),
    ),
)
_WISHES = tuple((lang, re.compile("|".join(patterns), re.I)) for lang, patterns in _PATTERNS)
_HAN = re.compile("[一-鿿々]")
_FILLER = re.compile(
    r"[\s\u3000。、,.!?！？]|お?願い(?:し|いたし)ます|おねがいします|すみません|ください|ごめんなさい|もう一度|もういちど|"
    r"難しいです|むずかしいです|わかりません|分かりません|please|sorry|thanks?|请|谢谢",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """`lang`: the language wanted. `rest`: what else was said, "" where that is nothing."""

    lang: Lang
    rest: str


def wished(text: str) -> Wish | None:
    """The wish in `text`; None where it has none. The first language of which one is found counts."""
    for lang, pattern in _WISHES:
        match = pattern.search(text)
        if match:
            rest = f"{text[: match.start()]} {text[match.end() :]}".strip()
            return Wish(lang, rest if _FILLER.sub("", rest) else "")
    return None


def heard(text: str, memory: Memory) -> tuple[Memory, str]:
    """The language to answer `text` in (`lang` of the memory), and what is to be answered. A message that only wishes
    for another language means what was last asked; "" where nothing was."""
    wish = wished(text) if len(text) <= MAX_CHARS else None
    if wish is None:
        detected = detect(clean(text[:MAX_CHARS]))
        return replace(memory, lang=_spoken(text, detected, memory.wanted, memory.lang)), text
    memory = replace(memory, lang=wish.lang, wanted=wish.lang)
    if wish.rest:
        return memory, wish.rest
    return replace(memory, question=None, pending=None), memory.question or memory.matter or ""


def _spoken(text: str, detected: Lang, wanted: Lang | None, before: Lang | None) -> Lang:
    """The language to answer in. `detected`: that of `text`; `wanted`: by the last wish; `before`: of the last reply.

    English and Chinese are answered as they are asked. Who wrote in easy Japanese goes on in it while
    they use no kanji.
    """
    if detected in (Lang.EN, Lang.ZH):
        return detected
    if wanted is not None:
        return wanted
    if before is Lang.JA_EASY and not _HAN.search(text):
        return Lang.JA_EASY
    return detected
