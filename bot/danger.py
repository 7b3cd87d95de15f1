"""Is somebody in danger now? A harm in any order of words, present, and no plan, past or paper. Pure."""

from bot.cues import Cues

CRISIS = "crisis"
_BOTH = {"overdose": ("fire", CRISIS)}  # an ambulance, and somebody to talk to


def dangers(form: str, cues: Cues) -> frozenset[str]:
    """The ids of the desks that the harms in `form` (matchable text) call for, by `[harm]` in bot/cues.toml. A wish to
    die counts whenever it is said; all else only where it happens now."""
    now = present(form, cues)
    found = [name for name, cue in cues["harm"].items() if (now or name == CRISIS) and cue.search(form)]
    return frozenset(desk for name in found for desk in _BOTH.get(name, (name,)))


def present(form: str, cues: Cues) -> bool:
    """Whether `form` speaks of something that happens now and asks for help, not for knowledge."""
    danger = cues["danger"]
    return bool(danger["now"].search(form)) and not (danger["later"].search(form) or distant(form, cues))


def distant(form: str, cues: Cues) -> bool:
    """Whether `form` plans something, or asks who, when or where: no emergency, whatever it names."""
    danger = cues["danger"]
    return bool(danger["plan"].search(form) or danger["asks"].search(form))
