"""What a place is to the person who names it: the matter's place, the asker's home, somebody's origin, an aside."""

import re
from enum import IntEnum

from knowledge.gazetteer import Mention
from knowledge.text import normalise

_WINDOW = 40  # characters on each side of a name that say what it is to the asker


def any_of(words: str) -> str:
    """One of the expressions in `words`, which are set apart by white space; _ stands for a space."""
    return "(?:" + "|".join(words.split()).replace("_", " ") + ")"


_HOME_AFTER = re.compile(
    r"\s*[市町村県都府]?\s*(?:に|で)?\s*は?(?:今|いま|現在|長く|ずっと|\d+年|数年)?\s*"
    + any_of(
        """
        住んで 住む 住まい 暮らして くらして すんで 在住 出身 育ち 生まれ 勤めて 勤務 単身赴任 から来 からき
        から移 から引っ越 から嫁 に実家 が実家 に自宅 から(?:参加|通|応援|電話|連絡|問い合わせ|ですが|ですけど)
        """
    )
)
_HOME_BEFORE = re.compile(
    any_of("(?:実家|出身|住まい|自宅|住所|住んでいるの|居住地|生まれ|地元|家)[はが]")
    + r"\s*$|\b"
    + any_of("live living lives lived reside residing based born from moved_from come_from work")
    + r" (?:in |at |from )?(?:the )?$|(?:住在|来自|家在)\s*$"
)
_PEOPLE = any_of(
    """
    会社 企業 大学 学生 人(?!口) 方(?!面) ひと 業者 客 お客 観光客 団体 本社 本店 社員 クリエイター メーカー
    大手 ボランティア 専門家 講師 事業者 旅行会社 仲間 代理店 コンサル 自治体 サポーター 消費者 飲食店 百貨店 市場
    アンテナショップ
    """
)
_KIN = any_of("友人 友だち 友達 知人 知り合い 親(?!子) 息子 娘 両親 家族 親戚 ファン 人たち?が来 人に来")
_OF = r"\s*[市県都府]?\s*(?:の|にある|にいる|からの|から来た|在住の)\s*"
_ASKER_AFTER = re.compile(
    rf"\s*[市県都府]?\s*の\s*{_PEOPLE}\S{{0,6}}?(?:です|でして|を経営|をして|で働|に勤|の者|と申)"
)
_ORIGIN_AFTER = re.compile(
    rf"{_OF}(?:{_PEOPLE}|{_KIN})"
    + r"|\s*"
    + any_of(
        """
        に本社 から(?:車で|電車で|バスで|約|およそ)*[0-9] から(?:ほど)?近 に近い
        から\\S{1,12}?[にへ](?:嫁|来|き[たてま]|引っ越|越し|戻|転|通|やって)
        """
    )
    + r"|'s? (?:company|university|student)|(?:的|来的)(?:公司|大学|学生|企业)"
)
_WITH = r"(?:たち|達|さん)*(?:と(?!し)|から|を|に|へ|向け)"
_COMPANION_AFTER = re.compile(rf"{_OF}{_PEOPLE}{_WITH}")
_ASIDE_AFTER = re.compile(
    rf"{_OF}{_KIN}{_WITH}"
    + r"|\s*"
    + any_of(
        """
        から(?:来|き|観光|修学|の) 方面から 向け 行き 発 産 に(?:出荷|販売|売|発送) 並み のよう(?:に|な) みたい
        と同じ を参考 の事例 に負け に次ぐ フェア 物産 の物産 グルメ 食材 の食材 の特産品を(?:売|紹介) ラ[ー-]メン
        メロン 名物
        """
    )
    + r"|'s? (?:friend|people|tourist|visitor)|(?:的|来的)(?:朋友|游客|客人)"
)
COMING = re.compile(r"移住|移り住|引っ越|引越|転居|[iu]タ[ー-]ン|\bmov(?:e|ing) to\b|relocat|搬到|移居")
_DENIED_AFTER = re.compile(
    r"\s*(?:の(?:ほう|方|話|こと|件))?\s*"
    + any_of(
        """
        ではなく じゃなく でなく ではありません じゃありません ではない じゃない でない 以外 はやめ をやめ
        は中止 から変わ から変更 は間違い は誤り は(?:違|ちが)[いう] は関係[なあ] は対象外
        と[書言][いっ][たてま].{0,8}(?:間違|誤|違)
        """
    )
)
_DENIED_BEFORE = re.compile(r"(?:\bnot (?:in |at |for )?|instead of |rather than |不是|并非|不在)$")
# 北海道 in the name of a programme is no place: わが村は美しく-北海道, 「でっかいどう北海道」
_PROGRAMME_BEFORE = re.compile(r"(?:わが|我が)村は美しく[-‐-―ー~・\s]*$|[「『][^」』]+$")
_MOVED_AFTER = re.compile(r"\s*から\s*\S{1,12}?(?:に|へ)\s*(?:変わ|変更|移|なり|切り替|うつ)")

JOINED = re.compile(r"\s*(?:と|や|、|,|・|/|及び|および|ならびに|並びに|and|&|和|与)\s*")
PEOPLE_JOINED = re.compile(rf"\s*の\s*{_PEOPLE}\s*(?:と|や|、|・)\s*")


class Role(IntEnum):
    """How a place relates to the matter; smaller is nearer. The matter's place is looked for down to COMPANION."""

    MATTER = 0
    HOME = 1
    ORIGIN = 2
    COMPANION = 3
    ASIDE = 4
    DENIED = 5


def role_of(text: str, mention: Mention) -> Role:
    """The role of `mention` in `text`, from the words beside it."""
    before = normalise(text[max(0, mention.start - _WINDOW) : mention.start])
    after = normalise(text[mention.end : mention.end + _WINDOW])
    if _DENIED_AFTER.match(after) or _MOVED_AFTER.match(after) or _DENIED_BEFORE.search(before):
        return Role.DENIED
    if _ASIDE_AFTER.match(after) or (mention.name == "北海道" and _PROGRAMME_BEFORE.search(before)):
        return Role.ASIDE
    if _COMPANION_AFTER.match(after):
        return Role.COMPANION
    if _ORIGIN_AFTER.match(after) and not _ASKER_AFTER.match(after):
        return Role.ORIGIN
    if _HOME_AFTER.match(after) or _ASKER_AFTER.match(after) or _HOME_BEFORE.search(before):
        return Role.HOME
    return Role.MATTER
