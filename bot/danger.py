"""Is somebody in danger now? A harm in any order of words, present, and no plan, past or paper. Pure."""

from bot.cues import Cues

CRISIS = "crisis"


def dangers(form: str, cues: Cues) -> tuple[str, ...]:
    """The names of `[harm]` in bot/cues.toml that `form` (matchable text) tells of: ids of desks, or CRISIS."""
    if not present(form, cues):
        return ()
    return tuple(name for name, cue in cues["harm"].items() if cue.search(form))


def present(form: str, cues: Cues) -> bool:
    """Whether `form` speaks of something that happens now and asks for help, not for knowledge."""
    danger = cues["danger"]
    return bool(danger["now"].search(form)) and not (danger["later"].search(form) or danger["asks"].search(form))
