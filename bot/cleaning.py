"""What of a message reaches the rest: hidden characters out, instructions to the machine out, the question stays.

People paste; attackers paste too. An instruction about how to answer is never followed, and never a reason to refuse
the question beside it.
"""

import re
import unicodedata
from dataclasses import dataclass

from knowledge.desks import matchable, pattern
from knowledge.text import sentences

# Unicode tags, zero-width, bidirectional and variation marks, control characters; a line break and a tab stay.
_HIDDEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_PILED_MARKS = re.compile("(?<=[\u0300-\u036f])[\u0300-\u036f]+")

# Blocks that pretend to be a system message or a conversation.
_BLOCKS = re.compile(
    r"<\s*(system|instructions?|admin|assistant|prompt)\b[^>]*>.*?(<\s*/\s*\1\s*>|$)"
    r"|\[\s*(?:system|inst)\s*\].*?(\[\s*/\s*(?:system|inst)\s*\]|$)"
    r"|\[\s*system[^\]]*\]|<\|[^|>]{1,30}\|>",
    re.IGNORECASE | re.DOTALL,
)
_IMAGES = re.compile(r"!\[[^\]]*\]\([^)\s]*\)")
# Pasted text: a block in which somebody addresses the machine goes as a whole.
_PASTED = re.compile(r"<<<.*?>>>|```.*?```|『[^』]*』|\"{3}.*?\"{3}", re.DOTALL)
_PHONE = re.compile(r"0\d{1,4}[-(]\d{1,4}[-)]\d{3,4}")

# Clauses that go while the rest of their sentence stays. Matched on the text after NFKC.
_CLAUSES = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        r"(?:これまで|今まで|いままで|以前|前|上|上記|ここまで|すべて|全て|全部|あなた|システム|元|初期|最初|内部)(?:の|に与えられた)"
        r"(?:すべての|全ての|全部の|会話や)?(?:指示|命令|ルール|設定|制約|前提|プロンプト|ガイドライン|規則|会話)[^、。\n]{0,12}"
        r"(?:忘れ|無視し|破棄し|リセットし|捨て|解除し|上書きし)(?:て(?:ください|下さい|くれ)?|ろ|せよ|、)?[、。]?",
        r"(?:please\s+)?\b(?:ignore|disregard|forget|override|bypass)\s+(?:(?:all|any|the|your|my|of|these|those)\s+)*"
        r"(?:(?:previous|prior|above|earlier|preceding|system|safety)\s+)*(?:instructions?|rules?|prompts?|guidelines?|messages?|"
        r"restrictions?)(?:\s+(?:above|before|so far|you (?:were|have been) given))?\s*(?:[,.;:]|\band\b|\bthen\b)?",
        r"(?:请)?(?:忽略|无视|忘记|忘掉|忽視|無視)(?:你|您)?(?:之前|以前|上面|前面|以上|所有|全部)?(?:的)?(?:所有|全部)?(?:的)?"
        r"(?:指示|指令|规则|規則|命令|提示)[,,。;]?",
        r"(?:(?:「?(?:知らない|分からない|わからない|資料にない|不明)」?(?:とは|と|など(?:とは|と))?|分からなくても|無くても|なくても)"
        r"(?:絶対に|決して)?(?:言わず|言わない|答えず|書かず|断ら(?:ず|ない)|逃げ(?:ず|ない))(?:で|に)?[、,]?)",
        r"(?:必ず|絶対に)?(?:断定(?:で|的に|口調で|して)|言い切って|断言して)[、,]?",
        r"(?:それらしい|もっともらしい|適当な|架空の)(?:出典|URL|数字|日付|根拠|リンク|資料名?)(?:の?URL)?(?:も|を|まで)?"
        r"(?:作って|つけて|付けて|添えて|書いて|でっちあげて)[、,]?",
        r"出典(?:は|なんか)(?:気にせず|なくていい|不要)[^、。]{0,6}[、,]?|もっともらしく|それらしく",
        r"(?:それ|これ|その(?:番号|情報|内容))(?:で|が)(?:合って|正し|間違いな)[^、。]{0,8}(?:前提|もの|こと)(?:で|として|に)[、,]?",
        r"「?(?:未確認|不明|わからない|分からない|確認できない)」?(?:とは|と|などと)(?:絶対に)?(?:書か|言わ|答え)(?:ないで|ずに|ないこと)(?:ください)?",
        r"(?:推測|想像|嘘|うそ|適当|でたらめ)で(?:も)?(?:いい|良い|よい|構わない|かまわない)(?:ので|から|です)?[、,]?",
    )
)

# Sentences that go as a whole: how to answer from now on, what to append, whom to be. On `matchable` text.
_INSTRUCTIONS = tuple(
    pattern(text)
    for text in (
        r"(これから|今後|以後|以降|今から|次から|次の(質問|回答|返事|発言)から|毎回|何を聞かれても|どんな質問|(すべて|全て)の(回答|返事|質問))"
        r"(は|も|に(は|も)?|の|、|すべて|全て|必ず|ずっと|でも)?.*"
        r"(答え|回答し|回答の|返事し|返答し|返し|案内し|出力し|付け|つけ|言っ|言い|名乗|話し|表示し|ふるまっ|断定)",
        r"(回答|返事|返答|答え|応答|文章?|メッセージ|出力|文末|語尾)の?(末尾|最後|冒頭|先頭|文頭|文末|中|頭|前後?|後ろ?)?(に|には|は|を)"
        r".*(必ず|毎回|いつも|そのまま).*(付け|つけ|入れ|添え|書い|挿入し|加え|表示し|し)(て|ろ|なさい|る)",
        r"(回答|返事|返答|答え|応答)の?(末尾|最後|冒頭|先頭|文頭|文末|中|頭)(に|には|で).*(付け|つけ|入れ|添え|書い|挿入し|加え|表示し)",
        r"と(だけ|のみ|しか)(答え|返|言|出力|回答|書|表示|案内|述べ|発言)",
        r"(?<!相談)(だけ|のみ)を(出力|返答|表示)し(て|ろ|なさい)",
        r"(システム|管理者|開発者|デバッグ|メンテナンス|root|admin|developer|debug|god|dan)(モード| ?mode)(を|に|が|は)?"
        r"(有効|起動|移行|オン|入|on|enabled|activated)?",
        r"※?(ai|ボット|bot|チャットボット|アシスタント|assistant)(へ|に対する|向け)の?(命令|指示|お願い|メッセージ)",
        r"^(system|システム|admin|管理者|assistant)(より|から|メッセージ|通知)?[:>]",
        r"(あなた|きみ|君|お前|おまえ)は(今から|これから|今日から|本日より|もう|実は)[^。]*(です|だ|になりました|になる|として|なりき)",
        r"(になりきっ|になったつもりで|のふりをし)て.*(答え|話し|書い|返事し|回答し)",
        r"(ルール|制限|制約|検閲|フィルター?|規制)(なし|無し|解除|なく|ゼロ)|(ルール|制限)(を|は)?解除|何でも(答え|言って|話し|ok|断定)",
        r"」?と(返事|返答|返信|復唱|宣言)(し|せ)|(案内|回答|言及|使用|説明)(は|を|するのは)(禁止|しない(で|こと)|やめ|控え)",
        r"(を読んだ|を処理する|である)(ai|アシスタント|bot|ボット)は",
        r"^(you are now|from now on|act as|pretend (to be|you are|that)|roleplay)\b",
        r"\b(from now on|for (all|every) (future|following)|in every (answer|reply)|always (end|begin|start|append|answer with|reply with))\b",
        r"^(now )?(reply|respond|answer|say|output|print|write|return)( to me)?( with)?( only| exactly| just| nothing but)+\b",
        r"^(say|print|output|write|repeat)\b.*\b(and nothing else|only|verbatim|exactly)\b",
        r"(从现在(开始|起)|今后|以后)[^。]*(回答|回复|说|加上|输出)|(只|仅)(回答|回复|输出|说)",
    )
)

# News about our own data that a message claims: never taken over, whoever says so.
_CORRECTIONS = tuple(
    pattern(text)
    for text in (
        r"(電話|番号|住所|連絡先|窓口|url|アドレス|メール|所在地|宛先|サイト)[^。]*(変わ(り|った|って)|変更(に|さ|し|済|と)|一本化|切り?替わ|移転し|改め(ら|ま)|"
        r"が正し|は正しく|は間違|は誤り|は古|も古|は廃止|に更新)",
        r"(この|上記の|以下の|今の)?(訂正|更新|変更|通知|修正)(情報|内容)?を(優先|採用|反映|正と)",
        r"^【?(訂正|修正|更新|変更)(の?(お知らせ|通知|情報))?】?$",
        r"\b(phone|number|address|contact|office|e-?mail|url)\b.*\b(has changed|was changed|is now|is outdated|is wrong|changed to)\b",
        r"(电话|号码|地址|联系方式).*(改成|变更为|改为|更新为|已变更)",
    )
)
_CALLED = pattern("着信|履歴|かか(って|り)|電話が(あ|来)|留守電|不在|残って|表示され|missed call|called me|来电")
_ASKS = pattern(r"([?]|か[。!]?|かな[。!]?|の[?]|でしょう|吗|呢)$|(は|を教えて(ください)?|を知りたい(です)?)[。!]?$")


_BORDERS = re.compile(
    r"(?<=】)|(?=※)|(?<=[.!?]['\"])\s+(?=[A-Z])|(?<=['\")][.!?])\s+(?=[A-Z])|(?<=[a-z0-9][.!?])\s+(?=['\"A-Z])"
)


@dataclass(frozen=True, slots=True)
class Stripped:
    """`text`: what is left. `instructed`: an instruction went. `corrected`: a claimed change of our data went."""

    text: str
    instructed: bool
    corrected: bool


def clean(text: str) -> str:
    """NFKC of `text` without hidden and control characters, piled-up marks and outer white space."""
    return _PILED_MARKS.sub("", unicodedata.normalize("NFKC", _HIDDEN.sub("", text))).strip()


def strip_instructions(text: str) -> Stripped:
    """The cleaned `text` without what tells the machine how to answer or what to believe."""
    rest = _BLOCKS.sub("\n", _PASTED.sub(_without_instructions, _IMAGES.sub("画像", text)))
    instructed = rest != text
    kept: list[str] = []
    corrected = False
    for sentence in _pieces(rest):
        remainder = _without_clauses(sentence)
        instructed |= remainder != sentence
        if not remainder:
            continue
        form = matchable(remainder)
        asks = _ASKS.search(form)
        if not asks and _claims(form):
            corrected = True
        elif not asks and any(p.search(form) for p in _INSTRUCTIONS):
            instructed = True
        else:
            kept.append(remainder)
    if not (instructed or corrected):
        return Stripped(text, instructed=False, corrected=False)
    return Stripped("\n".join(kept), instructed, corrected)


def _without_instructions(block: re.Match[str]) -> str:
    form = matchable(block.group())
    return "\n" if any(p.search(form) for p in _INSTRUCTIONS) else block.group()


def _claims(form: str) -> bool:
    """A statement of what our contact data are said to be; a number on somebody's display is none."""
    number = _PHONE.search(form) and not _CALLED.search(form)
    return bool(number) or any(p.search(form) for p in _CORRECTIONS)


def _pieces(text: str) -> list[str]:
    """Sentences; a bracketed head such as 【訂正のお知らせ】 stands alone."""
    return [piece for s in sentences(text) for piece in _BORDERS.split(s) if piece.strip()]


def _without_clauses(sentence: str) -> str:
    for clause in _CLAUSES:
        sentence = clause.sub("", sentence)
    return sentence.strip(" 　、,;:")
