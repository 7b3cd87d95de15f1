"""The places of a question as evidence may name them."""

from bot.matter import matter_places
from bot.scoring import PlaceNames
from knowledge.entities import Municipality
from knowledge.gazetteer import Gazetteer, Mention

_WIDE = frozenset(("region", "subprefecture", "district", "short"))


def place_names(text: str, gazetteer: Gazetteer) -> list[PlaceNames]:
    """The places that the matter of `text` is about, with the names of the areas that hold them."""
    return [_names(mention) for mention in matter_places(text, gazetteer.find(text))]


def all_names(text: str, gazetteer: Gazetteer) -> list[PlaceNames]:
    """All places that `text` names."""
    return [_names(mention) for mention in gazetteer.find(text)]


def _names(mention: Mention) -> PlaceNames:
    own = {mention.surface, mention.name, mention.name.rstrip("市町村")}
    areas = {name for town in mention.municipalities for name in _areas(town)}
    if mention.kind != "municipality" and len(mention.municipalities) <= 2:
        areas |= {name for town in mention.municipalities for name in (town.name, town.name[:-1])}
    spot = mention.kind == "bureau" or (len(mention.municipalities) <= 2 and mention.kind not in _WIDE)
    towns = frozenset(town.name for town in mention.municipalities)
    return PlaceNames(frozenset(own), frozenset(areas), spot, towns, wide=mention.kind in _WIDE)


def _areas(town: Municipality) -> tuple[str, str]:
    return (town.subprefecture.removesuffix("総合振興局").removesuffix("振興局"), town.area)
