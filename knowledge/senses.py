"""Every way to write a place of the directory → what it may mean. The index that the gazetteer searches."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.directory import Directory
from knowledge.entities import Elsewhere, Municipality, Place
from knowledge.spelling import chinese, fold_name, romaji, script_of

OUTSIDE = "outside"
MUNICIPALITY = "municipality"
_SUFFIXES = {
    "市": (("し",), ("shi",), "city"),
    "町": (("ちょう", "まち"), ("cho", "chou", "machi"), "town"),
    "村": (("むら", "そん"), ("mura", "son"), "village"),
}


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a written name. `rule`: the evidence it needs. `full`: written with 市, 町, 村 or as an office.
    `prefecture`: where it lies if outside Hokkaido."""

    name: str
    kind: str
    municipalities: tuple[Municipality, ...]
    rule: str = ""
    full: bool = False
    prefecture: str | None = None


SHORT_KANA = 4  # みとし, つし: such sounds stand inside other words
Index = dict[str, tuple[Sense, ...]]


def build_index(directory: Directory) -> Index:
    """Folded spelling → senses, those of municipalities first, without repetition."""
    index: defaultdict[str, dict[Sense, None]] = defaultdict(dict)
    for written, sense in _all(directory):
        index[fold_name(written)].setdefault(sense)
    return {spelling: tuple(senses) for spelling, senses in index.items() if spelling}


def _all(directory: Directory) -> Iterator[tuple[str, Sense]]:
    rules = {p.name: p.rule for p in directory.places if p.kind == "short" and len(p.municipalities) == 1}
    for town in directory.municipalities:
        yield from _municipality(town, rules.get(town.name[:-1], ""))
    for place in directory.places:
        if place.kind != "short" or place.name != place.municipalities[0].name[:-1] or len(place.municipalities) > 1:
            yield from _place(place)
        else:
            yield from _aliases_of_short(place)
    for outside in directory.elsewhere:
        yield from _elsewhere(outside)


def _municipality(town: Municipality, rule: str) -> Iterator[tuple[str, Sense]]:
    """With and without 市町村, in kanji, kana, romaji and Chinese; `rule` is what the bare name needs."""
    full = Sense(town.name, MUNICIPALITY, (town,), full=True)
    kana_endings, latin_endings, english = _SUFFIXES[town.name[-1]]
    stem = town.name[:-1]
    kana = next(town.kana.removesuffix(e) for e in kana_endings if town.kana.endswith(e))
    bare = Sense(town.name, MUNICIPALITY, (town,), "" if rule == "kana" else rule)
    bare_kana = Sense(town.name, MUNICIPALITY, (town,), "suffix" if rule else "")
    bare_latin = Sense(town.name, MUNICIPALITY, (town,), "latin" if rule else "")
    for written in (town.name, *chinese(town.name)):
        yield written, full
    for written in (stem, *chinese(stem)):
        yield written, bare_kana if script_of(fold_name(written)) == "H" and rule else bare
    yield kana, bare_kana
    for ending in (*kana_endings, town.name[-1]):
        yield kana + ending, full
    official = town.romaji.rpartition("-")[0].lower()
    for latin in {official, *romaji(kana)}:
        yield latin, bare_latin
        for ending in (*latin_endings, english):
            yield f"{latin} {ending}", full
            yield f"{latin}{ending}", full
        yield f"{english} of {latin}", full


def _place(place: Place) -> Iterator[tuple[str, Sense]]:
    full = place.kind in ("bureau", "subprefecture", "district")
    sense = Sense(place.name, place.kind, place.municipalities, place.rule, full)
    latin = Sense(place.name, place.kind, place.municipalities, "latin" if place.rule else "", full)
    for written in (place.name, place.kana, *place.aliases):
        if not written:
            continue
        script = script_of(fold_name(written))
        if script == "A":
            yield written, latin
            yield written.replace("Mt. ", "Mt "), latin
        elif script == "H" and place.rule in ("locative", "kana", "old"):
            yield written, Sense(place.name, place.kind, place.municipalities, "suffix", full)
        else:
            yield written, sense
        if script == "K":
            for form in chinese(written):
                yield form, sense
    if not place.rule and place.kind not in ("name", "territory", "district"):
        for written in romaji(place.kana):
            if len(written) >= 5:
                yield written, sense


def _aliases_of_short(place: Place) -> Iterator[tuple[str, Sense]]:
    """Other spellings of a municipality's short name."""
    for written in place.aliases:
        yield written, Sense(place.municipalities[0].name, MUNICIPALITY, place.municipalities)


def _elsewhere(outside: Elsewhere) -> Iterator[tuple[str, Sense]]:
    full = Sense(outside.name, OUTSIDE, (), full=True, prefecture=outside.prefecture)
    for written in (outside.name, *chinese(outside.name)):
        yield written, full
    for written in outside.aliases:
        rule = outside.rule if script_of(fold_name(written)) != "A" else ""
        bare = Sense(outside.name, OUTSIDE, (), rule, prefecture=outside.prefecture)
        for form in (written, *chinese(written)):
            yield form, bare
    if outside.code.endswith("0000") or outside.aliases:
        yield from _elsewhere_sounds(outside)


def _elsewhere_sounds(outside: Elsewhere) -> Iterator[tuple[str, Sense]]:
    """Kana and romaji of prefectures and well-known cities: たいわん, とうきょう, Aomori Prefecture, Sendai."""
    full = Sense(outside.name, OUTSIDE, (), full=True, prefecture=outside.prefecture)
    if outside.name == outside.prefecture or len(outside.kana) > SHORT_KANA:
        yield outside.kana, full
    kana = outside.kana.removesuffix("けん").removesuffix("ふ").removesuffix("し")
    kana = "とうきょう" if outside.name == "東京都" else kana
    if len(kana) >= SHORT_KANA:
        yield kana, Sense(outside.name, OUTSIDE, (), "locative", prefecture=outside.prefecture)
    for latin in romaji(kana):
        if len(latin) >= 4:
            yield latin, Sense(outside.name, OUTSIDE, (), "latin", prefecture=outside.prefecture)
        for ending in ("prefecture", "ken", "fu", "city", "shi"):
            yield f"{latin} {ending}", full
