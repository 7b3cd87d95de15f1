"""Which of the places that a text names is the matter about? The asker's home or a corrected slip is not.

Pure: text and its Mentions → the Mentions of the matter, in order.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum

from knowledge.gazetteer import Mention
from knowledge.senses import OUTSIDE
from knowledge.text import normalise

_WINDOW = 40  # characters on each side of a name that say what it is to the asker
_WIDE = frozenset(("region", "subprefecture", "bureau", "district"))


def _any(words: str) -> str:
    """One of the expressions in `words`, which are set apart by white space; _ stands for a space."""
    return "(?:" + "|".join(words.split()).replace("_", " ") + ")"


_HOME_AFTER = re.compile(
    r"\s*[市町村県都府]?\s*(?:に|で)?\s*は?(?:今|いま|現在|長く|ずっと|\d+年|数年)?\s*"
    + _any(
        """
        住んで 住む者 住まい 暮らして くらして すんで 在住 出身 育ち 生まれ 勤めて 勤務 単身赴任 から来 からき
        から移 から引っ越 から嫁 に実家 が実家 に自宅 から(?:参加|通|応援|電話|連絡|問い合わせ|ですが|ですけど)
        """
    )
)
_HOME_BEFORE = re.compile(
    _any("(?:実家|出身|住まい|自宅|住所|住んでいるの|居住地|生まれ|地元|家)[はが]")
    + r"\s*$|\b"
    + _any("live living lives lived reside residing based born from moved_from come_from work")
    + r" (?:in |at |from )?(?:the )?$|(?:住在|来自|家在)\s*$"
)
_PEOPLE = _any(
    """
    会社 企業 大学 学生 人(?!口) 方(?!面) ひと 友人 友だち 友達 知人 知り合い 業者 客 お客 観光客 団体 親 息子
    娘 両親 家族 本社 本店 仲間 親戚 社員 クリエイター メーカー 大手 ボランティア 専門家 講師 事業者 旅行会社
    代理店 コンサル 自治体 サポーター ファン 消費者 飲食店 百貨店 市場 物産展 アンテナショップ
    """
)
_ASKER_AFTER = re.compile(
    rf"\s*[市県都府]?\s*の\s*{_PEOPLE}\S{{0,6}}?(?:です|でして|を経営|をして|で働|に勤|の者|と申)"
)
_ORIGIN_AFTER = re.compile(
    rf"\s*[市県都府]?\s*(?:の|にある|にいる|からの|から来た|在住の)\s*{_PEOPLE}"
    + r"|\s*"
    + _any(
        """
        から(?:来|き|観光|修学|の) 方面から 向け 行き 発 産 に(?:出荷|販売|売|発送) 並み のよう(?:に|な) みたい
        と同じ を参考 の事例 に本社 に負け に次ぐ フェア 物産 グルメ 食材 の食材 の特産
        から(?:車で|電車で|バスで|約|およそ)*[0-9] から(?:ほど)?近 に近い
        """
    )
    + r"|'s? (?:friend|company|university|student|people|tourist|visitor)"
    + r"|(?:的|来的)(?:朋友|公司|大学|学生|游客|客人|企业)"
)
_COMING = re.compile(r"移住|移り住|引っ越|引越|転居|[iu]タ-ン|\bmov(?:e|ing) to\b|relocat|搬到|移居")
_DENIED_AFTER = re.compile(
    r"\s*(?:の(?:ほう|方|話|こと|件))?\s*"
    + _any(
        """
        ではなく じゃなく でなく ではありません じゃありません ではない じゃない でない 以外 はやめ をやめ
        は中止 から変わ から変更 は間違い は誤り は(?:違|ちが)[いう] は関係[なあ] は対象外
        と[書言][いっ][たてま].{0,8}(?:間違|誤|違)
        """
    )
)
_DENIED_BEFORE = re.compile(r"(?:\bnot (?:in |at |for )?|instead of |rather than |不是|并非|不在)$")
_MOVED_AFTER = re.compile(r"\s*から\s*\S{1,12}?(?:に|へ)\s*(?:変わ|変更|移|なり|切り替|うつ)")
_CORRECTS = re.compile(
    _any(
        """
        やっぱり やはり 訂正 間違え 間違い 言い直 正しくは 失礼しました すみません、 ではなく じゃなく 変更し
        変わり actually i_mean sorry 更正 其实 说错 应该是
        """
    )
)
_COORDINATED = re.compile(r"\s*(?:と|や|、|,|・|/|及び|および|ならびに|並びに|and|&|和|与)\s*")


class Role(IntEnum):
    """How a mention relates to the matter; smaller is nearer."""

    MATTER = 0
    HOME = 1
    ORIGIN = 2
    DENIED = 3


def matter_places(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions that the matter is about: those of the nearest role, without areas that only contain another."""
    roles = _roles(text, mentions)
    after = _after_correction(text, mentions, roles)
    if after is not None:
        mentions, roles = mentions[after:], roles[after:]
    kept = [(m, r) for m, r in zip(mentions, roles, strict=True) if r < Role.DENIED and not _left_behind(text, m, r)]
    if not kept:
        return []
    nearest = min(role for _, role in kept)
    chosen = [mention for mention, role in kept if role == nearest]
    if nearest is Role.MATTER and all(_is_wide_or_outside(m) for m in chosen):
        chosen = _with_homes(chosen, kept)
    return narrowed(chosen)


def speaks_of_matter(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether some mention is more than the asker's home or somebody's origin."""
    return any(role is Role.MATTER for role in _roles(text, mentions))


def narrowed(mentions: Sequence[Mention]) -> list[Mention]:
    """Each place once; ambiguous ones cut to what others allow; areas that contain another place left out."""
    places = [m for m in mentions if not _is_office(m)]
    if any(m.municipalities and m.kind not in _WIDE for m in places):
        mentions = places
    cut = [_assured(_intersected(m, mentions), mentions) for m in mentions]
    unique: dict[tuple[str, tuple[str, ...]], Mention] = {}
    for mention in cut:
        unique.setdefault((mention.name, _codes(mention)), mention)
    rest = list(unique.values())
    return [m for m in rest if not any(_contains(m, other) for other in rest)]


def sharpened(mentions: Sequence[Mention], earlier: Sequence[Mention]) -> list[Mention]:
    """Ambiguous `mentions` cut to what an area of an earlier message allows (十勝 said before, then 中川郡の町)."""
    areas = [m for m in earlier if m.kind in _WIDE]
    return [_assured(_intersected(m, areas), areas) for m in mentions]


def _roles(text: str, mentions: Sequence[Mention]) -> list[Role]:
    roles = [_role(text, m) for m in mentions]
    for i in range(len(mentions) - 2, -1, -1):
        between = normalise(text[mentions[i].end : mentions[i + 1].start])
        if between and roles[i] is Role.MATTER and _COORDINATED.fullmatch(between):
            roles[i] = roles[i + 1]
    return roles


def _role(text: str, mention: Mention) -> Role:
    before = normalise(text[max(0, mention.start - _WINDOW) : mention.start])
    after = normalise(text[mention.end : mention.end + _WINDOW])
    if _DENIED_AFTER.match(after) or _MOVED_AFTER.match(after) or _DENIED_BEFORE.search(before):
        return Role.DENIED
    if _ORIGIN_AFTER.match(after) and not _ASKER_AFTER.match(after):
        return Role.ORIGIN
    if _HOME_AFTER.match(after) or _ASKER_AFTER.match(after) or _HOME_BEFORE.search(before):
        return Role.HOME
    return Role.MATTER


def _left_behind(text: str, mention: Mention, role: Role) -> bool:
    """A place outside that says only where somebody comes from, or where the asker moves away from."""
    if mention.kind != OUTSIDE or role is Role.MATTER:
        return False
    return role is Role.ORIGIN or bool(_COMING.search(normalise(text)))


def _after_correction(text: str, mentions: Sequence[Mention], roles: Sequence[Role]) -> int | None:
    """Index of the first mention after the last correcting word, if places stand on both sides of it."""
    for match in reversed(list(_CORRECTS.finditer(text.lower()))):
        later = [i for i, m in enumerate(mentions) if m.start >= match.end() and roles[i] is Role.MATTER]
        if later and any(m.end <= match.start() for m in mentions):
            return later[0]
    return None


def _is_wide_or_outside(mention: Mention) -> bool:
    return mention.kind in _WIDE or not mention.municipalities


def _with_homes(chosen: list[Mention], kept: Sequence[tuple[Mention, Role]]) -> list[Mention]:
    """A home inside the area of the matter narrows it: 「余市町に住んでいます。後志で…」."""
    homes = [m for m, role in kept if role is Role.HOME and m.municipalities]
    inside = [home for home in homes if any(_contains(area, home) for area in chosen)]
    return chosen + inside


def _codes(mention: Mention) -> tuple[str, ...]:
    return tuple(sorted(town.code for town in mention.municipalities))


def _intersected(mention: Mention, others: Sequence[Mention]) -> Mention:
    """An ambiguous mention cut to the part that another mention covers: 宗谷のえさし, 十勝の中川郡."""
    towns = mention.municipalities
    if mention.kind in ("subprefecture", "bureau") or len(towns) < 2:
        return mention
    for other in others:
        if other is mention or other.kind == OUTSIDE:
            continue
        shared = tuple(town for town in towns if town in other.municipalities)
        if shared and len(shared) < len(towns) and len(other.municipalities) > len(shared):
            towns = shared
    return mention if towns == mention.municipalities else replace(mention, municipalities=towns)


def _is_office(mention: Mention) -> bool:
    """An office that is spoken of (「小樽開発建設部に聞いたら」), not the place of the matter."""
    surface = normalise(mention.surface)
    return mention.kind == "bureau" or (mention.kind == "subprefecture" and ("局" in surface or "bureau" in surface))


def _assured(mention: Mention, others: Sequence[Mention]) -> Mention:
    """A name that is as likely elsewhere is certain beside a place that holds it: 渡島の福島, 札幌の中央区."""
    if mention.certain or not mention.municipalities:
        return mention
    towns = set(_codes(mention))
    holds = any(o is not mention and o.certain and towns <= set(_codes(o)) for o in others)
    return replace(mention, certain=True) if holds else mention


def _contains(area: Mention, other: Mention) -> bool:
    """Whether `area` says less than `other`: it covers all of it and more, or is an office beside a place."""
    if area is other or not other.municipalities or not area.municipalities:
        return False
    mine, theirs = set(_codes(area)), set(_codes(other))
    return theirs < mine or (theirs == mine and area.kind in _WIDE and other.kind not in _WIDE)
