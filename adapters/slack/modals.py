"""Forms that a button opens: their blocks, and what was filled in. Pure.

A form is opened at once, while Slack's `trigger_id` is good (three seconds), without a look at the database; it carries
along what the button knew. The callback id of a form is the name of its action.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack import plain
from bot.cases.case import Way
from bot.cases.counter import BACK
from bot.cases.form import Form
from bot.cases.journey import MAX_MATTER
from bot.cases.receipt import read_receipt
from bot.language import detect
from bot.message import Action, Lang
from bot.texts import Texts

MAX_TEXT = 2900  # characters of an input; Slack's own limit is 3,000
MAX_REASON = 500
MAX_OPTIONS = 100
_FORMS = (Action.REPLY, Action.NOTE, Action.TRANSFER)
_FIELDS = ("slack.matter", "slack.place", "slack.address")


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed. `thread`: the conversation; `via`: where an answer goes; `asked`: what was asked
    before."""

    action: Action
    value: str
    thread: str
    via: Mapping[str, Any]
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Modals:
    """`offices`: what a consultation may be transferred to, as the directory writes it."""

    texts: Texts
    offices: Sequence[str] = ()

    def form(self, press: Press) -> dict[str, Any] | None:
        """The form that this button opens; None where it opens none and is pressed without."""
        lang = detect(press.asked) if press.asked else Lang.JA
        if press.action is Action.CONSULT and not press.value:
            return self._view(press, "slack.consult", lang, self._consultation(press, lang))
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

    def _consultation(self, press: Press, lang: Lang) -> list[dict[str, Any]]:
        """What is asked step by step otherwise, filled with what was asked before. No phone number is asked for where
        others read the conversation: it would stand in the review."""
        public = "/" in press.thread
        ways = [("here", Way.HERE), *([] if public else [("outside", Way.OUTSIDE)]), ("no_answer", Way.NONE)]
        options = [
            {"text": _plain(self.texts.say(lang, f"button.{name}"), 75), "value": way.value} for name, way in ways
        ]
        way = {"type": "radio_buttons", "action_id": "way", "options": options, "initial_option": options[0]}
        fields = [
            self._input("slack.matter", lang, MAX_MATTER, initial=press.asked),
            self._input("slack.place", lang, 100, optional=True),
            {"type": "input", "block_id": "way", "label": _plain(self.texts.say(lang, "slack.way_label"), 2000)}
            | {"element": way},
        ]
        return fields if public else [*fields, self._input("slack.address", lang, 100, optional=True)]

    def _input(self, named: str, lang: Lang, most: int, *, initial: str = "", optional: bool = False) -> dict[str, Any]:
        """A field for words. Its name is the last part of `named` for a form of several, else "text"."""
        name = named.partition(".")[2] if named in _FIELDS else "text"
        element: dict[str, Any] = {"type": "plain_text_input", "action_id": name, "max_length": most}
        element |= {"multiline": most > 100} | ({"initial_value": initial[:most]} if initial else {})
        return {
            "type": "input",
            "block_id": name,
            "optional": optional,
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


def consultation_of(said: Mapping[str, str]) -> Form:
    """The consultation that was filled in."""
    return Form(*(said.get(name, "").strip() for name in ("matter", "place", "way", "address")))


def _is_bad(value: str) -> bool:
    """A bad mark on an answer; a mark on a closed consultation is enough as it is."""
    return value.endswith("bad") and read_receipt(value.partition(":")[0]) is None


def _plain(text: str, most: int) -> dict[str, Any]:
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return {"type": "plain_text", "text": cut, "emoji": False}
