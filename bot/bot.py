"""Bot.reply: a message in, exactly one reply out. The journeys read like a table of contents."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from bot import routing
from bot.aids import Aids
from bot.answering import Answer, Answerer
from bot.cards import contact_cards, office_cards
from bot.contacts import contact_reply, phone_in
from bot.conversation import Conversations, Memory, Turn, gives_place, kept, resolve
from bot.curated import Curated
from bot.faults import trail
from bot.language import detect
from bot.leading import routed_text
from bot.lexicon import lexicon_of
from bot.limiting import RateLimit
from bot.masking import Masker
from bot.message import Lang, Message, Reply, ReplyStatus
from bot.naming import office_name, office_with_phone
from bot.parts import questions_in
from bot.ports import Clock, MemoryStore, Retriever, Rewriter, Writer
from bot.question import Question, analyse, content_words, with_context
from bot.quoting import retrieved
from bot.rewording import Rewording
from bot.several import Part
from bot.streaming import OnSentence, Stream
from bot.texts import Texts
from bot.triage import Intent, Triage, Verdict
from bot.wishes import heard
from bot.writing import TIME_LIMIT
from knowledge.curated import CuratedAnswer
from knowledge.directory import Directory
from knowledge.entities import Contact, Hit, Level, Office
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary
from knowledge.readings import Readings

_log = logging.getLogger(__name__)

_FIXED = {
    Intent.EMERGENCY: ReplyStatus.EMERGENCY,
    Intent.OTHER_DESK: ReplyStatus.OTHER_DESK,
    Intent.REFUSED: ReplyStatus.REFUSED,
    Intent.SMALLTALK: ReplyStatus.SMALLTALK,
    Intent.LIMITED: ReplyStatus.LIMITED,
}
SHOWN_HITS = 10
ANY_MATTER = "complaint_state"  # the row of desks.csv that helps whoever does not know where to ask
MAX_OFFICES = 3  # offices named below an answer
Means = tuple[Rewording, Answerer]  # with a chat model, or without
MAX_CONTEXT = 400  # characters of earlier questions that a follow-up may lean on


class Bot:
    """The core. Synchronous; safe to call from several threads as long as each conversation comes one at a time."""

    def __init__(
        self,
        *,
        retriever: Retriever,
        directory: Directory,
        gazetteer: Gazetteer,
        triage: Triage,
        texts: Texts,
        clock: Clock,
        glossary: Glossary,
        limit: RateLimit | None = None,
        curated: Sequence[CuratedAnswer] = (),
        writer: Writer | None = None,
        writer_seconds: float = TIME_LIMIT,
        rewriter: Rewriter | None = None,
    ) -> None:
        self._retriever = retriever
        self._directory = directory
        self._gazetteer = gazetteer
        self._triage = triage
        self._texts = texts
        self._clock = clock
        self._glossary = glossary
        self._limit = limit
        self._curated = Curated(curated, gazetteer, texts)
        self._aids = Aids(texts, glossary, gazetteer, Readings.load(directory))
        self._mask = Masker.for_memory(directory, gazetteer)
        self._memories: MemoryStore = Conversations()
        self._seconds = writer_seconds
        lexicon = lexicon_of(retriever, gazetteer, glossary)
        self._aided: Means = Rewording(rewriter, gazetteer.names), Answerer(texts, lexicon, writer, writer_seconds)
        self._unaided: Means = Rewording(None, str.split), Answerer(texts, lexicon)

    def reply(
        self, message: Message, on_sentence: OnSentence | None = None, memories: MemoryStore | None = None
    ) -> Reply:
        """The reply to `message` in its conversation, remembered in `memories` (default: this process). `on_sentence`
        gets it in pieces: whole grounded sentences as a chat model writes them, then the rest; joined, its text."""
        started = time.perf_counter()
        stream = Stream(on_sentence)
        try:
            reply = self._reply(message, stream, memories or self._memories)
        except Exception as error:  # a resident gets a sentence; the log gets the place, never a resident's words
            _log.error("reply failed: %s", trail(error))
            lang = detect(message.text[:MAX_CONTEXT])
            reply = Reply(ReplyStatus.ERROR, self._texts.say(lang, "error.default"), lang)
        reply = replace(reply, ms=(time.perf_counter() - started) * 1000)
        stream.finish(reply.text)
        return reply

    def draft(self, matter: str) -> Reply:
        """What the documents say of a matter, for the desk. Remembered nowhere, and shown to no chat model."""
        return self._question(Turn(matter), Memory(), Lang.JA, Stream(None), self._unaided)

    def _reply(self, message: Message, stream: Stream, memories: MemoryStore) -> Reply:
        now = self._clock()
        memory, text = heard(message.text, memories.recall(message.thread, now))
        verdict = self._triage.classify(text, history=memory.said, lang=memory.lang)
        if self._limit and verdict.intent is not Intent.EMERGENCY and not self._limit.admits(message.user, now):
            return Reply(ReplyStatus.LIMITED, self._texts.say(verdict.lang, "limited.too_fast"), verdict.lang)
        if text:
            reply, memory = self._respond(verdict, memory, stream if verdict.lang is not Lang.JA_EASY else Stream())
        else:
            reply = Reply(ReplyStatus.SMALLTALK, self._texts.say(verdict.lang, "smalltalk.language"), verdict.lang)
        memories.remember(message.thread, kept(memory, self._mask, now))
        return self._aids.readable(reply)

    # ── the journeys ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _respond(self, verdict: Verdict, memory: Memory, stream: Stream) -> tuple[Reply, Memory]:
        if verdict.intent in _FIXED:
            return self._fixed(verdict), memory
        turn = resolve(verdict.cleaned, memory, self._place_spans)
        remarks = f"{remarks}\n\n" if (remarks := self._remarks(verdict)) else ""
        stream.begin(remarks)
        reply, memory = self._sought(verdict, memory, turn, stream)
        return replace(reply, text=f"{remarks}{reply.text}"), memory

    def _sought(self, verdict: Verdict, memory: Memory, turn: Turn, stream: Stream) -> tuple[Reply, Memory]:
        """What is looked for: the office's own words, a contact, the right desk, or an answer."""
        intent = self._intent(verdict, memory, turn)
        row = self._curated.find(turn.text, self._clock().date(), self._retriever.read, follows=bool(turn.context))
        if row:
            reply = self._curated.reply(row, verdict.lang)
            return reply, self._after(memory, verdict, turn, Intent.QUESTION, offices=reply.offices)
        if intent is Intent.CONTACT:
            reply = self._contact(turn, memory, verdict)
            return reply, self._after(memory, verdict, turn, intent, offices=reply.offices)
        if intent is Intent.CONSULT:
            return self._consult(verdict, memory)
        reply = self._question(turn, memory, verdict.lang, stream)
        return reply, self._after(memory, verdict, turn, Intent.QUESTION, offices=reply.offices)

    def _intent(self, verdict: Verdict, memory: Memory, turn: Turn) -> Intent:
        """The intent in its conversation: a bare place after 「どちらの市町村ですか」 continues the consultation."""
        if verdict.intent is not Intent.QUESTION:
            return verdict.intent
        place_given = gives_place(verdict.cleaned, self._place_spans(verdict.cleaned))
        if (memory.pending or memory.matter) and place_given:
            return Intent.CONSULT
        if memory.intent == Intent.CONTACT and turn.follows and self._directory.find_offices(verdict.cleaned):
            return Intent.CONTACT
        return Intent.QUESTION

    def _fixed(self, verdict: Verdict) -> Reply:
        """Emergencies, desks of others, refusals, small talk: what triage decided, in words."""
        key = verdict.text_key or "smalltalk.default"
        text = self._texts.say(verdict.lang, key)
        section = key.partition(".")[0]
        if verdict.contacts and section in ("emergency", "crisis", "other_desk"):
            text += "\n" + contact_cards(verdict.contacts, section, self._texts, verdict.lang)
        return Reply(_FIXED[verdict.intent], text, verdict.lang, contacts=verdict.contacts)

    def _contact(self, turn: Turn, memory: Memory, verdict: Verdict) -> Reply:
        """Contacts come from the directory, not from prose."""
        hits = self._search(turn)
        offices = tuple(self._directory.find_offices(turn.text))
        if not offices and memory.offices and not self._place_spans(turn.text) and not phone_in(turn.text):
            offices = memory.offices
        offices = tuple(o for o in offices if verdict.level in (None, o.level)) or offices
        status, text = contact_reply(turn.text, offices, self._texts, verdict.lang)
        return Reply(status, text, verdict.lang, offices=offices, retrieved=retrieved(hits))

    def _consult(self, verdict: Verdict, memory: Memory) -> tuple[Reply, Memory]:
        """A consultation is led to the desks of its place, or asked for the place."""
        matter = f"{memory.pending}\n{verdict.cleaned}" if memory.pending else verdict.cleaned
        history = memory.said
        lang = verdict.lang.value
        decision = routing.decide(verdict.cleaned, self._gazetteer, self._directory, history=history, lang=lang)
        hits = self._search(Turn(matter))
        text = routed_text(decision, self._texts, verdict.lang)
        reply = Reply(
            decision.status,
            text,
            verdict.lang,
            route=decision.route,
            offices=decision.offices,
            retrieved=retrieved(hits),
        )
        asks = decision.status is ReplyStatus.ASK_PLACE
        after = self._after(memory, verdict, Turn(verdict.cleaned), Intent.CONSULT, offices=decision.offices)
        # a question about the documents does not go on from a consultation
        return reply, replace(after, question=None, matter=matter, pending=matter if asks else None)

    def _question(self, turn: Turn, memory: Memory, lang: Lang, stream: Stream, means: Means | None = None) -> Reply:
        """A question is answered from the sources; or the asker is told whom to ask."""
        rewording, answerer = means or self._aided
        question = self._analysed(turn)
        if not question.weights and not question.years:
            return Reply(ReplyStatus.SMALLTALK, self._texts.say(lang, "smalltalk.default"), lang)
        asked = self._parts(turn)

        def ask(words: str, left: float) -> tuple[Sequence[Hit], Answer]:
            found, said = self._search(turn, words), turn.whole
            return found, answerer.answer(question, found, lang, said=said, stream=stream, parts=asked, seconds=left)

        hits, answer = rewording.sought(ask, turn.text, turn.context, lang, self._seconds)
        offices = self._offices_for(turn.text, answer) or (memory.offices if turn.context else ())
        parts, contacts = [answer.body, self._aids.of_answer(answer, lang)], tuple[Contact, ...]()
        joiner = self._texts.say(lang, "list.names")
        if offices and answer.status is not ReplyStatus.NO_SOURCE:
            names = joiner.join(office_with_phone(office, lang) for office in offices[:MAX_OFFICES])
            parts.append(self._texts.say(lang, "answered.ask_office", office=names))
        elif offices:
            names = joiner.join(office_name(office, lang) for office in offices[:MAX_OFFICES])
            parts.append(self._texts.say(lang, "no_source.office", office=names))
            parts.append(office_cards(offices[:MAX_OFFICES], self._texts, lang))
        elif answer.status is ReplyStatus.NO_SOURCE:
            contacts = tuple(self._triage.contact(d, lang) for d in self._directory.desks if d.id == ANY_MATTER)
            parts.append(self._texts.say(lang, "no_source.ask_place"))
            parts.append(self._texts.say(lang, "no_source.anywhere"))
            parts.append(contact_cards(contacts, "other_desk", self._texts, lang))
        return Reply(
            answer.status,
            "\n\n".join(part for part in parts if part),
            lang,
            citations=answer.citations,
            offices=offices,
            contacts=contacts,
            retrieved=retrieved(hits),
        )

    def _parts(self, turn: Turn) -> list[Part]:
        """The questions in a message that asks several; a later one may lean on the first, a bare first one on the
        next."""
        asked = questions_in(turn.text)
        if len(asked) < 2:
            return []
        first = Turn(asked[0], context="" if len(content_words(asked[0])) > 1 else asked[1])
        turns = [first, *(resolve(part, Memory(question=asked[0]), self._place_spans) for part in asked[1:])]
        said = map(self._mask, asked)
        return [Part(s, self._analysed(t), self._search(t)) for s, t in zip(said, turns, strict=True)]

    def _remarks(self, verdict: Verdict) -> str:
        """That instructions to the machine, or claimed changes of our contacts, were left out."""
        keys = (("strip.instructed", verdict.instructed), ("strip.corrected", verdict.corrected))
        return "\n".join(self._texts.say(verdict.lang, key) for key, applies in keys if applies)

    # ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _analysed(self, turn: Turn) -> Question:
        read, today = self._retriever.read(turn.text), self._clock().date()
        said = "" if turn.text.isascii() else turn.text  # the patterns for Chinese want its own characters
        question = analyse(read, today, tuple(self._glossary.expand(f"{turn.context}\n{turn.text}")), said)
        return with_context(question, turn.context) if turn.context else question

    def _search(self, turn: Turn, words: str = "") -> Sequence[Hit]:
        """What is found for `turn`, and for the same in other `words`."""
        return self._retriever.search(f"{turn.whole}\n{words}".strip(), k=SHOWN_HITS)

    def _after(
        self, memory: Memory, verdict: Verdict, turn: Turn, intent: Intent, *, offices: Sequence[Office] = ()
    ) -> Memory:
        """The memory after this turn; a follow-up keeps the words of the question that it follows."""
        return replace(
            memory,
            said=(*memory.said, verdict.cleaned),
            question=turn.whole[-MAX_CONTEXT:] if turn.context else turn.text,
            intent=intent,
            offices=tuple(offices) or memory.offices,
            pending=None,
        )

    def _offices_for(self, text: str, answer: Answer) -> tuple[Office, ...]:
        """Whom to ask: the offices named, else of an answer its publisher, else the office of the place."""
        named = self._directory.publisher_offices(text)
        if named:
            return named
        publishers = self._directory.publisher_offices(answer.publisher or "")
        of_city = any(o.level is Level.CITY and o.name.removesuffix("役所") in text for o in publishers)
        if answer.status is ReplyStatus.NO_SOURCE and not of_city and self._place_spans(text):
            decision = routing.decide(text, self._gazetteer, self._directory)
            if decision.status is ReplyStatus.ROUTED:
                return decision.offices
        return publishers

    def _place_spans(self, text: str) -> Sequence[tuple[int, int]]:
        return [(m.start, m.end) for m in self._gazetteer.find(text)]
