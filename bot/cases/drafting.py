"""A consultation is drafted: messages and buttons go through the journey until it is sent or dropped."""

import logging
from dataclasses import replace
from datetime import timedelta

from bot.cases import journey
from bot.cases.case import Case, Source, State, Step
from bot.cases.journey import Start, Turn
from bot.cases.parts import Parts, consultation
from bot.cases.reading import Heard
from bot.cases.table import CaseEvent, What
from bot.cases.wording import Said
from bot.cleaning import strip_instructions
from bot.conversation import Memory
from bot.faults import trail
from bot.message import Action, Lang, Message, Reply, ReplyStatus
from bot.ports import Work
from bot.triage import Intent

_log = logging.getLogger(__name__)

DRAFT_LASTS = timedelta(hours=24)
_ANSWERED = (ReplyStatus.ANSWERED, ReplyStatus.PARTIAL)
_OWN = (Action.CONSULT, Action.CONFIRM, Action.CANCEL)
_MASKED = "〔〕"


class Drafting:
    """The journey of one draft, in its unit of work."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._words = parts.changes.words

    def draft(self, message: Message, work: Work) -> Case | None:
        """The draft that this person writes here, if it has not lapsed."""
        now = self._parts.clock()
        drafts = [case for case in self._parts.own(message, work) if case.state is State.DRAFT]
        return next((draft for draft in reversed(drafts) if now - draft.touched_at < DRAFT_LASTS), None)

    def is_wanted(self, message: Message, work: Work) -> bool:
        """「担当に相談したい」, or a yes to the offer below the right desks."""
        said = self._parts.reader.read(message.text).said
        memory = self._memory(message, work)
        offered = memory.intent == Intent.CONSULT and memory.pending is None
        return "consult" in said or (offered and "confirm" in said)

    def begin(self, message: Message, work: Work) -> Reply:
        """A new draft, which knows what was said before; the one begun already, where there is one."""
        parts, memory = self._parts, self._memory(message, work)
        said = message.text or (memory.said[-1] if memory.said else "")
        lang = parts.reader.read(said).lang
        start = self._start(memory, lang)
        work.begin()
        if draft := self.draft(message, work):
            return self._asked(Turn(draft))
        turn = journey.begin(parts.receipt(), message.thread, message.user, lang, parts.clock(), start, message.public)
        return self._kept(turn, work)

    def answer(self, message: Message, draft: Case | None, work: Work) -> Reply:
        """What a message or a button leads to."""
        lang = draft.lang if draft else self._parts.lang(message, work)
        heard = self._parts.reader.read(message.text)
        urgent = heard.intent is Intent.EMERGENCY  # always gets through
        if self._parts.limit and not urgent and not self._parts.limit.admits(message.user, self._parts.clock()):
            return Reply(ReplyStatus.LIMITED, self._words.texts.say(lang, "limited.too_fast"), lang)
        if message.action:
            return self._pressed(message, draft, lang, work)
        assert draft is not None
        turn = journey.listen(draft, heard, self._parts.clock())
        return self._aside(message, draft, heard, work) if turn.aside else self._turned(turn, work)

    def cancel(self, draft: Case, work: Work) -> Reply:
        return self._turned(Turn(draft, what=What.CANCEL), work)

    # ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _start(self, memory: Memory, lang: Lang) -> Start:
        """The matter that was led to its desks; else the last question."""
        matter = memory.matter if memory.intent == Intent.CONSULT else memory.question
        if not matter:
            return Start()
        place, why = self._parts.reader.place(matter, lang, memory.said)
        return Start(matter, place, why, masked=_MASKED in matter)

    def _aside(self, message: Message, draft: Case, heard: Heard, work: Work) -> Reply:
        """What was no answer gets its reply from the bot; the question of the draft stands below it."""
        reply = self._parts.bot.reply(message, memories=self._parts.memories_of(work))
        if heard.intent is Intent.EMERGENCY:
            return reply
        asked = self._words.question(Turn(draft))
        waits = self._words.say(draft.lang, "draft_waits")
        return replace(reply, text="\n\n".join((reply.text, waits, asked.text)), buttons=asked.buttons)

    def _turned(self, turn: Turn, work: Work) -> Reply:
        """The next question, or the end of the draft."""
        if turn.what is None:
            return self._kept(turn, work)
        case = self._with_answer(turn.case) if turn.what is What.CONFIRM else turn.case
        event = CaseEvent(turn.what, case.user)
        outcome = self._parts.changes.happen(case, event, self._parts.clock(), work)
        assert outcome is not None
        assert outcome[1] is not None
        return consultation(outcome[1], case.lang)

    def _with_answer(self, case: Case) -> Case:
        """With what the documents say of the matter, for the desk to check."""
        try:
            reply = self._parts.bot.draft(strip_instructions(case.matter).text)
        except Exception as error:  # a consultation does not wait for the search to work
            _log.error("draft answer failed: %s", trail(error))
            return case
        if reply.status not in _ANSWERED:
            return case
        sources = tuple(Source(c.title, c.section, c.date, c.source) for c in reply.citations)
        return replace(case, answer=reply.text, sources=sources)

    # ── buttons ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _pressed(self, message: Message, draft: Case | None, lang: Lang, work: Work) -> Reply:
        name, _, value = message.value.partition(":")
        if message.action not in _OWN:
            return Reply(ReplyStatus.REFUSED, self._words.say(lang, "staff_only"), lang)
        if name == "add":
            return self._added(message, value, lang, work)
        if message.action is Action.CONSULT and not name:
            return self.begin(message, work)
        if draft is None:
            return self._stale(lang)
        if message.action is Action.CANCEL:
            return self.cancel(draft, work)
        if message.action is Action.CONFIRM:  # only what was shown last may be sent
            shown = draft.step is Step.REVIEW and (name, value) == (draft.receipt, str(draft.version))
            return self._turned(Turn(draft, what=What.CONFIRM), work) if shown else self._stale(lang, draft)
        return self._chosen(name, value, draft, work)

    def _chosen(self, name: str, value: str, draft: Case, work: Work) -> Reply:
        """A choice below a question of the draft."""
        now = self._parts.clock()
        if name == "fix" and not value:
            return self._asked(Turn(draft, fixing=True))
        if name == "fix" and value in list(Step):
            return self._kept(journey.fix(draft, Step(value), now), work)
        asked = {"way": (Step.WAY, Step.ADDRESS), "place": (Step.PLACE,)}.get(name, ())
        if draft.step not in asked:
            return self._stale(draft.lang, draft)
        pressed = Heard("", "", draft.lang, said=frozenset((value,)))
        return self._turned(journey.listen(draft, pressed, now), work)

    def _added(self, message: Message, receipt: str, lang: Lang, work: Work) -> Reply:
        """What was said last is added to a consultation that waits."""
        said = self._memory(message, work).said
        work.begin()
        case = work.cases.get(receipt)
        if case is None or case.user != message.user or case.state is not State.OPEN:
            return self._stale(lang)
        if not said:
            return consultation(Said(self._words.say(lang, "nothing_to_add")), lang)
        event = CaseEvent(What.SAYS, message.user, text=said[-1])
        outcome = self._parts.changes.happen(case, event, self._parts.clock(), work)
        return consultation(outcome[1], lang) if outcome and outcome[1] else self._stale(lang)

    def _stale(self, lang: Lang, draft: Case | None = None) -> Reply:
        """A button that is out of date: the draft, if there is one, is asked about again."""
        said = Said(self._words.say(lang, "stale"))
        if draft is not None:
            asked = self._words.question(Turn(draft))
            said = Said(f"{said.text}\n\n{asked.text}", asked.buttons)
        return consultation(said, lang)

    # ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _kept(self, turn: Turn, work: Work) -> Reply:
        kept = replace(turn.case, version=turn.case.version + 1)
        work.cases.put(kept)
        return self._asked(replace(turn, case=kept))

    def _asked(self, turn: Turn) -> Reply:
        return consultation(self._words.question(turn), turn.case.lang)

    def _memory(self, message: Message, work: Work) -> Memory:
        return self._parts.memories_of(work).recall(message.thread, self._parts.clock())
