"""Residents, staff, clocks, crashes and restarts in any order: what must hold after every step.

The bot is a stand-in that answers at once; reading, journey, table, reception, counter and timers are the real ones.
"""

import itertools
import re
from functools import cache
from types import SimpleNamespace

from case_office import FALLBACK, MORNING, OTARU, OTHER, SHIRIBESHI, STAFF, Office, desk_plan, knowledge, written
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.cases.case import State
from bot.cases.reading import Reader
from bot.conversation import Memory
from bot.message import Action, Button, Message, Reply, ReplyStatus
from bot.post import Event

RESIDENTS = ("telegram:1", "telegram:2")
THREADS = ("telegram:1", "telegram:2", "slack:C9/1")  # the last is read by both
DESKS = (OTARU, SHIRIBESHI, FALLBACK)
SAID = (
    "余市町で朝市を開きたいです", "担当に相談したい", "この会話で", "送る", "やめます", "直す", "国だけ", "仁木町",
    "いりません", "朝市は誰が開きましたか", "分からない", "0135-00-0000",
)  # fmt: skip
COMMANDS = ("/forget", "/export", "/cases", "/consult", "/cancel")
MOVES = tuple(
    getattr(Action, name) for name in ("CLAIM", "REPLY", "NOTE", "SEND_TO_RESIDENT", "CANCEL", "CLOSE", "REOPEN")
)
INSIDE, SENT = "内部#", "返信#"


class CrashError(Exception):
    """The process dies here."""


class QuickBot:
    """Answers at once; what was said is taken for a consultation that was led to its desks."""

    def reply(self, message, on_sentence=None, memories=None):
        memory = Memory((message.text,), intent="consult", matter=message.text, at=None)
        memories.remember(message.thread, memory)
        return Reply(ReplyStatus.ROUTED, f"BOT {message.text}")

    def draft(self, matter):
        return Reply(ReplyStatus.ANSWERED, "資料では…")


@cache
def heard(text):
    known = knowledge()
    return Reader(known.triage, known.gazetteer, known.directory, known.masker).read(text)


@cache
def place(text, lang):
    known = knowledge()
    return Reader(known.triage, known.gazetteer, known.directory, known.masker).place(text, lang)


class Interleavings(RuleBasedStateMachine):
    """`make()` opens an empty database."""

    make = None

    @initialize()
    def begin(self):
        self.database = type(self).make()
        self.numbers, self.keys = itertools.count(1), []
        self.time = MORNING
        self.shown: dict[str, list[Button]] = {user: [] for user in RESIDENTS}
        self.replies_sent: dict[str, str] = {}  # mark → thread
        self.read: list = []  # all that was ever written to send, by key
        self.known: set[str] = set()
        self.restart()
        for user in RESIDENTS:  # so that there is something to claim from the first step on
            self.consult(user, "この会話で")

    @rule()
    def restart(self):
        """Another process takes over: it knows what the database knows."""
        quick = SimpleNamespace(read=lambda text, _history=(): heard(text), place=lambda *given: place(*given[:2]))
        self.office = Office(self.database, plan=_PLAN, bot=QuickBot(), reader=quick)
        self.office.time = self.time

    def teardown(self):
        if hasattr(self.database, "close"):
            self.database.close()

    # ── what people do ───────────────────────────────────────────────────────────────────────────────────────────────

    @rule(user=st.sampled_from(RESIDENTS), thread=st.sampled_from(THREADS), text=st.sampled_from(SAID))
    def say(self, user, thread, text):
        self._resident(user, _own(user, thread), text)

    @rule(user=st.sampled_from(RESIDENTS), thread=st.sampled_from(THREADS), number=st.integers(0, 40))
    def press(self, user, thread, number):
        """A button that was shown to this person at any time, wherever."""
        if self.shown[user]:
            button = self.shown[user][-1 - number % len(self.shown[user])]
            self._resident(user, _own(user, thread), "", button)

    @rule(user=st.sampled_from(RESIDENTS), thread=st.sampled_from(THREADS), text=st.sampled_from(COMMANDS))
    def command(self, user, thread, text):
        self._resident(user, _own(user, thread), text)

    @rule(user=st.sampled_from(RESIDENTS), extra=st.sampled_from(("この会話で", "いりません")))
    def consult(self, user, extra):
        """The whole way at once, so that there is something to claim."""
        for text in (SAID[0], "担当に相談したい", extra, "送る"):
            self._resident(user, user, text)

    @precondition(lambda self: self.keys)
    @rule(number=st.integers(0, 40))
    def repeat(self, number):
        """The platform delivers an event again."""
        message = self.keys[-1 - number % len(self.keys)]
        before, count = self._cases(), len(written(self.database))
        with self.database.work() as work:
            new = work.inbox.receive(Event("test", (message.key,), message.thread, {}))
        assert not new
        assert (self._cases(), len(written(self.database))) == (before, count)

    @rule(
        by=st.sampled_from((STAFF, OTHER, RESIDENTS[0])),
        where=st.sampled_from(DESKS),
        action=st.sampled_from(MOVES),
        number=st.integers(0, 5),
    )
    def move(self, by, where, action, number):
        case = self._case(number)
        if case is None:
            return
        n = next(self.numbers)
        text = f"{SENT}{n}。" if action is Action.REPLY else f"{INSIDE}{n}。"
        with self._step():
            said = self.office.act(action, case.receipt, by=by, where=where, text=text)
        if action is Action.SEND_TO_RESIDENT and "済みました" in said.text:
            self.replies_sent[case.preview] = case.thread

    @rule(number=st.integers(0, 5))
    def serve(self, number):
        """Claimed, answered: what most often follows."""
        case = self._case(number)
        if case is None:
            return
        by = case.holder or STAFF
        text = f"{SENT}{next(self.numbers)}。"
        for action in (Action.CLAIM, Action.REPLY, Action.SEND_TO_RESIDENT):
            with self._step():
                said = self.office.act(action, case.receipt, by=by, text=text)
        if "済みました" in said.text:
            self.replies_sent[text] = case.thread

    @rule(number=st.integers(0, 5), action=st.sampled_from((Action.NOTE, Action.CLOSE, Action.REPLY)))
    def as_holder(self, number, action):
        """What only the holder may do, or does most."""
        case = self._case(number)
        if case is not None and case.holder:
            mark = SENT if action is Action.REPLY else INSIDE
            with self._step():
                self.office.act(action, case.receipt, by=case.holder, text=f"{mark}{next(self.numbers)}。")

    @rule(where=st.sampled_from(DESKS), number=st.integers(0, 5))
    def talk(self, where, number):
        case = self._case(number)
        if case is not None:
            with self._step():
                self.office.talk(case.receipt, f"{INSIDE}{next(self.numbers)}。", where=where)

    @rule(number=st.integers(0, 5), office=st.sampled_from(("後志総合振興局", "小樽開発建設部", "back")))
    def transfer(self, number, office):
        case = self._case(number)
        if case is not None:
            with self._step():
                self.office.act(Action.TRANSFER, case.receipt, office=office, text="理由")

    @rule(hours=st.sampled_from((1, 5, 9, 30, 24 * 400)))
    def later(self, hours):
        self.office.go(hours=hours)
        self.time = self.office.time
        with self._step():
            self.office.tick()

    @rule(number=st.integers(0, 5))
    def undeliverable(self, number):
        case = self._case(number)
        if case is not None:
            with self._step():
                self.office.fail(case.receipt)

    # ── how it is done ───────────────────────────────────────────────────────────────────────────────────────────────

    def _resident(self, user, thread, text, button=None):
        """The event is handled; half of the time the process dies before the commit, and it is handled again."""
        key = f"k{next(self.numbers)}"
        action, value = (button.action, button.value) if button else (None, "")
        message = Message(text, thread, user, action, value, key)
        if len(self.keys) % 2:
            self._dies(message)
        held = any(case.human for case in self._cases().values() if case.thread == thread)
        before = self._cases()
        with self._step(), self.database.work() as work:
            assert work.inbox.receive(Event("test", (key,), thread, {}))
            reply = self.office.reception.receive(message, work)
        self.keys.append(message)
        self.shown[user] += reply.buttons
        assert bool(reply.text) == (reply.status is not ReplyStatus.HELD)
        ended = action in (Action.REOPEN, Action.FEEDBACK)
        if held and text not in COMMANDS and not ended:
            assert reply.status is ReplyStatus.HELD, "the bot spoke while a person had the floor"
            mine = [case for case in before.values() if case.human and case.thread == thread and case.user == user]
            assert len(self.new) <= (1 if text and mine else 0)
            assert not any(post.destination == thread for post in self.new)
        if reply.status is ReplyStatus.HELD:
            assert held

    def _dies(self, message):
        before, count = self._cases(), len(written(self.database))
        try:
            with self.database.work() as work:
                work.inbox.receive(Event("test", (message.key,), message.thread, {}))
                self.office.reception.receive(message, work)
                raise CrashError
        except CrashError:
            pass
        assert (self._cases(), len(written(self.database))) == (before, count)
        self.restart()

    def _step(self):
        return _Step(self)

    def _told(self, thread):
        """What was said to a conversation, but for an export, which says it all again."""
        texts = [post.payload["text"] for post in self.read if post.destination == thread]
        return [text for text in texts if "お預かりしている内容は" not in text]

    def _cases(self):
        with self.database.work() as work:
            live = {case.receipt: case for case in work.cases.active()}
            for user in RESIDENTS:
                live |= {case.receipt: case for case in work.cases.of_user(user)}
        return live

    def _case(self, number):
        cases = [case for case in self._cases().values() if case.opened_at]
        return cases[number % len(cases)] if cases else None

    # ── what must hold ───────────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def nothing_internal_reaches_a_resident(self):
        for post in self.read:
            if post.destination in THREADS:
                text = post.payload["text"]
                assert INSIDE not in text
                assert not re.search(r"slack:U0|telegram:55", text)
                assert not {"card", "below", "edits"} & set(post.payload)

    @invariant()
    def a_reply_goes_to_its_resident_once_and_to_nobody_else(self):
        texts = [(thread, text) for thread in THREADS for text in self._told(thread)]
        for mark, thread in self.replies_sent.items():
            assert [where for where, text in texts if mark in text] == [thread]
        sent = {mark for _, text in texts for mark in re.findall(rf"{SENT}\d+。", text)}
        assert sent <= set(self.replies_sent)

    @invariant()
    def replies_keep_their_order(self):
        for thread in THREADS:
            marks = [int(n) for text in self._told(thread) for n in re.findall(rf"{SENT}(\d+)。", text)]
            assert marks == sorted(marks)

    @invariant()
    def a_holder_stands_where_a_case_is_claimed(self):
        for case in self._cases().values():
            assert (case.holder is not None) == (case.state is State.CLAIMED) or case.state is State.CLOSED
            assert (case.waiting_since is not None) == (case.state is State.OPEN)
            assert case.erased is False or not case.matter


class _Step:
    """One thing that happens: what was written in it, and that every change of state was told to the resident."""

    def __init__(self, machine):
        self._machine = machine

    def __enter__(self):
        self._before = self._machine._cases()

    def __exit__(self, kind, error, trace):
        if kind:
            return
        machine = self._machine
        machine.new = [post for post in written(machine.database) if post.key not in machine.known]
        machine.known |= {post.key for post in machine.new}
        machine.read += machine.new
        after = machine._cases()
        for receipt, case in self._before.items():
            now = after.get(receipt)
            purged = case.state is State.CLOSED and now is None
            if (now is None or now.state is not case.state) and not purged:
                assert any(post.destination in (case.thread, *THREADS) for post in machine.new), (case.state, now)
                if now is not None:
                    assert any(post.destination == case.thread for post in machine.new), (case.state, now.state)


def _own(user, thread):
    """People write in their own conversation, or in the one that all can read."""
    return user if thread in RESIDENTS else thread


_PLAN = desk_plan()
