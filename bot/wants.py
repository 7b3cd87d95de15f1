"""What does a message want of us: a contact, to be led to an office, or an answer? Pure functions of cues."""

from collections.abc import Sequence

from bot.cues import Cues
from knowledge.entities import Level
from knowledge.gazetteer import Mention
from knowledge.text import matchable

# What a follow-up may take over from the turn before: 「深川市です」, 「室蘭のほうは?」
ELLIPTICAL = 24
_PLANS = ("making", "talk", "end", "worry", "introduction")
_MIN_LISTED = 2  # 「斜里町。廃校。キャンプ場。」: a place and two more
_OFFICES = frozenset(("bureau",))  # an office's name alone is no place of a matter


def wants_contact(form: str, cues: Cues) -> bool:
    """A number or address of an office of ours is asked for, or who sits there, without a matter to consult on."""
    contact, consult = cues["contact"], cues["consult"]
    wish, core = consult["wish"].search(form), contact["core"].search(form)
    if wish and not (core and contact["named"].search(form) and not consult["matter"].search(form)):
        return False
    if contact["foreign"].search(form):
        return False
    if contact["whose"].search(form) or (contact["officer"].search(form) and contact["named"].search(form)):
        return True
    if not contact["noun"].search(form) or contact["not_ours"].search(form):
        return False
    return bool((core and len(form) <= ELLIPTICAL) or contact["office"].search(form))


def wants_desk(form: str, cues: Cues) -> bool:
    """Whom to turn to is asked in so many words, or a wish is told and nothing but the desk is asked."""
    consult = cues["consult"]
    wish = consult["wish"].search(form)
    asks_else = consult["question"].search(form) and not consult["whom"].search(form)
    return bool(consult["ask"].search(form) or (wish and not asks_else))


def is_only_place(text: str, places: Sequence[Mention], cues: Cues) -> bool:
    """「深川市です」: a place, the politeness around it, nothing else."""
    return bool(places) and not _OFFICES & {m.kind for m in places} and not _rest(text, places, cues)


def proposes(form: str, places: Sequence[Mention], cues: Cues) -> bool:
    """A place and something to be made there, told without a wish or a question: 「余市町の商店街活性化」."""
    project = cues["project"]
    if not places or project["paper"].search(form):
        return bool(places and project["talk"].search(form))
    if project["tentative"].search(form):
        return True
    if cues["consult"]["question"].search(form):
        return False
    return any(project[name].search(form) for name in _PLANS) or _lists(form, cues)


def town_hall(places: Sequence[Mention]) -> str | None:
    """The city hall or town office of the one municipality among `places`: 倶知安町役場."""
    towns = {m.name for m in places if m.kind == "municipality" and m.certain}
    if len(towns) != 1:
        return None
    town = towns.pop()
    return town + ("役所" if town.endswith("市") else "役場")


def level_asked(form: str, cues: Cues) -> Level | None:
    """「道のほうの電話は?」: the level of government that is pointed at; None where none or several are."""
    found = [level for level in Level if cues["level"][level.name.lower()].search(form)]
    return found[0] if len(found) == 1 else None


def _rest(text: str, places: Sequence[Mention], cues: Cues) -> str:
    """What is left of `text` when its places and the politeness around them go."""
    inside = {i for m in places for i in range(m.start, m.end)}
    rest = "".join("" if i in inside else c for i, c in enumerate(text))
    return cues["project"]["politeness"].sub("", matchable(rest))


def _lists(form: str, cues: Cues) -> bool:
    """Catchwords in a row, one of them a thing that people make."""
    words = [word for word in form.replace("、", "。").split("。") if word]
    return (
        len(words) > _MIN_LISTED and bool(cues["project"]["thing"].search(form)) and max(map(len, words)) <= ELLIPTICAL
    )
