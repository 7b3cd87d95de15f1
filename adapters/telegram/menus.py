"""The menus of commands: for each kind of chat and each language, and for the chats of staff. Best effort."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from adapters.telegram.address import address
from adapters.telegram.api import Api, ApiError
from adapters.telegram.commands import ADMIN, GROUP, RESIDENT, STAFF
from bot.message import Lang
from bot.texts import Texts

_log = logging.getLogger(__name__)

SCOPES: tuple[tuple[str, Sequence[str]], ...] = (
    ("default", RESIDENT),
    ("all_private_chats", RESIDENT),
    ("all_group_chats", GROUP),
)
LANGUAGES = (("", Lang.JA), ("ja", Lang.JA), ("en", Lang.EN), ("zh", Lang.ZH))
"""Telegram's language code ("": everybody else) and the language of ours."""


def menus(texts: Texts, admins: Iterable[str], staff: Iterable[str], desks: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The parameters of every setMyCommands. People and desks are ids such as "telegram:123"; others are left out."""
    for scope, names in SCOPES:
        for code, lang in LANGUAGES:
            yield {"scope": {"type": scope}, "commands": _commands(texts, lang, names)} | (
                {"language_code": code} if code else {}
            )
    chats = {_chat(one): STAFF for one in (*desks, *staff)} | {_chat(one): ADMIN for one in admins}
    for chat, own in chats.items():
        if chat:
            yield {"scope": {"type": "chat", "chat_id": chat}, "commands": _commands(texts, Lang.JA, own)}


def publish(api: Api, wanted: Iterable[dict[str, Any]]) -> int:
    """Set them one by one; how many could be set. A chat that the bot is not in yet has no menu of its own."""
    done = 0
    for menu in wanted:
        try:
            api.call("setMyCommands", **menu)
            done += 1
        except ApiError:
            _log.info("a menu could not be set (%s)", menu["scope"]["type"])
    return done


def _commands(texts: Texts, lang: Lang, names: Sequence[str]) -> list[dict[str, str]]:
    return [{"command": name, "description": texts.say(lang, f"telegram.menu_{name}")} for name in names]


def _chat(one: str) -> int:
    where = address(one)
    return where.chat if where else 0
