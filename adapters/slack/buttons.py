"""The buttons of a message as Slack's blocks. Pure.

`action_id` is the name of the action; where a message has several of the same, those after the first have a number
behind a point, since Slack wants them to differ.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.slack.parsing import ASKED, MAX_ASKED
from bot.message import Action, Lang
from bot.texts import Texts

Block = dict[str, Any]

MAX_LABEL, MAX_VALUE = 75, 2000
_PRIMARY = (Action.CONFIRM, Action.CLAIM, Action.SEND_TO_RESIDENT)


def button_blocks(payload: Mapping[str, Any], texts: Texts, lang: Lang, *, modern: bool) -> list[Block]:
    """The blocks below a message. `modern`: with feedback buttons, which not every workspace knows."""
    buttons = [button for button in payload.get("buttons") or () if button.get("action") in list(Action)]
    pair = _pair(buttons) if modern else ()
    via = payload.get("via")
    asked = str(via.get("asked") or "")[:MAX_ASKED] if isinstance(via, Mapping) else ""
    names = Counter[str]()
    elements = [_button(button, names, texts, asked) for button in buttons if button not in pair]
    blocks: list[Block] = [{"type": "actions", "elements": elements}] if elements else []
    return [*blocks, _feedback(pair, texts, lang)] if pair else blocks


def _button(button: Mapping[str, str], names: Counter[str], texts: Texts, asked: str) -> Block:
    action = Action(button["action"])
    names[action] += 1
    number = f".{names[action]}" if names[action] > 1 else ""
    value = button.get("value") or ""
    if action is Action.CONSULT and not value and asked:
        value = f"{ASKED}{asked}"
    element: Block = {"type": "button", "action_id": f"{action.value}{number}", "text": _label(button["label"])}
    if value:
        element["value"] = value[:MAX_VALUE]
    if action in _PRIMARY:
        element["style"] = "primary"
    if action is Action.CLOSE:
        element["confirm"] = _asking_back(texts)
    return element


def _asking_back(texts: Texts) -> Block:
    """Slack asks once more before a consultation is ended."""
    keys = {"title": "form_close_title", "text": "form_close_text", "confirm": "form_close_submit"}
    asked = {name: _label(texts.say(Lang.JA, f"staff.{key}"), 100) for name, key in keys.items()}
    return asked | {"deny": _label(texts.say(Lang.JA, "button.cancel"), 30)}


def _pair(buttons: Iterable[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """A good and a bad mark on the same thing."""
    marks = [button for button in buttons if button["action"] == Action.FEEDBACK]
    if len(marks) != 2:
        return ()
    good, bad = (button.get("value") or "" for button in marks)
    same = good.endswith("good") and bad.endswith("bad") and good[:-4] == bad[:-3]
    return marks if same else ()


def _feedback(pair: Sequence[Mapping[str, str]], texts: Texts, lang: Lang) -> Block:
    good, bad = pair
    element = {
        "type": "feedback_buttons",
        "action_id": Action.FEEDBACK.value,
        "positive_button": _mark(good, texts.say(lang, "slack.good_read")),
        "negative_button": _mark(bad, texts.say(lang, "slack.bad_read")),
    }
    return {"type": "context_actions", "elements": [element]}


def _mark(button: Mapping[str, str], read: str) -> Block:
    return {"text": _label(button["label"]), "value": button["value"], "accessibility_label": read[:75]}


def _label(text: str, most: int = MAX_LABEL) -> Block:
    return {"type": "plain_text", "text": text[:most], "emoji": False}
