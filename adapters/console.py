"""A conversation in the terminal: the shortest complete platform. Copy this one to add another.

The prompt is there at once; the bot is built in a thread behind it. Nothing that is said is written to disk: the
history of the arrow keys lives as long as the conversation.
"""

import os
import re
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from textwrap import indent
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rich.console import Console

from bot.cases.commands import COMMANDS
from bot.message import Button, Citation, Lang, Message, Reply
from bot.texts import Texts

if TYPE_CHECKING:
    from adapters.front import Mail, Post

_HEADING = re.compile(r"(?![-・*●○◆■(（\d])[^\t\n]{2,60}(?<![。.!?！？:：、])")  # a paragraph that may be one


class Speaker(Protocol):
    """What the console needs of a Bot."""

    def reply(self, message: Message) -> Reply: ...


@runtime_checkable
class Addressee(Protocol):
    """Somebody to whom messages come that nobody waits for: a desk's answer, hours later."""

    mail: "Mail"


class Words(Protocol):
    """The terminal's own sentences, by key."""

    def __call__(self, key: str, **fields: object) -> str: ...


class Loading:
    """Builds something in a thread of its own. `result` waits for it and raises what went wrong."""

    def __init__(self, build: Callable[[], Speaker]) -> None:
        self._build = build
        self._result: Speaker | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._build()
        except BaseException as error:
            self._error = error

    @property
    def busy(self) -> bool:
        return self._thread.is_alive()

    def result(self) -> Speaker:
        while self._thread.is_alive():  # in steps, so that Ctrl-C is heard on every platform
            self._thread.join(0.1)
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result


class Chat:
    """One conversation: `hear` takes what was typed and says what is to be shown, None at the end."""

    def __init__(self, bot: Callable[[], Speaker], words: Words) -> None:
        self._bot = bot
        self._words = words
        self._last: Reply | None = None
        self._buttons: tuple[Button, ...] = ()
        self._threads = 0

    def hear(self, typed: str) -> str | None:
        text = typed.strip()
        pressed = choices(text, self._buttons)
        if pressed is not None:
            return self._say("", pressed)
        match text.split()[0].lower() if text.startswith("/") else "":
            case "/quit" | "/exit" | "/q":
                return None
            case "/help" | "/?":
                return self._words("help")
            case "/evidence" | "/根拠":
                return evidence(self._last) or self._words("no_evidence")
            case "/new":
                self._threads += 1
                self._last, self._buttons = None, ()
                return self._words("welcome")
            case "":
                return self._say(text) if text else ""
            case command if command in COMMANDS:
                return self._say(text)
            case command:
                return self._words("unknown", command=command)

    def arrived(self, say: Callable[[str], None]) -> None:
        """Show what has come since, such as a desk's answer."""
        bot = self._bot()
        if isinstance(bot, Addressee):
            bot.mail.tick()
            bot.mail.deliver(lambda post: say(self._posted(post)))

    def _say(self, text: str, pressed: Button | None = None) -> str:
        action, value = (pressed.action, pressed.value) if pressed else (None, "")
        self._last = self._bot().reply(Message(text, thread=f"console-{self._threads}", action=action, value=value))
        self._buttons = self._last.buttons
        return with_choices(self._last.text, self._buttons)

    def _posted(self, post: "Post") -> str:
        self._buttons = post.buttons or self._buttons
        return with_choices(post.text, post.buttons)


def choices(typed: str, buttons: Sequence[Button]) -> Button | None:
    """The button that a number stands for, if one was typed."""
    number = int(typed) if typed.isdecimal() and len(typed) <= 2 else 0
    return buttons[number - 1] if 0 < number <= len(buttons) else None


def with_choices(text: str, buttons: Sequence[Button]) -> str:
    """`text`, and below it the buttons with the number to type for each."""
    numbered = "  ".join(f"[{n}] {button.label}" for n, button in enumerate(buttons, 1))
    return f"{text}\n{numbered}" if numbered else text


def evidence(reply: Reply | None) -> str:
    """The citations of a reply, each with title, section, date and the very words, set apart by lines; "" without."""
    return f"\n{'─' * 40}\n".join(_evidence(citation, reply.text) for citation in reply.citations) if reply else ""


def _evidence(citation: Citation, answer: str) -> str:
    page = f"p.{citation.page}" if citation.page is not None else ""
    facts = (citation.title, citation.section, page, citation.date, citation.source)
    head = "\n    ".join(fact for fact in facts if fact)
    return f"[{citation.n}] {head}\n\n" + indent(cited_part(citation, answer), "  ")


def cited_part(citation: Citation, answer: str) -> str:
    """What the passage says under the heading cited: a passage may hold several short sections. The whole passage
    where that heading is no line of it, or where a line of `answer` marked with the citation would be left out."""
    blocks = citation.passage.strip("\n").split("\n\n")
    name = citation.section.rpartition(" › ")[2]
    start = next((at for at, block in enumerate(blocks) if name and block.partition("\n")[0].strip() == name), None)
    if start is None:
        return citation.passage
    end = next((at for at in range(start + 1, len(blocks)) if _HEADING.fullmatch(blocks[at])), len(blocks))
    part = "\n\n".join(blocks[start:end])
    quoted = re.findall(rf"^(?:[-・] ?)?(.+) \[{citation.n}\]$", answer, re.M)
    return part if all(line in part for line in quoted if line in citation.passage) else citation.passage


def chat(build: Callable[[], Speaker], console: Console) -> None:
    """Talk until the person leaves. Raises what building the bot raised, at the first question that needs it."""
    with suppress(ImportError):  # not on Windows; input() then has no history
        import readline  # noqa: F401
    loading, words = Loading(build), own_words()

    def bot() -> Speaker:
        if loading.busy and console.is_terminal:
            with console.status(words("loading")):
                return loading.result()
        return loading.result()

    show(console, words("welcome"))
    conversation = Chat(bot, words)
    converse(conversation.hear, conversation.arrived, console, words("prompt"), lambda: not loading.busy)
    show(console, words("goodbye"))
    if loading.busy:  # nothing is waited for: a model half loaded would hold the terminal for seconds
        sys.stdout.flush()
        os._exit(0)


def own_words() -> Words:
    """The terminal's own sentences, from bot/texts."""
    texts = Texts.load()
    return lambda key, **fields: texts.say(Lang.JA, f"console.{key}", **fields)


Arrived = Callable[[Callable[[str], None]], None]


def converse(
    hear: Callable[[str], str | None],
    arrived: Arrived,
    console: Console,
    prompt: str,
    ready: Callable[[], bool] = lambda: True,
) -> None:
    """Ask and answer until `hear` gives None, or the person leaves with Ctrl-C or Ctrl-D. What arrives is shown while
    nobody types, in a terminal; else between the lines. `ready`: whether anything can have arrived yet."""
    prompt = prompt if sys.stdin.isatty() else ""
    watch = Watch(arrived, console, prompt, ready) if prompt else None
    say = partial(_say, console)
    try:
        if not prompt and ready():
            arrived(say)
        while (answer := hear(_typed(prompt))) is not None:
            say(answer)
            if not prompt and ready():
                arrived(say)
    except (KeyboardInterrupt, EOFError):
        show(console, "")
    finally:
        if watch:
            watch.end()


def _say(console: Console, text: str) -> None:
    show(console, text and f"{text}\n")


class Watch:
    """Shows what arrives while a line is being typed, and then the line again."""

    def __init__(self, arrived: Arrived, console: Console, prompt: str, ready: Callable[[], bool]) -> None:
        self._arrived = arrived
        self._console = console
        self._prompt = prompt
        self._ready = ready
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(1.0):
            if self._ready():
                with suppress(Exception):  # what cannot be fetched now is fetched later
                    self._arrived(self._show)

    def _show(self, text: str) -> None:
        show(self._console, f"\r\n{text}\n")
        typed = sys.modules["readline"].get_line_buffer() if "readline" in sys.modules else ""
        sys.stdout.write(f"{self._prompt}{typed}")
        sys.stdout.flush()


def _typed(prompt: str) -> str:
    """A line from the person; bytes that are no text become a replacement character."""
    return input(prompt).encode("utf-8", "replace").decode("utf-8")


def show(console: Console, text: str) -> None:
    """Print `text` as it is: no markup, no colours of numbers, no cutting of lines."""
    console.print(text, markup=False, highlight=False, soft_wrap=True, emoji=False)
