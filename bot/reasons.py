"""The sentences that say why: reasons, notes and offers of routing, in the reader's language.

All wording stands in bot/texts/routing.toml.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from bot.message import Destination
from knowledge.directory import Directory
from knowledge.entities import Municipality
from knowledge.gazetteer import Mention
from knowledge.spelling import usual_romaji

_TEXTS = Path(__file__).parent / "texts" / "routing.toml"
_AREAS = frozenset(("subprefecture", "bureau", "region", "district", "short"))
SHOWN_CANDIDATES = 6
_SHOWN_TOWNS = 3


class Say:
    """Sentences of bot/texts/routing.toml in one language, and names as that language reads them."""

    def __init__(self, lang: str) -> None:
        texts = _texts()
        self.lang = lang if lang in texts and lang != "names" else "ja"
        self._sentences = texts[self.lang]
        self._names = texts["names"] if self.lang == "en" else {}

    def __call__(self, key: str, **fields: str) -> str:
        return self._sentences[key].format(**fields)

    def joined(self, names: Iterable[str], joiner: str = "joiner") -> str:
        return self._sentences[joiner].join(names)

    def in_a_row(self, sentences: Iterable[str]) -> str:
        return ("" if self.lang in ("ja", "zh") else " ").join(sentences)

    def office(self, name: str) -> str:
        return f"{self._names[name]} ({name})" if name in self._names else name

    def prefecture(self, name: str, directory: Directory) -> str:
        """福島県, in English Fukushima (福島県)."""
        kana = next((e.kana for e in directory.elsewhere if e.name == name), "") if self.lang == "en" else ""
        latin = usual_romaji(re.sub("(?:けん|ふ|と)$", "", kana))
        return f"{latin.capitalize()} ({name})" if latin else name

    def town(self, town: Municipality) -> str:
        return f"{town.romaji} ({town.name})" if self.lang == "en" else town.name


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))


def reason(mention: Mention, destinations: Sequence[Destination], say: Say, *, earlier: bool) -> str:
    """Why `mention` leads to `destinations`, naming the words that decided. `earlier`: said in an earlier message."""
    first = destinations[0]
    keys = {"municipality": "municipality", "former": "former"}
    key = keys.get(mention.kind, "area" if mention.kind in _AREAS else "landmark")
    towns = mention.municipalities
    more = say("more") if len(towns) > _SHOWN_TOWNS else ""
    sentence = say(
        key if first.subprefecture else "bureau_only",
        words=mention.surface,
        place=say.joined(say.town(town) for town in towns[:_SHOWN_TOWNS]) + more,
        bureau=say.joined((say.office(b) for b in dict.fromkeys(d.bureau or "" for d in destinations)), "and"),
        subprefecture=say.office(first.subprefecture or ""),
    )
    return say("earlier", sentence=sentence) if earlier else sentence


def notes(mention: Mention, destinations: Sequence[Destination], directory: Directory, say: Say) -> list[str]:
    """What a reader would wonder about: two 国 desks, 国 and 道 that do not match, a name that exists elsewhere."""
    found: list[str] = []
    if mention.kind == "subprefecture":
        bureau = destinations[0].bureau
        odd = [town for town in mention.municipalities if bureau not in town.bureaus]
        found += [_about("area_exception", town, say) for town in odd]
    elif mention.kind not in _AREAS or len(mention.municipalities) == 1:
        for town in mention.municipalities:
            if len(town.bureaus) > 1:
                found.append(_about("several_bureaus", town, say))
            elif town.bureaus[0] != directory.main_bureau(town.subprefecture):
                found.append(_about("exception", town, say))
    if mention.also_in and mention.municipalities:
        town = mention.municipalities[0]
        where = say.office(town.subprefecture)
        prefectures = say.joined(say.prefecture(name, directory) for name in mention.also_in)
        found.append(say("assumed", place=say.town(town), subprefecture=where, prefectures=prefectures))
    return found


def _about(key: str, town: Municipality, say: Say) -> str:
    bureaus = [say.office(bureau) for bureau in town.bureaus]
    return say(
        key,
        place=say.town(town),
        subprefecture=say.office(town.subprefecture),
        bureau=bureaus[0],
        bureaus=say.joined(bureaus, "and"),
    )


def offered(mention: Mention, say: Say) -> str:
    """Municipalities by 道 desk, for the question back: 斜里町: オホーツク総合振興局、羅臼町: 根室振興局."""
    offers = []
    for name in dict.fromkeys(town.subprefecture for town in mention.municipalities):
        towns = [say.town(town) for town in mention.municipalities if town.subprefecture == name]
        few = len(mention.municipalities) <= SHOWN_CANDIDATES
        office = say.office(name)
        offers.append(say("candidate", places=say.joined(towns), subprefecture=office) if few else office)
    return say.joined(offers)
