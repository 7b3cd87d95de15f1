"""Which of the places that a text names is the matter about? The asker's home or a corrected slip is not.

Pure: text and its Mentions → the Mentions of the matter, in order.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.roles import COMING, JOINED, PEOPLE_JOINED, Role, any_of, role_of
from knowledge.gazetteer import Mention
from knowledge.senses import OUTSIDE
from knowledge.text import normalise

_WIDE = frozenset(("region", "subprefecture", "bureau", "district"))

_CORRECTS = re.compile(
    any_of(
        """
        やっぱり やはり 訂正 間違え 間違い 言い直 正しくは 失礼しました すみません、 ではなく じゃなく 変更し
        変わり actually i_mean sorry 更正 其实 说错 应该是
        """
    )
)


def matter_places(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions that the matter is about: those of the nearest role, without areas that only contain another."""
    roles = _roles(text, mentions)
    after = _after_correction(text, mentions, roles)
    if after is not None:
        mentions, roles = mentions[after:], roles[after:]
    kept = [(m, r) for m, r in zip(mentions, roles, strict=True) if r < Role.ASIDE and not _left_behind(text, m, r)]
    if not kept:
        return []
    nearest = min(role for _, role in kept)
    chosen = [mention for mention, role in kept if role == nearest]
    if nearest is Role.MATTER and all(_is_wide_or_outside(m) for m in chosen):
        chosen = _with_homes(chosen, kept)
    return narrowed(chosen)


def speaks_of_matter(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether some mention is more than the asker's home or a companion's."""
    return any(role in (Role.MATTER, Role.ORIGIN) for role in _roles(text, mentions))


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
    """The role of each; names joined by と, や or 、 share the role of the last (深川市と旭川市の団体)."""
    roles = [role_of(text, m) for m in mentions]
    for i in range(len(mentions) - 2, -1, -1):
        between = normalise(text[mentions[i].end : mentions[i + 1].start])
        joined = roles[i] is Role.MATTER and JOINED.fullmatch(between)
        people = roles[i] is Role.COMPANION and roles[i + 1] is Role.ORIGIN and PEOPLE_JOINED.fullmatch(between)
        if joined or people:
            roles[i] = roles[i + 1]
    return roles


def _left_behind(text: str, mention: Mention, role: Role) -> bool:
    """A place outside that says only where somebody comes from, or where the asker moves away from."""
    if mention.kind != OUTSIDE or role is Role.MATTER:
        return False
    return role >= Role.COMPANION or bool(COMING.search(normalise(text)))


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
