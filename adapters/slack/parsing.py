"""An event of the inbox → what was heard. Pure; what Slack may leave out or add does no harm."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.platform import Heard
from adapters.slack import plain
from adapters.slack.arriving import Body, conversation, is_direct, metadata, pressed_at, spoken
from adapters.slack.modals import answers, consultation_of
from bot.message import Action, Message
from bot.post import Event

ASKED = "\x1f"
"""In the value of a button: what follows is the question that was asked, for the form that the button opens."""
MAX_ASKED = 1500  # characters; Slack allows 2,000 in a value

_STAFF = (
    Action.CLAIM, Action.REPLY, Action.NOTE, Action.SEND_TO_RESIDENT, Action.TRANSFER, Action.CLOSE,
)  # fmt: skip
_KINDS = {"image": "image", "video": "video", "audio": "voice"}


def parse(event: Event) -> Sequence[Heard]:
    """What was said, pressed or filled in; nothing where it concerns nobody."""
    body, me = _map(event.payload.get("body")), str(event.payload.get("me") or "")
    key = event.keys[-1] if event.keys else ""
    match event.payload.get("kind"):
        case "message":
            return _said(body, me, key)
        case "home":
            user = f"slack:{_map(body.get('event')).get('user')}"
            return (Heard(Message("", user, user, key=key), command="home", private=True),)
        case "command":
            return (_commanded(body, key),)
        case "action":
            return _pressed(body, key, asks=bool(event.payload.get("form")))
        case "view":
            return _filled_in(body, key)
        case _:
            return ()


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _said(body: Body, me: str, key: str) -> Sequence[Heard]:
    event = _map(body.get("event"))
    said, direct = spoken(event), is_direct(event)
    raw = str(said.get("text") or "")
    mentioned = event.get("type") == "app_mention" or (bool(me) and f"<@{me}" in raw)
    if not (direct or mentioned) and plain.addressed_to(raw):
        return ()  # people talk with each other
    unknown = _unknown(event, said)
    if unknown is None:
        return ()
    text, thread = plain.typed(_unmentioned(raw, me, mentioned), me), conversation(event)
    message = Message(text, thread, f"slack:{said['user']}", key=key, public=not direct)
    heard = Heard(
        message,
        desk="" if direct else f"slack:{event['channel']}",
        card_thread="" if direct else str(said.get("thread_ts") or ""),
        engaged=(direct or mentioned) and unknown not in ("edited", "deleted"),
        unknown=unknown,
        via=_where(body, event, said) | ({"asked": text[:MAX_ASKED]} if text else {}),
    )
    return (heard,) if text or unknown or mentioned else ()


def _unmentioned(raw: str, me: str, mentioned: bool) -> str:
    """Without the mention that a message begins with, where the bot's own id is not known."""
    return raw.partition(">")[2] if mentioned and not me and plain.addressed_to(raw) else raw


def _unknown(event: Body, said: Body) -> str | None:
    """What of the message cannot be read, "" where all can; None where nothing that matters has changed."""
    if event.get("subtype") == "message_deleted":
        return "deleted"
    if event.get("subtype") == "message_changed":
        before = _map(event.get("previous_message"))
        return "edited" if said.get("edited") and before.get("text") != said.get("text") else None
    files = said.get("files")
    if not isinstance(files, list) or not files:
        return ""
    return _KINDS.get(str(_map(files[0]).get("mimetype")).partition("/")[0], "file")


def _where(body: Body, event: Body, said: Body) -> dict[str, Any]:
    """Where an answer goes: the channel, the thread that it is in, and what a stream has to name."""
    where = {
        "channel": event.get("channel"),
        "ts": said.get("ts"),
        "thread_ts": said.get("thread_ts"),
        "team": body.get("team_id") or event.get("team"),
        "user": said.get("user"),
    }
    return {name: value for name, value in where.items() if value}


# ── commands, buttons, forms ─────────────────────────────────────────────────────────────────────────────────────────


def _commanded(body: Body, key: str) -> Heard:
    text, user = plain.typed(str(body.get("text") or "")), f"slack:{body['user_id']}"
    channel = str(body.get("channel_id") or "")
    via = {"channel": channel, "response_url": body.get("response_url"), "user": body["user_id"]}
    via["asked"] = text[:MAX_ASKED]
    return Heard(
        Message(text, user, user, key=key),
        desk=f"slack:{channel}" if channel[:1] in ("C", "G") else "",
        command=text or "help",
        private=True,
        via={name: value for name, value in via.items() if value},
    )


def action_of(body: Body) -> tuple[Action, str, str] | None:
    """The action of the button that was pressed, its value, and what was asked before it."""
    pressed = _map((body.get("actions") or [None])[0])
    name = str(pressed.get("action_id") or "").partition(".")[0]
    if name not in list(Action):
        return None
    value, _, asked = str(pressed.get("value") or "").partition(ASKED)
    return Action(name), value, asked


def _pressed(body: Body, key: str, *, asks: bool) -> Sequence[Heard]:
    pressed = action_of(body)
    if pressed is None:
        return ()
    action, value, _ = pressed
    user, thread = f"slack:{_map(body.get('user')).get('id')}", pressed_at(body)
    channel, _, root = thread.removeprefix("slack:").partition("/")
    hidden = bool(_map(body.get("container")).get("is_ephemeral"))
    message = Message("", thread, user, action, value, key, public=bool(root))
    desk, card = (f"slack:{channel}", root) if root else ("", "")
    private = hidden or (bool(root) and action in _STAFF)
    return (
        Heard(
            message,
            desk,
            card,
            private=private,
            via=_pressed_via(body, root, private) | ({"form": True} if asks else {}),
        ),
    )


def _pressed_via(body: Body, root: str, private: bool) -> dict[str, Any]:
    message = _map(body.get("message"))
    via = {
        "channel": _map(body.get("channel")).get("id"),
        "thread_ts": root or message.get("thread_ts"),
        "user": _map(body.get("user")).get("id"),
        "response_url": body.get("response_url") if private and not root else None,
    }
    return {name: value for name, value in via.items() if value}


def _filled_in(body: Body, key: str) -> Sequence[Heard]:
    view = _map(body.get("view"))
    name, carried = str(view.get("callback_id")), metadata(view)
    if name not in list(Action) or not isinstance(carried.get("thread"), str):
        return ()
    action, said, thread = Action(name), answers(view), str(carried["thread"])
    user = f"slack:{_map(body.get('user')).get('id')}"
    channel, _, root = thread.removeprefix("slack:").partition("/")
    text = (said.get("text") or "").strip()
    message = Message(text, thread, user, action, str(carried.get("value") or ""), key, public=bool(root))
    via = _map(carried.get("via"))
    desk, card = (f"slack:{channel}", root) if root else ("", "")
    heard = Heard(message, desk, card, private=bool(root) and action in _STAFF, via=via)
    if action is Action.CONSULT:
        return (replace(heard, form=consultation_of(said)),)
    return (replace(heard, office=said.get("office", "")),)


def _map(value: object) -> Body:
    return value if isinstance(value, Mapping) else {}
