"""A conversation in the terminal: the shortest complete platform. Copy this one to add another.

The prompt is there at once; the bot is built in a thread behind it. Nothing that is said is written to disk: the
history of the arrow keys lives as long as the conversation.
"""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from rich.console import Console

from bot.message import Message, Reply

PROMPT = "あなた> "
WELCOME = "ご質問・ご相談をどうぞ。/help で使い方、/quit で終わります。"
HELP = """\
そのまま質問や相談を書いて Enter を押してください。前の話の続きもわかります。
  /evidence  直前の返事の根拠(資料の原文)を見る
  /new       新しい話を始める(これまでの話を忘れる)
  /help      この説明
  /quit      終わる(Ctrl-D、Ctrl-C でも終わります)"""
NO_EVIDENCE = "直前の返事に、資料からの引用はありません。"
UNKNOWN = "{} という命令はありません。/help をご覧ください。"
GOODBYE = "ありがとうございました。"
LOADING = "準備しています…"


class Speaker(Protocol):
    """What the console needs of a Bot."""

    def reply(self, message: Message) -> Reply: ...


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

    def __init__(self, bot: Callable[[], Speaker]) -> None:
        self._bot = bot
        self._last: Reply | None = None
        self._threads = 0

    def hear(self, typed: str) -> str | None:
        text = typed.strip()
        match text.split()[0].lower() if text.startswith("/") else "":
            case "/quit" | "/exit" | "/q":
                return None
            case "/help" | "/?":
                return HELP
            case "/evidence" | "/根拠":
                return evidence(self._last)
            case "/new":
                self._threads += 1
                self._last = None
                return WELCOME
            case "":
                return self._say(text) if text else ""
            case command:
                return UNKNOWN.format(command)

    def _say(self, text: str) -> str:
        self._last = self._bot().reply(Message(text, thread=f"console-{self._threads}"))
        return self._last.text


def evidence(reply: Reply | None) -> str:
    """The citations of a reply with the very words of their passages."""
    if reply is None or not reply.citations:
        return NO_EVIDENCE
    blocks = []
    for citation in reply.citations:
        page = f"p.{citation.page}" if citation.page is not None else ""
        where = " / ".join(part for part in (citation.title, citation.section, page, citation.date) if part)
        blocks.append(f"[{citation.n}] {where}\n{citation.source}\n{citation.passage}")
    return "\n\n".join(blocks)


def chat(build: Callable[[], Speaker], console: Console) -> None:
    """Talk until the person leaves. Raises what building the bot raised, at the first question that needs it."""
    with suppress(ImportError):  # not on Windows; input() then has no history
        import readline  # noqa: F401
    loading = Loading(build)

    def bot() -> Speaker:
        if loading.busy and console.is_terminal:
            with console.status(LOADING):
                return loading.result()
        return loading.result()

    _converse(Chat(bot), console)
    show(console, GOODBYE)
    if loading.busy:  # nothing is waited for: a model half loaded would hold the terminal for seconds
        sys.stdout.flush()
        os._exit(0)


def _converse(conversation: Chat, console: Console) -> None:
    show(console, WELCOME)
    with suppress(KeyboardInterrupt, EOFError):
        while (answer := conversation.hear(_typed())) is not None:
            show(console, answer)
        return
    show(console, "")


def _typed() -> str:
    """A line from the person; bytes that are no text become a replacement character."""
    line = input(PROMPT if sys.stdin.isatty() else "")
    return line.encode("utf-8", "replace").decode("utf-8")


def show(console: Console, text: str) -> None:
    """Print `text` as it is: no markup, no colours of numbers, no cutting of lines."""
    console.print(text, markup=False, highlight=False, soft_wrap=True, emoji=False)
