"""The terminal chat: what each line gives; and a real pseudo-terminal, where Ctrl-C and Ctrl-D leave cleanly."""

import os
import select
import signal
import subprocess
import sys
import termios
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from adapters.console import Chat, Loading, cited_part, evidence, own_words, show
from bot.message import Action, Button, Citation, Message, Reply, ReplyStatus

WORDS = own_words()
CITED = Citation(1, "計画", "plan.md", "1 › 目標", 3, "2025-03", "目標は二つです。")


class Parrot:
    """Says what it heard, in which thread, with a citation."""

    def reply(self, message: Message) -> Reply:
        return Reply(ReplyStatus.ANSWERED, f"{message.thread}: {message.text}", citations=(CITED,))


@pytest.fixture
def conversation() -> Chat:
    return Chat(Parrot, WORDS)


def test_a_number_presses_the_button_below_the_last_message():
    class Offers(Parrot):
        def reply(self, message):
            said = f"{message.action}:{message.value}:{message.text}"
            return Reply(ReplyStatus.ANSWERED, said, buttons=(Button(Action.CONSULT, "相談", "way:here"),))

    chat = Chat(Offers, WORDS)
    assert chat.hear("1") == "None::1\n[1] 相談"
    assert chat.hear("1") == "consult:way:here:\n[1] 相談"
    assert chat.hear("2") == "None::2\n[1] 相談"
    assert chat.hear("/forget") == "None::/forget\n[1] 相談"
    chat.hear("/new")
    assert chat.hear("1") == "None::1\n[1] 相談"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  こんにちは ", "console-0: こんにちは"),
        ("", ""),
        ("/help", WORDS("help")),
        ("/HELP me", WORDS("help")),
        ("/evidence", WORDS("no_evidence")),
        ("/quit", None),
        ("/sing", WORDS("unknown", command="/sing")),
        ("/", WORDS("unknown", command="/")),
    ],
)
def test_a_line_gives(conversation, typed, shown):
    assert conversation.hear(typed) == shown


def test_evidence_shows_the_very_words_and_new_forgets(conversation):
    conversation.hear("目標は?")
    assert (
        conversation.hear("/evidence")
        == "[1] 計画\n    1 › 目標\n    p.3\n    2025-03\n    plan.md\n\n  目標は二つです。"
    )
    conversation.hear("/new")
    assert conversation.hear("/evidence") == WORDS("no_evidence")
    assert conversation.hear("目標は?") == "console-1: 目標は?"


def test_evidence_without_a_reply():
    assert evidence(None) == ""
    assert evidence(Reply(ReplyStatus.SMALLTALK, "こんにちは")) == ""


PASSAGE = "背景\n\n人口が減っています。\n\n目標\n\n目標は二つです。\n\n- 交流\n- 産業\n\n進め方\n\n毎年、見直します。"


@pytest.mark.parametrize(
    ("section", "answer", "part"),
    [
        ("1 › 目標", "目標は二つです。 [1]", "目標\n\n目標は二つです。\n\n- 交流\n- 産業"),
        ("1 › 目標", "- 交流\n- 産業 [1]", "目標\n\n目標は二つです。\n\n- 交流\n- 産業"),
        ("1 › 進め方", "毎年、見直します。 [1]", "進め方\n\n毎年、見直します。"),
        ("1 › 目標", "人口が減っています。 [1]", PASSAGE),
        ("1", "目標は二つです。 [1]", PASSAGE),
        ("", "", PASSAGE),
    ],
)
def test_evidence_shows_the_section_cited_and_never_less_than_was_quoted(section, answer, part):
    assert cited_part(replace(CITED, section=section, passage=PASSAGE), answer) == part


def test_several_citations_are_set_apart():
    shown = evidence(Reply(ReplyStatus.ANSWERED, "", citations=(CITED, replace(CITED, n=2, page=None, date=None))))
    first, second = shown.split("\n" + "─" * 40 + "\n")
    assert first.startswith("[1] 計画\n")
    assert second == "[2] 計画\n    1 › 目標\n    plan.md\n\n  目標は二つです。"


def test_the_bot_is_not_waited_for_until_it_is_asked(conversation):
    def never() -> Parrot:
        raise AssertionError

    assert Chat(never, WORDS).hear("/help") == WORDS("help")


def test_loading_hands_on_what_went_wrong():
    def broken() -> Parrot:
        raise ValueError("no model")

    with pytest.raises(ValueError, match="no model"):
        Loading(broken).result()


def test_marks_are_shown_as_they_are(capsys):
    show(Console(), "[red]:smile: https://example.jp " + "あ" * 200)
    assert capsys.readouterr().out == "[red]:smile: https://example.jp " + "あ" * 200 + "\n"


SLOW_BOT = """
import sys, time
from rich.console import Console
from adapters.console import chat
from tests_parrot import Parrot

def build():
    time.sleep(float(sys.argv[1]))
    return Parrot()

chat(build, Console())
"""

PARROT = """
from types import SimpleNamespace
from bot.message import Reply, ReplyStatus

class OneLetter:
    def __init__(self):
        self.letters = [SimpleNamespace(text="news from the desk", buttons=(), receipt="")]

    def tick(self):
        pass

    def deliver(self, show):
        while self.letters:
            show(self.letters.pop())

class Parrot:
    mail = OneLetter()

    def reply(self, message):
        return Reply(ReplyStatus.ANSWERED, "heard " + message.text)
"""


def _log_in(side: int) -> None:
    """As a shell does: Ctrl-C works, even where the tests were started in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.login_tty(side)


class Terminal:
    """A chat in a pseudo-terminal."""

    def __init__(self, folder: Path, loading: float) -> None:
        (folder / "tests_parrot.py").write_text(PARROT)
        self.main, side = os.openpty()
        self.name, self.before = os.ttyname(side), termios.tcgetattr(side)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SLOW_BOT, str(loading)],
            preexec_fn=lambda: _log_in(side), pass_fds=(side,),
            env={**os.environ, "PYTHONPATH": str(folder), "TERM": "xterm", "PYTHONUTF8": "1"},
        )  # fmt: skip
        os.close(side)
        self.seen = b""

    def type(self, text: str) -> None:
        os.write(self.main, text.encode())

    def expect(self, text: str, patience: float = 20) -> None:
        """Read until `text` has appeared, once."""
        deadline = time.monotonic() + patience
        while text.encode() not in self.seen:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.main], [], [], left)[0]:
                pytest.fail(f"{text!r} did not appear in {self.seen[-300:].decode(errors='replace')!r}")
            try:
                self.seen += os.read(self.main, 4096)
            except OSError:
                pytest.fail(f"the chat ended before {text!r}: {self.seen!r}")
        self.seen = self.seen.partition(text.encode())[2]

    def end(self) -> int:
        """The exit code. The terminal is as it was before."""
        code = self.process.wait(20)
        side = os.open(self.name, os.O_RDWR | os.O_NOCTTY)
        assert termios.tcgetattr(side) == self.before
        os.close(side)
        return code


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(loading: float = 0) -> Terminal:
        opened.append(Terminal(tmp_path, loading))
        return opened[-1]

    yield start
    for each in opened:
        if each.process.poll() is None:
            os.killpg(each.process.pid, signal.SIGKILL)
        os.close(each.main)


def test_a_conversation_with_history(terminal):
    chat = terminal()
    chat.expect(WORDS("prompt"))
    chat.type("first\n")
    chat.expect("heard first")
    chat.expect(WORDS("prompt"))
    chat.type("\x1b[A\n")  # arrow up: the line before
    chat.expect("heard first")
    chat.type("/quit\n")
    chat.expect(WORDS("goodbye"))
    assert chat.end() == 0


def test_what_arrives_is_shown_while_a_line_is_typed(terminal):
    chat = terminal()
    chat.expect(WORDS("prompt"))
    chat.type("half a li")
    chat.expect("news from the desk")
    chat.expect(f"{WORDS('prompt')}half a li")
    chat.type("ne\n")
    chat.expect("heard half a line")
    chat.type("/quit\n")
    chat.expect(WORDS("goodbye"))
    assert chat.end() == 0


@pytest.mark.parametrize("loading", [0, 3600])
@pytest.mark.parametrize("key", ["\x03", "\x04", "half a line\x03"])
def test_ctrl_c_and_ctrl_d_leave_cleanly_even_while_the_model_loads(terminal, loading, key):
    chat = terminal(loading)
    chat.expect(WORDS("prompt"))
    time.sleep(0.2)  # readline has the terminal now, as when a person types
    chat.type(key)
    chat.expect(WORDS("goodbye"))
    assert chat.end() == 0


def test_ctrl_c_leaves_while_an_answer_waits_for_the_model(terminal):
    chat = terminal(3600)
    chat.expect(WORDS("prompt"))
    chat.type("question\n")
    chat.expect(WORDS("loading"))
    chat.type("\x03")
    chat.expect(WORDS("goodbye"))
    assert chat.end() == 0
