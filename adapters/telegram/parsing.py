"""An update of Telegram → what was said. Pure, and tolerant: what is not understood concerns nobody.

In groups the bot is spoken to by a command, by its name, by a reply to it, or by a button; nothing else is for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.platform import Heard
from adapters.telegram.address import GENERAL, NAME, thread
from adapters.telegram.commands import command_of
from adapters.telegram.keys import pressed
from bot.message import Message
from bot.post import Event

UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds that Telegram is asked for."""

_KINDS = {
    "sticker": "sticker", "voice": "voice", "photo": "image", "video": "video", "video_note": "video",
    "animation": "video", "document": "file", "audio": "file", "location": "location", "venue": "location",
    "contact": "contact", "poll": "poll", "dice": "other", "story": "other", "game": "other", "paid_media": "other",
    "checklist": "other", "invoice": "other",
}  # fmt: skip
"""What a message may hold → kinds of adapters.platform.UNKNOWN. Anything else without text is a notice of Telegram's.
An animation comes with a document beside it, so the order counts."""

Json = Mapping[str, Any]
_NOTHING: Json = {}


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself. `username` without @."""

    id: int
    username: str


def event_of(update: Json, me: Me) -> Event:
    """`update` as the inbox keeps it, with what is needed to read it later."""
    said = heard(update, me)
    chat = _number(_chat(update), "id")
    conversation = said[0].message.thread if said else f"{NAME}:{chat}"
    payload = {"update": dict(update), "me": {"id": me.id, "username": me.username}}
    return Event(NAME, (f"{NAME}:{me.id}:{_number(update, 'update_id')}",), conversation, payload)


def heard(update: Json, me: Me, named: Mapping[int, int] = {}) -> tuple[Heard, ...]:
    """What was said or pressed; nothing where it concerns nobody. `named`: new id of a group → the one that settings
    name it by."""
    key = f"{NAME}:{me.id}:{_number(update, 'update_id')}"
    if "callback_query" in update:
        return _pressed(_part(update, "callback_query"), key, named)
    for kind in ("message", "edited_message"):
        if kind in update:
            return _said(_part(update, kind), key, me, named, edited=kind != "message")
    return ()


def reach(update: Json) -> tuple[int, bool] | None:
    """Whether a person can be written to from now on, where it is told: (chat, False) once they block the bot."""
    change = _part(update, "my_chat_member")
    chat, status = _part(change, "chat"), _part(change, "new_chat_member").get("status")
    if chat.get("type") != "private" or status not in ("kicked", "member"):
        return None
    return _number(chat, "id"), status == "member"


def migration(update: Json) -> tuple[int, int] | None:
    """(old id, new id) of a group that became a supergroup, where `update` tells it."""
    message = _part(update, "message")
    here = _number(_part(message, "chat"), "id")
    if there := _number(message, "migrate_to_chat_id"):
        return here, there
    before = _number(message, "migrate_from_chat_id")
    return (before, here) if before else None


# ── what was typed ───────────────────────────────────────────────────────────────────────────────────────────────────


def _said(message: Json, key: str, me: Me, named: Mapping[int, int], *, edited: bool) -> tuple[Heard, ...]:
    chat, person = _number(_part(message, "chat"), "id"), _sender(message)
    if not chat or not person:
        return ()
    text = _text(message)
    command = command_of(text, me.username)
    if command is None:
        return ()  # a command for another bot
    unknown = "edited" if edited else _unknown(message)
    if not text.strip() and not unknown:
        return ()
    public, topic = chat < 0, _topic(message)
    engaged = not public or bool(command) or _mentions(text, me) or _answers_me(message, me)
    return (
        Heard(
            Message(_plain(text, me), thread(chat, topic, person), f"{NAME}:{person}", key=key, public=public),
            desk=f"{NAME}:{named.get(chat, chat)}" if public else "",
            card_thread=str(topic) if public and topic else "",
            answers=_answered(message),
            command="" if edited else command,
            engaged=engaged,
            unknown=unknown,
            via=_via(message, person, _part(message, "from")),
        ),
    )


def _via(message: Json, person: int, who: Json) -> dict[str, Any]:
    """What the reply needs: the message to answer, whom to call, and the language that the person's app speaks."""
    code = who.get("language_code")
    lang = code.partition("-")[0].lower() if isinstance(code, str) else ""
    via: dict[str, Any] = {"message": _number(message, "message_id"), "person": person}
    return via | ({"lang": lang} if lang in ("ja", "en", "zh") else {})


def _text(message: Json) -> str:
    found = message.get("text") or message.get("caption") or ""
    return found if isinstance(found, str) else ""


def _unknown(message: Json) -> str:
    return next((name for kind, name in _KINDS.items() if message.get(kind)), "")


def _sender(message: Json) -> int:
    """Who wrote it: a person, or a group in whose name an admin writes; 0 for other bots and channels."""
    stands_for = _number(_part(message, "sender_chat"), "id")
    if stands_for:
        return stands_for if stands_for == _number(_part(message, "chat"), "id") else 0
    person = _part(message, "from")
    return 0 if person.get("is_bot") else _number(person, "id")


def _topic(message: Json) -> int:
    """The forum topic; 0 outside of topics. A thread of replies in a plain group is none."""
    topic = _number(message, "message_thread_id")
    return topic if message.get("is_topic_message") and topic > GENERAL else 0


def _answered(message: Json) -> str:
    """The id of the message that is answered. The notice that began a topic is answered by nobody."""
    answered = _part(message, "reply_to_message")
    return "" if not answered or "forum_topic_created" in answered else str(_number(answered, "message_id") or "")


def _answers_me(message: Json, me: Me) -> bool:
    return bool(_answered(message)) and _number(_part(_part(message, "reply_to_message"), "from"), "id") == me.id


def _mention(me: Me) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@/.])@{re.escape(me.username)}(?!\w)", re.I)


def _mentions(text: str, me: Me) -> bool:
    return bool(me.username) and bool(_mention(me).search(text))


def _plain(text: str, me: Me) -> str:
    """`text` without the bot's name."""
    if not me.username:
        return text
    named = re.compile(rf"^(/\w+)@{re.escape(me.username)}(?!\w)", re.I)
    return re.sub(r"[ \t\u3000]{2,}", " ", _mention(me).sub(" ", named.sub(r"\1", text))).strip()


# ── what was pressed ─────────────────────────────────────────────────────────────────────────────────────────────────


def _pressed(query: Json, key: str, named: Mapping[int, int]) -> tuple[Heard, ...]:
    message, person = _part(query, "message"), _number(_part(query, "from"), "id")
    chat, choice = _number(_part(message, "chat"), "id"), pressed(query.get("data"))
    if not chat or not person or choice is None:
        return ()
    public, topic = chat < 0, _topic(message)
    action, value = choice
    return (
        Heard(
            Message("", thread(chat, topic, person), f"{NAME}:{person}", action, value, key, public),
            desk=f"{NAME}:{named.get(chat, chat)}" if public else "",
            card_thread=str(topic) if public and topic else "",
            answers=str(_number(message, "message_id") or ""),
            via=_via(message, person, _part(query, "from")),
        ),
    )


# ── reading what may be anything ─────────────────────────────────────────────────────────────────────────────────────


def _chat(update: Json) -> Json:
    for kind in UPDATES:
        part = _part(update, kind)
        chat = _part(part, "chat") or _part(_part(part, "message"), "chat")
        if chat:
            return chat
    return _NOTHING


def _part(whole: Json, name: str) -> Json:
    part = whole.get(name)
    return part if isinstance(part, dict) else _NOTHING


def _number(whole: Json, name: str) -> int:
    number = whole.get(name)
    return number if isinstance(number, int) and not isinstance(number, bool) else 0
