"""The desk in a terminal: cards arrive, numbers press their buttons, what is typed stays inside unless it is sent.

`renkei desk` beside `renkei chat`: the whole way of a consultation without an account anywhere.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

from rich.console import Console

from adapters.console import Words, choices, converse, own_words, show, with_choices
from adapters.front import Clerk, Post
from bot.cases.counter import BACK
from bot.cases.receipt import read_receipt
from bot.cases.wording import Said
from bot.message import Action, Button

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
_TYPED = (Action.REPLY, Action.NOTE, Action.TRANSFER)


class Desk:
    """`hear` takes what was typed and says what is to be shown, None at the end; `arrived` shows what has come."""

    def __init__(self, clerk: Clerk, words: Words) -> None:
        self._clerk = clerk
        self._words = words
        self._buttons: tuple[Button, ...] = ()
        self._awaits: Action | None = None
        self._turn = threading.RLock()  # typing and arriving come from two threads

    def hear(self, typed: str) -> str | None:
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
        """Show what has come to the desk; the last card is the one that numbers belong to."""
        with self._turn:
            self._clerk.mail.tick()
            self._clerk.mail.deliver(lambda post: say(self._posted(post)))

    def _posted(self, post: Post) -> str:
        if post.buttons:
            self._buttons, self._awaits = post.buttons, None
            self._clerk.current = post.receipt
        return with_choices(post.text, post.buttons)

    def _pressed(self, button: Button) -> str:
        self._awaits = button.action if button.action in _TYPED else None
        return self._shown(self._clerk.act(button.action, button.value))

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
        first, _, after = rest.partition(" ")
        receipt = read_receipt(first)
        text = after.strip() if receipt else rest
        if action is not Action.TRANSFER:
            return self._shown(self._clerk.act(action, receipt or "", text))
        office, _, reason = text.replace("\u3000", " ").partition(":" if ":" in text else " ")
        return self._shown(self._clerk.act(action, receipt or "", reason.strip(), office.strip()))

    def _shown(self, said: Said) -> str:
        if said.buttons:
            self._buttons = said.buttons
        return with_choices(said.text, said.buttons)


def desk(clerk: Clerk, console: Console) -> None:
    """Sit at the desk until leaving."""
    with suppress(ImportError):
        import readline  # noqa: F401
    words = own_words()
    seat = Desk(clerk, words)
    show(console, words("desk_welcome", name=clerk.name))
    converse(seat.hear, seat.arrived, console, words("desk_prompt"))
    show(console, words("goodbye"))
