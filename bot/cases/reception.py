"""The resident's side: who has the floor, and who answers. One call is one unit of work.

A command of one's own → `records.py`; a person has the floor → to the desk; a draft or a button → `drafting.py`;
anything else → the bot, with the choice to consult.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from bot.cases.case import Case, State
from bot.cases.drafting import Drafting
from bot.cases.parts import Parts
from bot.cases.receipt import find_receipt
from bot.cases.records import Records
from bot.cases.table import CaseEvent, What
from bot.cases.wording import Said
from bot.message import Action, Button, Lang, Message, Reply, ReplyStatus
from bot.ports import Work
from bot.streaming import OnSentence
from bot.triage import Intent

_NO_OFFER = (ReplyStatus.EMERGENCY, ReplyStatus.LIMITED, ReplyStatus.ERROR, ReplyStatus.REFUSED, ReplyStatus.HELD)
_ON_ENDED = (Action.REOPEN, Action.FEEDBACK)


class Reception:
    """Bot, journey and table tied together. Safe under threads as long as each conversation comes one at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._words = parts.changes.words
        self._drafting = Drafting(parts)
        self._records = Records(parts)

    def receive(self, message: Message, work: Work, on_sentence: OnSentence | None = None) -> Reply:
        """`hear`, and the reply is written to the conversation. Nothing is written where the bot is silent."""
        reply = self.hear(message, work, on_sentence)
        if reply.text:
            key = f"reply:{message.key or uuid4().hex}"
            self._parts.changes.tell(message.thread, Said(reply.text, reply.buttons), key, work, cause=message.thread)
        return reply

    def hear(self, message: Message, work: Work, on_sentence: OnSentence | None = None) -> Reply:
        """The reply to a resident's message; HELD, with no text, where a person has the floor."""
        reply = self._heard(message, work, on_sentence)
        begun = reply.status is ReplyStatus.CONSULTATION and self._drafting.draft(message, work) is not None
        if not begun or work.cases.greeted(message.user):
            return reply
        work.cases.greet(message.user, self._parts.clock())  # whoever begins with a consultation is told as well
        return replace(reply, text=f"{self._notice(message, reply.lang)}\n\n{reply.text}")

    def _heard(self, message: Message, work: Work, on_sentence: OnSentence | None) -> Reply:
        if self._records.knows(message.text):
            return self._records.answer(message, work)
        held = self._held_by(message.thread, work)
        if held and message.action not in _ON_ENDED:
            reply = self._relayed(held, message, work)
            urgent = reply.status is ReplyStatus.HELD and self._is_urgent(message)
            return self._parts.bot.reply(message, on_sentence, self._parts.memories_of(work)) if urgent else reply
        draft = self._drafting.draft(message, work)
        if message.action in _ON_ENDED:
            return self._records.reopen_or_rate(message, work)
        if message.action or draft:
            return self._drafting.answer(message, draft, work)
        if receipt := find_receipt(message.text):
            return self._records.look_up(receipt, message, work)
        if self._drafting.is_wanted(message, work):
            return self._drafting.begin(message, work)
        return self._answered(message, work, on_sentence)

    # ── a person has the floor ───────────────────────────────────────────────────────────────────────────────────────

    def _held_by(self, thread: str, work: Work) -> Case | None:
        """The consultation in which a person has the floor here; of several, the one that was active last."""
        held = [case for case in work.cases.of_thread(thread) if case.human]
        return max(held, key=lambda case: case.touched_at, default=None)

    def _relayed(self, case: Case, message: Message, work: Work) -> Reply:
        """To the desk, word for word. What others in the thread say is not handed on; the bot is silent then too, but
        for an emergency, whoever speaks of it."""
        if message.user == case.user and message.text.strip():
            work.begin()
            current = work.cases.get(case.receipt)
            if current is None or not current.human:
                return self.hear(message, work)
            event = CaseEvent(What.SAYS, case.user, text=self._marked(message.text))
            self._parts.changes.happen(current, event, self._parts.clock(), work)
        return Reply(ReplyStatus.HELD, "", case.lang)

    def _marked(self, text: str) -> str:
        """Words that may be about life and death are marked for the desk, beside the reply that they get."""
        if self._parts.reader.read(text).intent is not Intent.EMERGENCY:
            return text
        return f"{self._parts.changes.cards.say('urgent')}\n{text}"

    def _is_urgent(self, message: Message) -> bool:
        return self._parts.reader.read(message.text).intent is Intent.EMERGENCY

    # ── the bot has the floor ────────────────────────────────────────────────────────────────────────────────────────

    def _answered(self, message: Message, work: Work, on_sentence: OnSentence | None) -> Reply:
        """The bot's own reply. Answering takes time, and holds nothing: whoever claimed meanwhile has the floor."""
        lang = self._parts.reader.read(message.text).lang
        notice = "" if work.cases.greeted(message.user) else self._notice(message, lang)
        urgent = self._is_urgent(message)  # then help stands first
        if notice and on_sentence and not urgent:
            on_sentence(f"{notice}\n\n")
        reply = self._parts.bot.reply(message, on_sentence, self._parts.memories_of(work))
        work.begin()
        if held := self._held_by(message.thread, work):
            relayed = self._relayed(held, message, work)
            return reply if reply.status is ReplyStatus.EMERGENCY else relayed
        if notice:
            work.cases.greet(message.user, self._parts.clock())
        waiting = [case for case in self._parts.own(message, work) if case.state is State.OPEN]
        extra = self._extra(reply, waiting)
        if urgent:
            notice, extra = "", "\n\n".join(part for part in (extra, notice) if part)
        if extra and on_sentence:
            on_sentence(f"\n\n{extra}")
        text = "\n\n".join(part for part in (notice, reply.text, extra) if part)
        return replace(reply, text=text, buttons=self._offer(reply, waiting))

    def _notice(self, message: Message, lang: Lang) -> str:
        """What everybody is told once: a machine, what it can do, no personal data, how to reach a person."""
        public = [self._words.say(lang, "notice_public")] if message.public else []
        return "\n".join([self._words.say(lang, "notice"), *public])

    def _extra(self, reply: Reply, waiting: Sequence[Case]) -> str:
        """That the matter waits; else, below the right desks, that it can be sent from here."""
        parts = [self._words.say(reply.lang, "waits", receipt=case.receipt) for case in waiting]
        if reply.status is ReplyStatus.ROUTED and not waiting:
            parts.append(self._words.say(reply.lang, "offer"))
        return "\n".join(parts)

    def _offer(self, reply: Reply, waiting: Sequence[Case]) -> tuple[Button, ...]:
        """Consult; and while a matter waits, add to it."""
        if reply.status in _NO_OFFER:
            return ()
        add = [self._words.button(reply.lang, Action.CONSULT, "add", f"add:{case.receipt}") for case in waiting[-1:]]
        return (*add, self._words.button(reply.lang, Action.CONSULT, "consult"))
