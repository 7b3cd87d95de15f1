"""Commands as Telegram writes them → as `bot/commands.py` reads them; and whose menu shows which of them. Pure."""

import re

from bot.cases.receipt import read_receipt

_FORM = re.compile(r"/(\w{1,64})(?:@(\w+))?(?:\s+(.*))?", re.S)
_OWN = "renkei"
_LINKS = ("consult", "cases", "help", "easy")
"""What a deep link https://t.me/<bot>?start=<word> may ask for; a receipt number asks for its consultation."""

RESIDENT = ("consult", "cases", "contacts", "easy", "cancel", "export", "forget", "help")
GROUP = ("consult", "cases", "contacts", "help")
STAFF = (*RESIDENT[:3], "projects", "case", "easy", "help")
ADMIN = (*STAFF[:-1], "index", "reindex", "rollback", "help")
"""The menus, most useful first. Being shown is no right: that is asked when a command comes."""


def command_of(text: str, username: str) -> str | None:
    """ "contacts 余市" of "/contacts@renkei_bot 余市" or "/renkei contacts 余市"; "" where `text` is no command, None
    where it is one for another bot."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return ""
    name, bot, rest = found[1].lower(), found[2], (found[3] or "").strip()
    if bot and bot.lower() != username.lower():
        return None
    if name == _OWN:
        return rest or "help"
    if name == "start" and rest:
        return linked(rest)
    return f"{name} {rest}".strip()


def linked(word: str) -> str:
    """The command that a deep link stands for: "start" for any that is not known."""
    if receipt := read_receipt(word):
        return f"case {receipt}"
    return word if word in _LINKS else "start"
