"""A consultation → the desks in charge, 国 and 道, with the words that decided. Pure; says why, never guesses.

Rules: two desks for every place; 幌延町 and 幌加内町 by their own rows; an area of several bureaus is asked about; of
several places the first is the route and the others are alternatives; a place outside Hokkaido gets no number of ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.matter import matter_places, sharpened, speaks_of_matter
from bot.message import Destination, ReplyStatus, Route
from bot.reasons import SHOWN_CANDIDATES, Say, notes, offered, reason
from knowledge.directory import MUNICIPALITIES, Directory
from knowledge.entities import Office
from knowledge.gazetteer import Gazetteer, Mention
from knowledge.senses import OUTSIDE

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
    say = Say(lang)
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
        names = _unique(m.name for m in territory)
        return _ask_without(say("ask_territory", words=territory[0].surface), names)
    if outside:
        return _out_of_area(outside, say)
    return _ask_without(say("ask_none"))


# ── which places ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _mentions(text: str, gazetteer: Gazetteer, history: Sequence[str]) -> tuple[list[Mention], bool]:
    """The places of the matter, and whether they stem from an earlier message."""
    found = gazetteer.find(text)
    own = matter_places(text, found)
    earlier = _latest(gazetteer, history)
    if not earlier or (own and _says_more(text, found, own)):
        return sharpened(own, earlier), False
    return earlier, True


def _latest(gazetteer: Gazetteer, history: Sequence[str]) -> list[Mention]:
    """The places of the latest earlier message that names any."""
    for said in reversed(history):
        places = matter_places(said, gazetteer.find(said))
        if places:
            return places
    return []


def _says_more(text: str, found: Sequence[Mention], own: Sequence[Mention]) -> bool:
    """Not only 「北海道」, and not only where outside the asker lives."""
    if all(len(m.municipalities) == MUNICIPALITIES for m in own):
        return False
    return speaks_of_matter(text, found) or any(m.kind != OUTSIDE for m in own)


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
    say: Say,
    *,
    earlier: bool,
) -> Routing:
    destinations = _unique(d for s in decided for d in s.destinations)
    whys = _unique(reason(s.mention, s.destinations, say, earlier=earlier) for s in decided)
    remarks = [note for s in decided for note in notes(s.mention, s.destinations, directory, say)]
    remarks += [say("also_several", words=s.mention.surface) for s in settled if s not in decided]
    remarks += [say("also_outside", words=m.surface) for m in outside]
    first, *others = destinations
    why = say.in_a_row(whys)
    return Routing(
        status=ReplyStatus.ROUTED,
        route=Route(first.bureau, first.subprefecture, why, tuple(others)),
        offices=_offices(destinations, directory),
        candidates=destinations,
        places=_unique(s.mention.name for s in decided),
        reason=why,
        notes=_unique(remarks),
    )


def _ask(settled: Sequence[_Settled], say: Say) -> Routing:
    first = settled[0]
    words = first.mention.surface
    candidates = _unique(d for s in settled for d in s.destinations)
    if not first.mention.certain:
        why = say("ask_elsewhere", words=words)
    else:
        wide = len(candidates) > SHOWN_CANDIDATES
        key = "ask_wide" if wide else "ask_same_name" if first.mention.kind == "short" else "ask_several"
        why = say(key, words=words, candidates=offered(first.mention, say))
    return Routing(ReplyStatus.ASK_PLACE, None, (), candidates, _unique(s.mention.name for s in settled), why)


def _ask_without(why: str, places: tuple[str, ...] = ()) -> Routing:
    return Routing(ReplyStatus.ASK_PLACE, None, (), (), places, why)


def _out_of_area(outside: Sequence[Mention], say: Say) -> Routing:
    prefectures = {m.prefecture for m in outside if m.name != m.prefecture}
    named = [m for m in outside if m.name not in prefectures]
    names = _unique(m.surface if say.lang == "en" else m.name for m in named)  # Sendai for who writes Sendai
    return Routing(ReplyStatus.OUT_OF_AREA, None, (), (), names, say("outside", words=say.joined(names)))


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    """In order, each once."""
    return tuple(dict.fromkeys(items))
