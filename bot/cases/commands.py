"""The commands of residents. Platforms that list commands take them from here."""

COMMANDS = ("/forget", "/export", "/cases", "/consult", "/cancel")


def command_of(text: str) -> str:
    """ "/forget" of "/Forget please"; "" where `text` is no command."""
    words = text.split()
    return words[0].lower() if words and words[0].startswith("/") else ""
