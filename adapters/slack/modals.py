"""Forms that a button opens: their blocks, and what was filled in. Pure.

A form is opened at once, while Slack's `trigger_id` is good (three seconds), without a look at the database; it carries
along what the button knew. The callback id of a form is the name of its action.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack import plain
from bot.cases.counter import BACK
from bot.cases.receipt import read_receipt
from bot.message import Action, Lang
from bot.texts import Texts

MAX_TEXT = 2900  # characters of an input; Slack's own limit is 3,000
MAX_REASON = 500
MAX_OPTIONS = 100
_FORMS = (Action.REPLY, Action.NOTE, Action.TRANSFER)


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed. `thread`: the conversation; `via`: where an answer goes."""

    action: Action
    value: str
    thread: str
    via: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Modals:
    """`offices`: what a consultation may be transferred to, as the directory writes it."""

    texts: Texts
    offices: Sequence[str] = ()

    def form(self, press: Press, lang: Lang = Lang.JA) -> dict[str, Any] | None:
        """The form that this button opens; None where it opens none and is pressed without."""
        if press.action is Action.FEEDBACK:
            reason = self._input("slack.reason", lang, MAX_REASON)
            return self._view(press, "slack.feedback", lang, [reason]) if _is_bad(press.value) else None
        if press.action not in _FORMS or not press.value:
            return None
        named = f"staff.form_{press.action.value}"
        inputs = [self._input(named, Lang.JA, MAX_TEXT)]
        if press.action is Action.TRANSFER and self.offices:
            inputs.insert(0, self._offices())
        return self._view(press, named, Lang.JA, inputs)

    def _view(self, press: Press, named: str, lang: Lang, blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        carried = {"thread": press.thread, "value": press.value, "via": dict(press.via)}
        return {
            "type": "modal",
            "callback_id": press.action.value,
            "private_metadata": json.dumps(carried, ensure_ascii=False),
            "title": _plain(self.texts.say(lang, f"{named}_title"), 24),
            "submit": _plain(self.texts.say(lang, f"{named}_submit"), 24),
            "close": _plain(self.texts.say(lang, "button.cancel"), 24),
            "blocks": list(blocks),
        }

    def _input(self, named: str, lang: Lang, most: int) -> dict[str, Any]:
        element = {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": most}
        return {
            "type": "input",
            "block_id": "text",
            "label": _plain(self.texts.say(lang, f"{named}_label"), 2000),
            "hint": _plain(self.texts.say(lang, f"{named}_hint"), 2000),
            "element": element,
        }

    def _offices(self) -> dict[str, Any]:
        names = [(BACK, self.texts.say(Lang.JA, "staff.form_transfer_back")), *((name, name) for name in self.offices)]
        options = [{"text": _plain(label, 75), "value": value} for value, label in names[:MAX_OPTIONS]]
        return {
            "type": "input",
            "block_id": "office",
            "label": _plain(self.texts.say(Lang.JA, "staff.form_transfer_office"), 2000),
            "element": {"type": "static_select", "action_id": "office", "options": options},
        }


def answers(view: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by the name of the field."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    found: dict[str, str] = {}
    for fields in values.values() if isinstance(values, Mapping) else ():
        for name, field in fields.items() if isinstance(fields, Mapping) else ():
            if isinstance(field, Mapping):
                chosen = field.get("selected_option")
                value = chosen.get("value") if isinstance(chosen, Mapping) else field.get("value")
                found[str(name)] = plain.shown(str(value or ""))
    return found


def office_of(said: Mapping[str, str]) -> str:
    """The office that was chosen in a transfer."""
    return said.get("office", "")


def _is_bad(value: str) -> bool:
    """A bad mark on an answer; a mark on a closed consultation is enough as it is."""
    return value.endswith("bad") and read_receipt(value.partition(":")[0]) is None


def _plain(text: str, most: int) -> dict[str, Any]:
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return {"type": "plain_text", "text": cut, "emoji": False}
