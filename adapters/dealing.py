"""An event of any platform → what follows from it, in one unit of work.

platform.parse → a command, a press on an answer of ours, the desk, or the resident → the outbox. Nothing here knows
which platform it is; what platforms must do is in `platform.py`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from adapters.addressing import note_post
from adapters.answers import Answer, put
from adapters.at_desk import AtDesk
from adapters.commands import Asker, Commands, asker_role
from adapters.database.posts import place_of
from adapters.feedback import Feedback
from adapters.metrics import Metrics
from adapters.platform import Heard, Platform
from bot.access import Role
from bot.cases.commands import command_of
from bot.cases.counter import undelivered
from bot.cases.form import Forms
from bot.cases.parts import Parts
from bot.cases.receipt import find_receipt, read_receipt
from bot.cases.reception import Reception
from bot.commands import LOOK_UPS, What, parse
from bot.faults import trail
from bot.message import Lang, ReplyStatus
from bot.post import Event, Outgoing
from bot.streaming import OnSentence
from bot.triage import MAX_CHARS

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

EASY, PLAIN = "やさしい日本語で教えてください", "ふつうの日本語でお願いします"
"""What a resident says to be answered in easy Japanese, and to end that."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Dealing:
    """`handle` is the worker's; the hooks are the dispatcher's (`adapters/serve.py`)."""

    platforms: Mapping[str, Platform]
    parts: Parts
    reception: Reception
    desk: AtDesk
    feedback: Feedback
    commands: Commands
    metrics: Metrics

    def handle(self, event: Event, work: "SqlWork") -> None:
        """Deal with all that was said in an event."""
        platform = self.platforms[event.platform]
        for heard in platform.parse(event):
            started = time.perf_counter()
            status = self._deal(heard, platform, work)
            if status is not None:
                self._count(status, event.platform, time.perf_counter() - started, work)

    def _deal(self, heard: Heard, platform: Platform, work: "SqlWork") -> ReplyStatus | None:
        """How it ended; None where it concerns nobody."""
        at_desk = self.desk.is_one(heard.desk)
        if at_desk and (status := self.desk.deal(heard, work)):
            return status
        if heard.unknown:
            told = self._cannot_read(heard, at_desk, work)
            if not heard.message.text.strip() or heard.unknown in ("edited", "deleted"):
                return told
        if heard.command:
            return self._command(heard, platform, work)
        if status := self.feedback.deal(heard, self._lang(heard, work), work):
            return status
        if heard.engaged or self._takes_part(heard, work):
            return self._resident(heard, platform, work)
        return None

    # ── residents ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _resident(self, heard: Heard, platform: Platform, work: "SqlWork") -> ReplyStatus:
        """What a resident said goes to the reception; the reply, with its choices, to the outbox."""
        message = heard.message
        if heard.form is not None:
            reply = Forms(self.parts, self.reception).fill(heard.form, message, work)
        else:
            reply = self.reception.hear(message, work, _shown_while_working(platform, heard))
        if reply.text:
            buttons = self.feedback.offer(reply, message.user, work)
            payload = {"lang": reply.lang.value, "status": reply.status.value}
            key = self._limited_key(heard) if reply.status is ReplyStatus.LIMITED else ""
            put(heard, Answer(reply.text, buttons, payload), work, key=key, cause=message.thread)
        if command_of(message.text) == "/forget":
            work.replies.forget(message.user)
        return reply.status

    def _limited_key(self, heard: Heard) -> str:
        """Said once a minute: who sends hundreds of messages is not answered hundreds of times."""
        message, now = heard.message, self.parts.clock()
        return f"limited:{message.thread}:{message.user}:{now:%Y%m%d%H%M}:{len(message.text) > MAX_CHARS}"

    def _takes_part(self, heard: Heard, work: "SqlWork") -> bool:
        """Whether a conversation with the bot, or a consultation, is under way in this thread."""
        thread = heard.message.thread
        if any(case.live for case in work.cases.of_thread(thread)):
            return True
        return bool(self.parts.memories_of(work).recall(thread, self.parts.clock()).said)

    def _cannot_read(self, heard: Heard, at_desk: bool, work: "SqlWork") -> ReplyStatus | None:
        """Said once per conversation, and only where somebody talks with the bot."""
        thread = heard.message.thread
        consulting = any(case.live for case in work.cases.of_thread(thread))
        quiet = (heard.unknown == "deleted" and not consulting) or at_desk
        if quiet or not (heard.engaged or consulting or self._takes_part(heard, work)):
            return None
        texts, lang = self.commands.texts, self._lang(heard, work)
        kind = heard.unknown if texts.find(Lang.JA, f"unknown.{heard.unknown}") else "other"
        key = f"unknown:{kind}:{thread}:{heard.message.user}"
        put(heard, Answer(texts.say(lang, f"unknown.{kind}")), work, key=key, cause=thread)
        return ReplyStatus.COMMAND

    # ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _command(self, heard: Heard, platform: Platform, work: "SqlWork") -> ReplyStatus:
        command, asker = parse(heard.command), self._asker(heard, work)
        if (
            command.what in LOOK_UPS
            and self.parts.limit
            and not self.parts.limit.admits(asker.user, self.parts.clock())
        ):
            text = self.commands.texts.say(asker.lang, "limited.too_fast")
            put(heard, Answer(text), work, key=self._limited_key(heard))
            return ReplyStatus.LIMITED
        match command.what:
            case What.ASK:
                return self._say_for(heard, command.argument, platform, work)
            case What.EASY:
                return self._say_for(heard, PLAIN if command.off else EASY, platform, work)
            case What.RECORDS:
                return self._say_for(heard, command.argument, platform, work)
            case What.CASE:
                return self._case(heard, command.argument, asker, platform, work)
            case What.HOME:
                put(heard, self._home(asker, work), work)
            case _:
                put(heard, self.commands.run(command, asker, work), work)
        return ReplyStatus.COMMAND

    def _say_for(self, heard: Heard, text: str, platform: Platform, work: "SqlWork") -> ReplyStatus:
        """As if the person had said `text`."""
        return self._resident(replace(heard, message=replace(heard.message, text=text, action=None)), platform, work)

    def _case(self, heard: Heard, argument: str, asker: Asker, platform: Platform, work: "SqlWork") -> ReplyStatus:
        """One consultation, or all: the desk's to staff, a resident's own to everybody."""
        receipt = read_receipt(argument) or find_receipt(argument)
        if asker.role is not Role.RESIDENT and (self.desk.is_one(heard.desk) or not heard.message.public):
            said = self.desk.show(heard, receipt, work)
            if said is not None:
                buttons = said.buttons if self.desk.is_one(heard.desk) else ()  # they work at the desk alone
                put(heard, Answer(said.text, buttons), work, cause=receipt or "")
                return ReplyStatus.COMMAND
        return self._say_for(heard, receipt or argument or "/cases", platform, work)

    def _home(self, asker: Asker, work: "SqlWork") -> Answer:
        words = self.parts.changes.words
        own = [words.status(case, asker.lang) for case in work.cases.of_user(asker.user) if case.opened_at]
        desks = self.desk.waiting_everywhere(asker.user, work) if asker.role is not Role.RESIDENT else None
        return self.commands.home(asker, own, desks, work)

    def _asker(self, heard: Heard, work: "SqlWork") -> Asker:
        message = heard.message
        role = asker_role(self.parts.access, message.user, place_of(heard.desk or message.thread))
        return Asker(message.user, role, self._lang(heard, work), message.thread, message.key)

    def _lang(self, heard: Heard, work: "SqlWork") -> Lang:
        """The language of the conversation; of one that begins, what the platform says of the person."""
        message, given = heard.message, heard.via.get("lang")
        known = (
            self.parts.own(message, work)
            or self.parts.memories_of(work).recall(message.thread, self.parts.clock()).said
        )
        return Lang(given) if not known and given in list(Lang) else self.parts.lang(message, work)

    # ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def on_poison(self, event: Event, work: "SqlWork") -> None:
        """An event that failed each time: whoever spoke is told."""
        for heard in self.platforms[event.platform].parse(event):
            if heard.engaged and not heard.unknown:
                text = self.commands.texts.say(self._lang(heard, work), "command.failed")
                put(heard, Answer(text), work, key=f"failed:{heard.message.key}")
                self._count(ReplyStatus.ERROR, event.platform, 0.0, work)

    def on_sent(self, outgoing: Outgoing, message_id: str, work: "SqlWork") -> None:
        note_post(outgoing, message_id, work)

    def on_undelivered(self, outgoing: Outgoing, fault: str, work: "SqlWork") -> None:
        """The consultation is marked, its desk and the admins are told."""
        receipt = read_receipt(outgoing.cause)
        _log.warning("undelivered", platform=outgoing.platform, fault=fault, case=bool(receipt))
        if receipt is None:
            return
        undelivered(receipt, fault, self.parts.changes, self.parts.clock(), work)
        text = self.commands.texts.say(Lang.JA, "admin.undelivered", receipt=receipt, fault=fault)
        for admin in sorted(self.parts.access.admins):
            if admin.partition(":")[0] in self.platforms:
                work.outbox.put(Outgoing(admin, f"undelivered:{receipt}:{admin}", {"text": text}))

    def _count(self, status: ReplyStatus, platform: str, seconds: float, work: "SqlWork") -> None:
        def count() -> None:
            self.metrics.replied(status, seconds)
            _log.info("replied", status=status.value, platform=platform, ms=round(seconds * 1000))

        work.afterwards(count)


def _shown_while_working(platform: Platform, heard: Heard) -> OnSentence | None:
    """What the platform shows while an answer is made; whatever fails there, the answer is made."""

    def failed(error: Exception) -> None:
        _log.warning("the work could not be shown", platform=platform.name, fault=trail(error))

    try:
        tell = platform.working(heard)
    except Exception as error:
        failed(error)
        return None
    if tell is None:
        return None

    def show(sentence: str) -> None:
        try:
            tell(sentence)
        except Exception as error:
            failed(error)

    return show
