"""The desk in a terminal: cards arrive, numbers press their buttons, what is typed stays inside unless it is sent.

`renkei desk` beside `renkei chat`: the whole way of a consultation without an account anywhere.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress

from rich.console import Console

from adapters.console import Words, choices, converse, own_words, show, with_choices
from adapters.front import Clerk, Post
from bot.cases.case import ConflictError
from bot.cases.counter import BACK
from bot.cases.receipt import read_receipt
from bot.cases.wording import Said
from bot.message import Action, Button
from knowledge.errors import DatabaseError

_MOVES = {
    "/claim": Action.CLAIM,
    "/reply": Action.REPLY,
    "/note": Action.NOTE,
    "/send": Action.SEND_TO_RESIDENT,
    "/drop": Action.CANCEL,
    "/transfer": Action.TRANSFER,
    "/close": Action.CLOSE,
    "/reopen": Action.REOPEN,
}
_WORDED = (Action.REPLY, Action.NOTE, Action.TRANSFER)  # words stand behind the number
_LIKE_NUMBER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{2,4}([-ー－‐–−])[A-Za-z0-9]{2,4}\1[A-Za-z0-9]{2,4}[:：]?")
_TYPED = (Action.REPLY, Action.NOTE, Action.TRANSFER)


class Desk:
    """`hear` takes what was typed and says what is to be shown, None at the end; `arrived` shows what has come."""

    def __init__(self, clerk: Clerk, words: Words) -> None:
        self._clerk = clerk
        self._words = words
        self._buttons: tuple[Button, ...] = ()
        self._awaits: Action | None = None
        self._failing = False
        self._turn = threading.RLock()  # typing and arriving come from two threads

    def hear(self, typed: str) -> str | None:
        with self._turn:
            try:
                return self._heard(typed)
            except (DatabaseError, ConflictError) as error:  # nothing has happened; the desk stays open
                return str(error) or self._words("desk_again")

    def _heard(self, typed: str) -> str | None:
        with self._turn:
            text = typed.strip()
            pressed = choices(text, self._buttons)
            if pressed is not None:
                return self._pressed(pressed)
            command, _, rest = text.partition(" ")
            match command.lower() if text.startswith("/") else "":
                case "/quit" | "/exit" | "/q":
                    return None
                case "/help" | "/?":
                    return self._words("desk_help")
                case "/list":
                    return self._shown(self._clerk.list())
                case "/show" | "/back" if rest.strip() and not read_receipt(rest):
                    return self._words("desk_bad_number", number=rest.strip())
                case "/show":
                    return self._shown(self._clerk.show(read_receipt(rest) or ""))
                case "/back":
                    return self._shown(self._clerk.act(Action.TRANSFER, read_receipt(rest) or "", office=BACK))
                case "":
                    return self._typed(text)
                case known if known in _MOVES:
                    return self._moved(_MOVES[known], rest.strip())
                case unknown:
                    return self._words("unknown", command=unknown)

    def arrived(self, say: Callable[[str], None]) -> None:
        """Show what has come to the desk; the last card is the one that numbers belong to. Where the database fails it
        is said once."""
        with self._turn:
            try:
                self._clerk.mail.tick()
                self._clerk.mail.deliver(lambda post: say(self._posted(post)))
                self._failing = False
            except DatabaseError as error:
                if not self._failing:
                    say(str(error))
                self._failing = True

    @property
    def _busy(self) -> bool:
        """Words are awaited, or a preview waits to be sent: then what arrives changes nothing of that."""
        return self._awaits is not None or any(b.action is Action.SEND_TO_RESIDENT for b in self._buttons)

    def _posted(self, post: Post) -> str:
        if post.buttons and self._busy:
            return f"{post.text}\n{self._words('desk_meanwhile', receipt=post.receipt)}"
        if post.buttons:
            self._buttons, self._awaits = post.buttons, None
            self._clerk.current = post.receipt
        return with_choices(post.text, post.buttons)

    def _pressed(self, button: Button) -> str:
        self._awaits = button.action if button.action in _TYPED else None
        return self._shown(self._clerk.act(button.action, button.value), button.action)

    def _typed(self, text: str) -> str:
        """Words for the button that was pressed last; else a line that stays inside, or begins with the mark."""
        awaited, self._awaits = self._awaits, None
        if not text:
            return ""
        if awaited is not None:
            return self._moved(awaited, text)
        if not self._clerk.current:
            return self._words("desk_no_case")
        said = self._clerk.talk(text)
        return self._shown(said) if said else self._words("desk_internal")

    def _moved(self, action: Action, rest: str) -> str:
        """`/reply 7KM-4PX-A9R 文`: the number may be left out for the consultation spoken of."""
        first, _, after = rest.replace("\u3000", " ").partition(" ")
        receipt = read_receipt(rest if action not in _WORDED else first)
        mistyped = (
            bool(rest) if action not in _WORDED else bool(_LIKE_NUMBER.fullmatch(unicodedata.normalize("NFKC", first)))
        )
        if mistyped and not receipt:  # never upon another consultation than the one that was meant
            return self._words("desk_bad_number", number=first)
        text = after.strip() if receipt else rest
        if action is not Action.TRANSFER:
            return self._shown(self._clerk.act(action, receipt or "", text), action)
        office, reason = split_transfer(text, self._clerk.offices)
        return self._shown(self._clerk.act(action, receipt or "", reason, office))

    def _shown(self, said: Said, action: Action | None = None) -> str:
        if said.buttons or action in (Action.SEND_TO_RESIDENT, Action.CANCEL):
            self._buttons = said.buttons  # what was previewed is sent or dropped
        return with_choices(said.text, said.buttons)


def split_transfer(text: str, offices: Iterable[str]) -> tuple[str, str]:
    """(office, reason) of 「窓口の名前: 理由」: names of `offices` may hold a space, and the colon may be left out."""
    text = text.replace("\u3000", " ").replace("\uff1a", ":").strip()
    for name in sorted(offices, key=len, reverse=True):
        rest = text.removeprefix(name)
        if rest != text and (not rest or rest[0] in ": "):
            return name, rest.lstrip(": ")
    office, _, reason = text.partition(":" if ":" in text else " ")
    return office.strip(), reason.strip()


def desk(clerk: Clerk, console: Console) -> None:
    """Sit at the desk until leaving."""
    with suppress(ImportError):
        import readline  # noqa: F401
    words = own_words()
    seat = Desk(clerk, words)
    show(console, words("desk_welcome", name=clerk.name))
    converse(seat.hear, seat.arrived, console, words("desk_prompt"))
    show(console, words("goodbye"))
