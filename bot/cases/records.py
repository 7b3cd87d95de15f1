"""What a resident can ask about consultations of their own: how one stands, what is kept; and have it all forgotten."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.commands import COMMANDS, command_of
from bot.cases.drafting import Drafting
from bot.cases.parts import Parts, consultation
from bot.cases.table import CaseEvent, What
from bot.cases.wording import Said
from bot.message import Action, Lang, Message, Reply, ReplyStatus
from bot.ports import Work

GUESSES = 10
GUESS_WINDOW = timedelta(minutes=10)
_RATINGS = ("good", "bad")


class Records:
    """Commands, and questions about a receipt number."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._words = parts.changes.words
        self._drafting = Drafting(parts)

    def knows(self, text: str) -> bool:
        """Whether `text` is a command of a resident."""
        return command_of(text) in COMMANDS

    def answer(self, message: Message, work: Work) -> Reply:
        """What a command leads to."""
        lang = self._parts.lang(message, work)
        match command_of(message.text):
            case "/forget":
                return self._forgotten(message, lang, work)
            case "/export":
                return self._exported(message, lang, work)
            case "/cases":
                return self._listed(message, lang, work)
        if any(case.human for case in work.cases.of_thread(message.thread)):
            return Reply(ReplyStatus.HELD, "", lang)
        if command_of(message.text) == "/consult":
            return self._drafting.begin(replace(message, text=""), work)
        draft = self._drafting.draft(message, work)
        return self._drafting.cancel(draft, work) if draft else self._say("stale", lang)

    def look_up(self, receipt: str, message: Message, work: Work) -> Reply:
        """How a consultation stands, for its owner and for staff. Others read the same as where there is none."""
        lang, now = self._lang(receipt, message, work), self._parts.clock()
        if work.cases.guesses(message.user, now - GUESS_WINDOW) >= GUESSES:
            return self._say("too_many", lang)
        case = work.cases.get(receipt)
        if case is None or case.erased or not (case.user == message.user or self._parts.access.is_staff(message.user)):
            return self._not_found(message, lang, work)
        if case.user != message.user:
            work.audit.note(message.user, "look_up", receipt)
        return consultation(Said(self._words.status(case, lang)), lang)

    def _lang(self, receipt: str, message: Message, work: Work) -> Lang:
        """A bare number is of no language."""
        words = len(message.text) > len(receipt) + 2
        return self._parts.reader.read(message.text).lang if words else self._parts.lang(message, work)

    def reopen_or_rate(self, message: Message, work: Work) -> Reply:
        """A button below 「相談を終わりにしました」. Foreign and absent numbers are answered alike."""
        receipt, _, rating = message.value.partition(":")
        lang = self._parts.lang(message, work)
        work.begin()
        case = work.cases.get(receipt)
        if case is None or case.user != message.user:
            return self._not_found(message, lang, work)
        what = What.REOPEN if message.action is Action.REOPEN else What.RATE
        if what is What.RATE and rating not in _RATINGS:
            return self._say("stale", lang)
        event = CaseEvent(what, message.user, text=rating)
        outcome = self._parts.changes.happen(case, event, self._parts.clock(), work)
        return consultation(outcome[1], lang) if outcome and outcome[1] else self._say("stale", lang)

    # ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _forgotten(self, message: Message, lang: Lang, work: Work) -> Reply:
        """Every word of the person goes, at once and everywhere; desks are told that a matter was withdrawn."""
        work.begin()
        now, cases = self._parts.clock(), work.cases.of_user(message.user)
        for case in cases:
            self._parts.changes.happen(case, CaseEvent(What.FORGET, message.user), now, work)
        public = {case.thread for case in cases if case.public} | ({message.thread} if message.public else set())
        for thread in sorted({message.thread, *(case.thread for case in cases)}):
            if thread not in public:  # there, what others wrote stays
                work.inbox.forget(thread, waiting=False)
            self._parts.memories_of(work).forget(thread)
            work.outbox.withdraw(thread)
        work.cases.forget(message.user)
        return Reply(ReplyStatus.COMMAND, self._words.say(lang, "forgotten"), lang)

    def _exported(self, message: Message, lang: Lang, work: Work) -> Reply:
        if message.public:
            return Reply(ReplyStatus.COMMAND, self._words.say(lang, "export_public"), lang)
        cases = [(case, work.cases.lines(case.receipt)) for case in work.cases.of_user(message.user)]
        return Reply(ReplyStatus.COMMAND, self._words.export(cases, lang), lang)

    def _listed(self, message: Message, lang: Lang, work: Work) -> Reply:
        """Where each consultation of the person stands; of a conversation that others read, those held in it."""
        cases = self._parts.own(message, work) if message.public else work.cases.of_user(message.user)
        lines = [self._words.status(case, lang) for case in cases if case.opened_at]
        return Reply(ReplyStatus.COMMAND, "\n".join(lines) or self._words.say(lang, "no_cases"), lang)

    def _not_found(self, message: Message, lang: Lang, work: Work) -> Reply:
        work.cases.guess(message.user, self._parts.clock())
        return self._say("not_found", lang)

    def _say(self, key: str, lang: Lang) -> Reply:
        return consultation(Said(self._words.say(lang, key)), lang)
