"""What Slack delivers → an Event for the inbox, or None where there is nothing to keep. Pure.

A channel's talk that is not said to the bot, and not in a thread, is never stored. Keys: Slack delivers again what was
not acknowledged in time, under the same `event_id`; and one mention as `message` and as `app_mention`, under the same
team, channel and `ts`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot.post import Event

Body = Mapping[str, Any]

COMMAND = "/renkei"
EVENTS = ("app_home_opened", "app_mention", "message.channels", "message.groups", "message.im")
"""The events that the manifest subscribes to."""

_SPOKEN = ("", "file_share", "thread_broadcast", "me_message")
_CHANGED = ("message_changed", "message_deleted")


def event_of(body: Body, me: str = "") -> Event | None:
    """`me`: the bot's own user id, where the delivery itself does not tell it."""
    if "command" in body:
        return _command(body)
    match body.get("type"):
        case "event_callback":
            return _happened(body, _own_id(body) or me)
        case "block_actions":
            return _pressed(body)
        case "view_submission":
            return _submitted(body)
        case _:
            return None


def is_opened(body: Body, tab: str) -> bool:
    """Whether somebody has opened the bot's page, at this tab."""
    event = _map(body.get("event"))
    return event.get("type") == "app_home_opened" and event.get("tab") == tab


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _happened(body: Body, me: str) -> Event | None:
    event = _map(body.get("event"))
    match event.get("type"):
        case "app_home_opened" if event.get("tab") == "home" and event.get("user"):
            return _event("home", body, me, f"slack:{event['user']}", ())
        case "message" | "app_mention" if _is_kept(event, me):
            key = ":".join(str(part) for part in (body.get("team_id"), event["channel"], _ts(event)))
            return _event("message", body, me, conversation(event), (f"slack:{key}",))
        case _:
            return None


def _is_kept(event: Body, me: str) -> bool:
    """Said by a person, to the bot or where it may be meant; or a change of such."""
    said = spoken(event)
    if not event.get("channel") or not _ts(event) or _is_machine(said, me):
        return False
    if event.get("subtype") in _CHANGED:
        return is_direct(event) or bool(said.get("thread_ts"))
    if (event.get("subtype") or "") not in _SPOKEN:
        return False
    mentioned = event["type"] == "app_mention" or (bool(me) and f"<@{me}" in str(said.get("text")))
    return is_direct(event) or mentioned or bool(event.get("thread_ts"))


def _is_machine(said: Body, me: str) -> bool:
    user = said.get("user")
    return not user or user in (me, "USLACKBOT") or bool(said.get("bot_id")) or said.get("subtype") == "bot_message"


def spoken(event: Body) -> Body:
    """The message that an event is about: itself, or the one that was changed or deleted."""
    match event.get("subtype"):
        case "message_changed":
            return _map(event.get("message"))
        case "message_deleted":
            return _map(event.get("previous_message"))
        case _:
            return event


def is_direct(event: Body) -> bool:
    """Between one person and the bot."""
    return event.get("channel_type") == "im" or str(event.get("channel")).startswith("D")


def conversation(event: Body) -> str:
    """ "slack:U…" for a direct message, "slack:C…/ts" for a thread; a message outside of threads begins one."""
    said = spoken(event)
    if is_direct(event):
        return f"slack:{said['user']}"
    return f"slack:{event['channel']}/{said.get('thread_ts') or said.get('ts')}"


def _ts(event: Body) -> str:
    """What names a message within its channel; for a change, the change and not the message."""
    ts = event.get("ts") or event.get("event_ts")
    if event.get("subtype") in _CHANGED:
        return f"{event['subtype']}:{event.get('event_ts') or ts}"
    return str(ts or "")


def _own_id(body: Body) -> str:
    """The bot's user id as the delivery tells it."""
    listed = body.get("authorizations")
    for authorization in listed if isinstance(listed, list) else ():
        if isinstance(authorization, Mapping) and authorization.get("is_bot"):
            return str(authorization.get("user_id") or "")
    return ""


# ── what was pressed, sent or typed as a command ─────────────────────────────────────────────────────────────────────


def _pressed(body: Body) -> Event | None:
    user, actions = _map(body.get("user")).get("id"), body.get("actions")
    if not user or not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        return None
    where = pressed_at(body)
    press = (actions[0].get("action_id"), actions[0].get("value"), actions[0].get("action_ts"), where)
    return _event("action", body, "", where, (_name("action", body.get("trigger_id") or (user, *press)),))


def _submitted(body: Body) -> Event | None:
    user, view = _map(body.get("user")).get("id"), _map(body.get("view"))
    if not user or not view.get("callback_id"):
        return None
    content = (view.get("id"), view.get("hash"), view.get("private_metadata"), view.get("state"), user)
    where = str(metadata(view).get("thread") or f"slack:{user}")
    return _event("view", body, "", where, (_name("view", content),))


def _command(body: Body) -> Event | None:
    user = body.get("user_id")
    if not user or body.get("command") != COMMAND:
        return None
    told = body.get("trigger_id") or (user, body.get("channel_id"), body.get("text"), body.get("response_url"))
    return _event("command", body, "", f"slack:{user}", (_name("command", told),))


def pressed_at(body: Body) -> str:
    """The conversation of a button. What only one person sees belongs to the direct messages with that person."""
    container, message = _map(body.get("container")), _map(body.get("message"))
    channel = str(_map(body.get("channel")).get("id") or container.get("channel_id") or "")
    root = message.get("thread_ts") or container.get("thread_ts")
    if not channel or channel.startswith("D") or (container.get("is_ephemeral") and not root):
        return f"slack:{_map(body.get('user')).get('id')}"
    return f"slack:{channel}/{root or message.get('ts') or container.get('message_ts')}"


def metadata(view: Body) -> Body:
    """What a modal of ours carries along; empty where it is none of ours."""
    try:
        return _map(json.loads(view.get("private_metadata") or "{}"))
    except (TypeError, ValueError):
        return {}


# ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _event(kind: str, body: Body, me: str, where: str, keys: tuple[str, ...]) -> Event:
    """The delivery as it is kept: without the old verification token, which is a secret."""
    event_id = body.get("event_id")
    keys = (f"slack:{event_id}", *keys) if event_id else keys
    kept = {name: value for name, value in body.items() if name not in ("token", "authorizations")}
    return Event("slack", keys or (_name(kind, kept),), where, {"kind": kind, "me": me, "body": kept})


def _name(kind: str, what: object) -> str:
    if isinstance(what, str):
        return f"slack:{kind}:{what}"
    text = json.dumps(what, ensure_ascii=True, sort_keys=True, default=str)
    return f"slack:{kind}:{hashlib.sha256(text.encode()).hexdigest()}"


def _map(value: object) -> Body:
    return value if isinstance(value, Mapping) else {}
