"""Words around a name that make it a place, a person or neither. Patterns on folded text (see `knowledge.spelling`).

The rules of places.csv ask for them: `suffix` 市町村 and what only a place has; `locative` that, or what one does at a
place; `old` 旧 before or a section of a town behind; `kana` only the name in kanji goes without; `elsewhere` the name
is as likely in another city.
"""

import re


def _any(words: str) -> str:
    """One of the expressions in `words`, which are set apart by white space."""
    return "(?:" + "|".join(words.split()) + ")"


TITLE = _any(
    """
    さん 氏 様 さま くん 君 ちゃん 先生 社長 会長 部長 課長 係長 主任 議員 選手 監督 教授 と申し といいま
    と言いま ともうし
    """
)
PERSON = re.compile(f"[ ]?{TITLE}")
PERSON_WITH_GIVEN_NAME = re.compile(f"[ ]?[一-龥]{{1,3}}[ ]?{TITLE}")
MISTER = re.compile(r"\b(?:mr|ms|mrs|dr|prof|miss)\.? $")
PREPOSITION = re.compile(r"\b" + _any("in at to near from of around for visit visiting between and or") + " (?:the )?$")
SUFFIX = re.compile(
    "[ ]?"
    + _any(
        """
        管内 郡 駅 役場 市(?!場) 町 村 ちょう まち(?!づくり|おこし|なか|あ|が) むら そん(?=[でにのはがをと])
        地区 商工会 農協 漁協 観光協会 高校
        """
    )
)
LOCATIVE = re.compile(
    "[ ]?(?:"
    + "で(?!す|し[たょて]|あ[るっり]|は(?:な|あ)|も(?:な|あ)|きる|き[たて])"
    + "|に(?:は|も)?"
    + _any(
        """
        住 す[むん] ある あり 移 引 来 き[たて] 行 いま いる おり おる 暮 くら 戻 帰 通 拠点 在 店 空き家 工場
        支店
        """
    )
    + "|へ(?:の)?(?:移|行|引|来|旅)|から(?:来|通|の相談)|を(?:盛り|元気|活性|訪)|"
    + _any("ならでは の者 在住 出身 周辺 近郊 方面 側 地域 エリア えりあ")
    + "|の"
    + _any(
        """
        商店 駅 町 村 市 まち 街 民宿 役場 観光 農協 農 商工 中心 海 山 温泉 高校 小学 中学 港 空き 団体 住民
        地域 地元 方で ほうで 牧場 漁 祭 まつり 皆 みな 酪農 畑 特産 名産 魅力 活性 人口 将来 宿 かふぇ 道の駅
        空港 公園 湖 川 森 わいん 子ども 子供 若 歴史 めろん すいか 米 野菜 果物 魚 牛 酒 豆 そば 景観
        """
    )
    + ")"
)
PLACE_IS = re.compile(_any("場所 地域 市町村 町 まち 舞台 会場 開催地 地元 故郷 ふるさと 拠点 活動地") + "[はのが]、?$")
INTRODUCED = re.compile(
    _any(
        """
        私は わたしは 僕は 俺は はじめまして 初めまして こんにちは 名前は 代表は 担当の 担当は 係の 課の 会長の
        委員の 世話になります
        """
    )
    + "[、。 ]*$|"
    + _any("this\\sis my\\sname\\sis i\\sam i'm")
    + " $"
)
SELF = re.compile(_any("です でございます と より が(?:担当|話|言|申) の(?:妻|夫|母|父|娘|息子) 宛"))
NOT_BY_TAG = re.compile(_any("より が(?:担当|話|言|申) の(?:妻|夫|母|父|娘|息子) 宛"))
FORMER = re.compile(r"(?:旧|元の?|もとの|かつての)$")
FORMER_AFTER = re.compile(r"(?:町|村|地区|地域|支所|総合支所|駅)")
QUICK_LEFT = frozenset("郡道県都府旧元現各新")
QUICK_RIGHT = frozenset("市町村区郡駅管方周近沿側産発圏在出等港")
CHINESE_LEFT = frozenset("在从從到去于於住我和是想把对對的往回及与與离離由来來")
HIRAGANA_LEFT = frozenset("はがのをにとでもやへらか")
HIRAGANA_RIGHT = re.compile(
    r"(?:で|に|の|は|が|を|と|も|へ|から|まで|や|です|だ|じゃ|って|よ|か|ちょう|まち|むら|しない|し(?=[でにのはがをともへか、。]|$)"
    r"|えき|くうこう|おんせん|やくば|しやくしょ|ちいき|かんない|ほう)"
)
ALONE_BEFORE = re.compile(
    r"[\s「『、。]*(?:"
    + _any(
        """
        やっぱり やはり はい えっと ええと 場所は 場所なら それなら じゃあ では いえ いいえ いや あ ばしょは
        it's it\\sis in
        """
    )
    + r"[\s、,。]*)*"
)
ALONE_AFTER = re.compile(
    r"[\s」』]*(?:の(?:ほう|方))?(?:です|だ|でーす|になります|かな|だよ|でお願いします|だけど|ですけど|ですが|ね|よ)*[\s。.!、]*"
)
