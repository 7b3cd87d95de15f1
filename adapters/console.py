"""A conversation in the terminal: the shortest complete platform. Copy this one to add another.

The prompt is there at once; the bot is built in a thread behind it. Nothing that is said is written to disk: the
history of the arrow keys lives as long as the conversation.
"""

import os
import re
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from textwrap import indent
from typing import Protocol

from rich.console import Console

from bot.message import Citation, Lang, Message, Reply
from bot.texts import Texts

_HEADING = re.compile(r"(?![-・*●○◆■(（\d])[^\t\n]{2,60}(?<![。.!?！？:：、])")  # a paragraph that may be one


class Speaker(Protocol):
    """What the console needs of a Bot."""

    def reply(self, message: Message) -> Reply: ...


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
        self._threads = 0

    def hear(self, typed: str) -> str | None:
        text = typed.strip()
        match text.split()[0].lower() if text.startswith("/") else "":
            case "/quit" | "/exit" | "/q":
                return None
            case "/help" | "/?":
                return self._words("help")
            case "/evidence" | "/根拠":
                return evidence(self._last) or self._words("no_evidence")
            case "/new":
                self._threads += 1
                self._last = None
                return self._words("welcome")
            case "":
                return self._say(text) if text else ""
            case command:
                return self._words("unknown", command=command)

    def _say(self, text: str) -> str:
        self._last = self._bot().reply(Message(text, thread=f"console-{self._threads}"))
        return self._last.text


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
    _converse(Chat(bot, words), console, words("prompt") if sys.stdin.isatty() else "")
    show(console, words("goodbye"))
    if loading.busy:  # nothing is waited for: a model half loaded would hold the terminal for seconds
        sys.stdout.flush()
        os._exit(0)


def own_words() -> Words:
    """The terminal's own sentences, from bot/texts."""
    texts = Texts.load()
    return lambda key, **fields: texts.say(Lang.JA, f"console.{key}", **fields)


def _converse(conversation: Chat, console: Console, prompt: str) -> None:
    try:
        while (answer := conversation.hear(_typed(prompt))) is not None:
            show(console, answer and f"{answer}\n")
    except (KeyboardInterrupt, EOFError):
        show(console, "")


def _typed(prompt: str) -> str:
    """A line from the person; bytes that are no text become a replacement character."""
    return input(prompt).encode("utf-8", "replace").decode("utf-8")


def show(console: Console, text: str) -> None:
    """Print `text` as it is: no markup, no colours of numbers, no cutting of lines."""
    console.print(text, markup=False, highlight=False, soft_wrap=True, emoji=False)
