"""Buttons ⇄ `callback_data`, at most 64 bytes. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.message import Action

MOST = 64
_SHORT = {action: chr(ord("a") + n) for n, action in enumerate(Action)}
_LONG = {letter: action for action, letter in _SHORT.items()}
_NAMES = {action.value: action for action in Action}
WIDE = 20
"""Half-width columns of a label above which a button has a row of its own."""


def data(action: Action, value: str) -> str:
    """ "claim:7KM-4PX-A9R"; where that is too long, a letter for the action: "!b7KM-4PX-A9R"."""
    plain = f"{action.value}:{value}"
    return plain if len(plain.encode()) <= MOST else f"!{_SHORT[action]}{value}"


def pressed(given: object) -> tuple[Action, str] | None:
    """The action and value of `callback_data`; None where it is none of ours."""
    if not isinstance(given, str) or not given:
        return None
    if given.startswith("!"):
        action = _LONG.get(given[1:2])
        return (action, given[2:]) if action else None
    name, _, value = given.partition(":")
    return (_NAMES[name], value) if name in _NAMES else None


def keyboard(buttons: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The inline keyboard of a payload's buttons: short labels side by side, long ones below each other."""
    rows: list[list[dict[str, str]]] = []
    for button in buttons:
        key = {"text": button["label"], "callback_data": data(Action(button["action"]), button.get("value", ""))}
        beside = rows and len(rows[-1]) < 2 and max(map(_columns, (rows[-1][0]["text"], key["text"]))) <= WIDE
        if beside:
            rows[-1].append(key)
        else:
            rows.append([key])
    return {"inline_keyboard": rows} if rows else None


def _columns(label: str) -> int:
    return sum(1 if sign.isascii() else 2 for sign in label)
