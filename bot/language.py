"""Which language a message is in: the frame of the reply follows it."""

import re

from bot.message import Lang
from knowledge.text import morphemes

_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|“[^”]*”|\"[^\"]*\"|《[^》]*》")
_HIRAGANA = re.compile("[ぁ-ゖ]")
_KANA = re.compile("[ぁ-ゖァ-ヺー]")
_HAN = re.compile("[一-鿿]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z']+")
_ASKS_EASY = re.compile(r"(やさしい|易しい|簡単な|かんたんな)\s*(日本語|にほんご)\s*で")
_SOME_KANA = 10
_SOME_NOUNS = 2
_LEFT_IN_KANA = frozenset(
    "もの こと ところ とき ため ほう うち あと いま みなさん まち まちづくり はず わけ それぞれ".split()
)

# Characters of simplified Chinese that Japanese never writes.
_SIMPLIFIED = re.compile(
    "[们这说对时发设电话请问谁还让给从动业东车书长门见员产关习乡级经营络组织个么吗哪您够厅厂邮码获奖龙岛鱼鸟农亲办处协华单卖历压县双变叶"
    "启园围圆图团场块坏执扩护报拥择换损显机杂权极构标树样桥欢汉济测满热爱环现盖监盘础确离种积稳穷笔签简类粮紧红约纪纯线练细终结绍统绩维综绿编网"
    "罗职联肃脑艺节范药蓝虑观规视觉计订认讨训议讯记讲许论证识诉词译试诗询该详语误读课调谈谢负财责败质贸费资赏赛赶转轮软轻较输达过运进远连适选邻烧"
    "郑钟钱铁银错镇间闻阳阴际陆险随难须顾项预领频题额飞饭饮馆验]"
)
# Words of Chinese grammar, also in traditional characters.
_CHINESE = re.compile(
    "[嗎呢吧麼你妳們這沒]|請問|謝謝|您好|哪[裡里個]|怎樣|多少|應該|是否|的(?:日期|时间|時間|地点|電話|电话|地址|名称|内容|目的|人数|金额)(?:是|[?？]|$)|是[?？]|是$|我(?:家|的|要)|(?<![完終修満校読未])了(?:[。,!?！？]|$)|我(?:[在不想要是住有的很也会會能可覺觉爱愛好就没去来來]|们|們)|(?:可以|能)[^ぁ-ゖ]{1,12}[嗎吗]|是(?:什|哪|誰)"
)


def detect(text: str) -> Lang:
    """The language of cleaned `text`. Kanji alone are Japanese; Chinese needs its own characters or grammar words.

    Names in quotation marks do not decide. `ja-easy`: asked for, or kana with spaces or in place of kanji.
    """
    bare = _QUOTED.sub(" ", text) or text
    if not _HIRAGANA.search(bare):
        if _SIMPLIFIED.search(bare) or _CHINESE.search(bare):
            return Lang.ZH
        if _mostly_english(bare):
            return Lang.EN
    return Lang.JA_EASY if _ASKS_EASY.search(text) or _spaced_kana(text) or _kana_for_kanji(text) else Lang.JA


def _mostly_english(text: str) -> bool:
    letters = sum(map(len, _LATIN_WORD.findall(text)))
    return letters > 0 and letters >= len(_KANA.findall(text)) + len(_HAN.findall(text))


def _spaced_kana(text: str) -> bool:
    """Three or more words set apart by spaces, nearly all of them kana; two, where all are."""
    runs = [run for run in re.split(r"\s+", text) if _HIRAGANA.search(run)]
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    return (len(runs) >= 3 and kana >= 8 * han) or (len(runs) == 2 and not han)


def _kana_for_kanji(text: str) -> bool:
    """No kanji at all, although several of the nouns are usually written with them: でんわばんごうを おしえて."""
    if _HAN.search(text) or len(_HIRAGANA.findall(text)) < _SOME_KANA:
        return False
    nouns = {
        m.surface() for m in morphemes(text) if m.part_of_speech()[1] == "普通名詞" and _HAN.search(m.normalized_form())
    }
    return len({noun for noun in nouns if _HIRAGANA.match(noun) and len(noun) > 1} - _LEFT_IN_KANA) >= _SOME_NOUNS
