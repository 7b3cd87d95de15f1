"""A consultation → the desks in charge, 国 and 道, with the words that decided. Pure; says why, never guesses.

Rules: two desks for every place; 幌延町 and 幌加内町 by their own rows; an area of several bureaus is asked about; of
several places the first is the route and the others are alternatives; a place outside Hokkaido gets no number of ours.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from bot.matter import matter_places, speaks_of_matter
from bot.message import Destination, ReplyStatus, Route
from knowledge.directory import Directory
from knowledge.entities import Municipality, Office
from knowledge.gazetteer import Gazetteer, Mention
from knowledge.senses import OUTSIDE

_TEXTS = Path(__file__).parent / "texts" / "routing.toml"
_SHOWN_CANDIDATES = 6
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a message leads. `status`: ROUTED, ASK_PLACE or OUT_OF_AREA.

    `offices`: 国 and 道 desks of every place, the route's first. `candidates`: what a question back may offer.
    `places`: official names of the places that decided. `reason` and `notes`: sentences in the language asked for.
    """

    status: ReplyStatus
    route: Route | None
    offices: tuple[Office, ...]
    candidates: tuple[Destination, ...]
    places: tuple[str, ...]
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Settled:
    """A mention with the desks it leads to: one Destination, or several for the person to choose from."""

    mention: Mention
    destinations: tuple[Destination, ...]
    decided: bool


def decide(
    text: str, gazetteer: Gazetteer, directory: Directory, history: Sequence[str] = (), lang: str = "ja"
) -> Routing:
    """Lead `text` to its desks. `history`: earlier messages of the person, oldest first; the place of the latest one
    that names any counts where `text` has none. `lang`: ja, ja-easy, en, zh (others read ja)."""
    say = _Say(lang)
    mentions, earlier = _mentions(text, gazetteer, history)
    inside = [m for m in mentions if m.kind != OUTSIDE and m.kind != "territory"]
    outside = [m for m in mentions if m.kind == OUTSIDE]
    territory = [m for m in mentions if m.kind == "territory"]
    if territory:
        inside = [m for m in inside if m.name != "泊村"]
    settled = [_settle(m, directory) for m in inside]
    decided = [s for s in settled if s.decided]
    if decided:
        return _routed(decided, settled, outside, directory, say, earlier=earlier)
    if settled:
        return _ask(settled, say)
    if territory:
        return _ask_without(say("ask_territory", words=territory[0].surface))
    if outside:
        return _out_of_area(outside, say)
    return _ask_without(say("ask_none"))


# ── which places ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _mentions(text: str, gazetteer: Gazetteer, history: Sequence[str]) -> tuple[list[Mention], bool]:
    """The places of the matter, and whether they stem from an earlier message."""
    found = gazetteer.find(text)
    own = matter_places(text, found)
    if own and (speaks_of_matter(text, found) or any(m.kind != OUTSIDE for m in own)):
        return own, False
    for said in reversed(history):
        before = matter_places(said, gazetteer.find(said))
        if before:
            return before, True
    return own, False


# ── which desks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _settle(mention: Mention, directory: Directory) -> _Settled:
    destinations = _destinations(mention, directory)
    return _Settled(mention, destinations, mention.certain and _is_one(destinations))


def _destinations(mention: Mention, directory: Directory) -> tuple[Destination, ...]:
    """国 and 道 for a mention, the main pair first, without repetition."""
    towns = mention.municipalities
    if mention.kind == "subprefecture":
        name = towns[0].subprefecture
        return (Destination(directory.main_bureau(name), name),)
    if mention.kind == "bureau":
        names = _unique(t.subprefecture for t in towns if directory.main_bureau(t.subprefecture) == mention.name)
        return (Destination(mention.name, names[0] if len(names) == 1 else None),)
    pairs = _unique(Destination(bureau, town.subprefecture) for town in towns for bureau in town.bureaus)
    one_bureau = len({pair.bureau for pair in pairs}) == 1
    return (Destination(pairs[0].bureau, None),) if one_bureau and len(pairs) > 1 else pairs


def _is_one(destinations: Sequence[Destination]) -> bool:
    """Nothing to ask: one pair, or one 道 desk in charge of all (its several 国 desks are all shown)."""
    return len(destinations) == 1 or len({d.subprefecture for d in destinations}) == 1


def _offices(destinations: Sequence[Destination], directory: Directory) -> tuple[Office, ...]:
    """The desks, 国 before 道 for each place, each once."""
    found: list[Office] = []
    for subprefecture in _unique(d.subprefecture for d in destinations):
        of_place = [d for d in destinations if d.subprefecture == subprefecture]
        found.extend(directory.bureau_office(d.bureau) for d in of_place if d.bureau)
        if subprefecture:
            found.append(directory.subprefecture_office(subprefecture))
    return _unique(found)


# ── the three outcomes ───────────────────────────────────────────────────────────────────────────────────────────────


def _routed(
    decided: Sequence[_Settled],
    settled: Sequence[_Settled],
    outside: Sequence[Mention],
    directory: Directory,
    say: "_Say",
    *,
    earlier: bool,
) -> Routing:
    destinations = _unique(d for s in decided for d in s.destinations)
    reasons = _unique(_reason(s, say, earlier=earlier) for s in decided)
    notes = [note for s in decided for note in _notes(s, directory, say)]
    notes += [say("also_several", words=s.mention.surface) for s in settled if s not in decided]
    notes += [say("also_outside", words=m.surface) for m in outside]
    first, *others = destinations
    reason = "".join(reasons) if say.lang in ("ja", "zh") else " ".join(reasons)
    return Routing(
        status=ReplyStatus.ROUTED,
        route=Route(first.bureau, first.subprefecture, reason, tuple(others)),
        offices=_offices(destinations, directory),
        candidates=destinations,
        places=_unique(s.mention.name for s in decided),
        reason=reason,
        notes=_unique(notes),
    )


def _ask(settled: Sequence[_Settled], say: "_Say") -> Routing:
    first = settled[0]
    words = first.mention.surface
    candidates = _unique(d for s in settled for d in s.destinations)
    if not first.mention.certain:
        reason = say("ask_elsewhere", words=words)
    else:
        key = "ask_same_name" if first.mention.kind == "short" else "ask_several"
        reason = say(key, words=words, candidates=_offered(first.mention, say))
    return Routing(ReplyStatus.ASK_PLACE, None, (), candidates, _unique(s.mention.name for s in settled), reason)


def _ask_without(reason: str) -> Routing:
    return Routing(ReplyStatus.ASK_PLACE, None, (), (), (), reason)


def _out_of_area(outside: Sequence[Mention], say: "_Say") -> Routing:
    names = _unique(m.name for m in outside)
    return Routing(ReplyStatus.OUT_OF_AREA, None, (), (), names, say("outside", words=say.joined(names)))


# ── the words ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Say:
    """Sentences of bot/texts/routing.toml in one language."""

    def __init__(self, lang: str) -> None:
        texts = _texts()
        self.lang = lang if lang in texts else "ja"
        self._sentences = texts[self.lang]

    def __call__(self, key: str, **fields: str) -> str:
        return self._sentences[key].format(**fields)

    def joined(self, names: Sequence[str]) -> str:
        return self._sentences["joiner"].join(names)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))


def _reason(settled: _Settled, say: _Say, *, earlier: bool) -> str:
    mention, first = settled.mention, settled.destinations[0]
    words = (say("earlier") if earlier else "") + mention.surface
    if first.subprefecture is None:
        return say("bureau_only", words=words, bureau=first.bureau or "")
    kinds = {"municipality": "municipality", "former": "former"}
    areas = ("subprefecture", "bureau", "region", "district", "short")
    key = kinds.get(mention.kind, "area" if mention.kind in areas else "landmark")
    bureaus = _unique(d.bureau or "" for d in settled.destinations)
    return say(
        key,
        words=words,
        place=say.joined([town.name for town in mention.municipalities[:3]]),
        bureau=say.joined(bureaus),
        subprefecture=first.subprefecture,
    )


def _notes(settled: _Settled, directory: Directory, say: _Say) -> list[str]:
    """What a reader would wonder about: two 国 desks, 国 and 道 that do not match, a name that exists elsewhere."""
    mention = settled.mention
    notes: list[str] = []
    if mention.kind == "subprefecture":
        bureau = settled.destinations[0].bureau
        odd = [town for town in mention.municipalities if bureau not in town.bureaus]
        notes += [_about("area_exception", town, say) for town in odd]
    elif mention.kind not in ("bureau", "region", "district"):
        for town in mention.municipalities:
            if len(town.bureaus) > 1:
                notes.append(_about("several_bureaus", town, say))
            elif town.bureaus[0] != directory.main_bureau(town.subprefecture):
                notes.append(_about("exception", town, say))
    if mention.also_in and mention.municipalities:
        town = mention.municipalities[0]
        prefectures = say.joined(mention.also_in)
        notes.append(say("assumed", place=town.name, subprefecture=town.subprefecture, prefectures=prefectures))
    return notes


def _about(key: str, town: Municipality, say: _Say) -> str:
    bureaus = say.joined(town.bureaus)
    return say(key, place=town.name, subprefecture=town.subprefecture, bureau=town.bureaus[0], bureaus=bureaus)


def _offered(mention: Mention, say: _Say) -> str:
    """Municipalities by 道 desk, for the question back: 斜里町: オホーツク総合振興局、羅臼町: 根室振興局."""
    offers = []
    for name in _unique(town.subprefecture for town in mention.municipalities):
        towns = [town.name for town in mention.municipalities if town.subprefecture == name]
        few = len(mention.municipalities) <= _SHOWN_CANDIDATES
        offers.append(say("candidate", places=say.joined(towns), subprefecture=name) if few else name)
    return say.joined(offers)


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    """In order, each once."""
    return tuple(dict.fromkeys(items))
