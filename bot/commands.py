"""Commands of people on every platform: what was typed, read once. Names in both languages, widths and case alike.

"連絡先 余市" → (CONTACTS, "余市") · "/contacts 余市" → the same · "forget" → a command of the resident's own records ·
anything else is a question.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.access import Role


class What(StrEnum):
    """What a command asks for."""

    HELP = "help"
    HOME = "home"
    CONTACTS = "contacts"
    PROJECTS = "projects"
    CASE = "case"
    EASY = "easy"
    INDEX = "index"
    REINDEX = "reindex"
    ROLLBACK = "rollback"
    RECORDS = "records"
    ASK = "ask"


NAMES: dict[What, tuple[str, ...]] = {
    What.HELP: ("help", "start", "settings", "ヘルプ", "使い方", "?"),
    What.HOME: ("home",),
    What.CONTACTS: ("contacts", "contact", "連絡先", "窓口"),
    What.PROJECTS: ("projects", "project", "事業"),
    What.CASE: ("case", "status", "相談"),
    What.EASY: ("easy", "やさしい", "やさしい日本語"),
    What.INDEX: ("index", "索引"),
    What.REINDEX: ("reindex",),
    What.ROLLBACK: ("rollback",),
    What.RECORDS: ("forget", "export", "cases", "consult", "cancel"),
    What.ASK: ("ask", "質問"),
}
"""The first name is the one that platforms list."""

_RECORDS = {"忘れて": "forget", "控え": "export", "相談一覧": "cases", "相談する": "consult", "やめる": "cancel"}
NEEDS = {What.INDEX: Role.ADMIN, What.REINDEX: Role.ADMIN, What.ROLLBACK: Role.ADMIN}
"""Who may; what is not named here, everybody."""
LOOK_UPS = (What.CONTACTS, What.PROJECTS, What.CASE, What.HELP)
"""They count for the limit of messages a minute; what goes to the bot is counted there."""
_OFF = ("off", "オフ", "やめる", "ふつう", "普通", "false", "0")
_INDEX_PARTS = {"rollback": What.ROLLBACK, "rebuild": What.REINDEX}
_NAMED = {name: what for what, names in NAMES.items() for name in names}


@dataclass(frozen=True, slots=True)
class Command:
    """`argument`: what follows the name, as typed; of RECORDS the resident's own command, "/forget"."""

    what: What
    argument: str = ""

    @property
    def off(self) -> bool:
        """Of EASY: whether it is to end."""
        return unicodedata.normalize("NFKC", self.argument).strip().lower() in _OFF


def parse(text: str) -> Command:
    """What `text`, as it stands behind the name of the bot's command, asks for."""
    name, _, rest = text.replace("\u3000", " ").strip().partition(" ")
    name, rest = unicodedata.normalize("NFKC", name).lower().removeprefix("/"), rest.strip()
    if not name:
        return Command(What.HELP)
    if name in _RECORDS:
        return Command(What.RECORDS, f"/{_RECORDS[name]}")
    what = _NAMED.get(name)
    if what is None:
        return Command(What.ASK, text.strip())
    if what is What.RECORDS:
        return Command(what, f"/{name}")
    if what is What.HELP and name == "start" and rest == "consult":
        return Command(What.RECORDS, "/consult")
    if what is What.INDEX:  # "index", "index status", "index rollback ID"
        part, _, after = rest.partition(" ")
        return Command(_INDEX_PARTS[part], after.strip()) if part in _INDEX_PARTS else Command(what)
    return Command(what, rest)


def may(role: Role, what: What) -> bool:
    """Whether a person of this role may ask for it. Admins may all, staff what residents may and more."""
    ranks = list(Role)
    return ranks.index(role) >= ranks.index(NEEDS.get(what, Role.RESIDENT))
