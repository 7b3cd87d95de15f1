"""What staff do in the channel of their desk: moves by button, form or answer; plain lines below a card stay inside."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from adapters.database.posts import Posted, place_of
from adapters.platform import Heard
from bot.access import Access
from bot.cases.changes import payload
from bot.cases.counter import BACK, Counter, Move
from bot.cases.desks import DeskPlan
from bot.cases.receipt import read_receipt
from bot.cases.wording import Said
from bot.message import Action, Lang, ReplyStatus
from bot.post import Outgoing

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

_BACK = ("戻す", "もどす", BACK)
_TYPED = (Action.REPLY, Action.NOTE, Action.TRANSFER)
_OTHERS = (Action.FEEDBACK, Action.EVIDENCE, Action.CONSULT, Action.CONFIRM)
"""Buttons of the bot's own answers, which staff may ask for at their desk like anybody."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Platform-neutral; `counter.py` decides."""

    counter: Counter
    plan: DeskPlan
    access: Access

    def is_one(self, place: str) -> bool:
        """Whether a desk is reached at this channel or group."""
        return bool(place) and bool(self._addresses(place))

    def deal(self, heard: Heard, work: "SqlWork") -> ReplyStatus | None:
        """How it ended; None where it is nothing of a desk's (a question to the bot, a command, small talk)."""
        posted = self._meant(heard, work)
        if heard.unknown:
            return self._unreadable(heard, posted, work)
        if heard.command:
            return None
        action, asks = heard.message.action, posted.asks if posted else ""
        if action and action not in _OTHERS and (receipt := self._receipt(heard, posted)):
            return self._moved(heard, posted, action, receipt, work)
        if action or posted is None:
            return None
        if asks and asks != Action.FEEDBACK and heard.answers:
            return self._moved(heard, posted, Action(asks), posted.cause, work)
        return self._talked(heard, posted, work) if read_receipt(posted.cause) else None

    def show(self, heard: Heard, receipt: str | None, work: "SqlWork") -> Said | None:
        """A consultation's card, or what waits at this desk; None where neither is asked for."""
        counter = self._counter(heard)
        if receipt:
            return counter.show(heard.message.user, receipt, work)
        if not self.is_one(heard.desk):
            return None
        return self._waiting(counter, heard.message.user, self._addresses(heard.desk), work)

    def waiting_everywhere(self, user: str, work: "SqlWork") -> Said:
        """What waits at all desks, for the home page of staff."""
        addresses = tuple(dict.fromkeys((*self.plan.destinations.values(), self.plan.fallback)))
        return self._waiting(self.counter, user, addresses, work)

    # ── moves ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _moved(self, heard: Heard, posted: Posted | None, action: Action, receipt: str, work: "SqlWork") -> ReplyStatus:
        move = self._move(heard, posted, action, receipt)
        counter, staff = self._counter(heard), self._is_staff(heard)
        said = counter.act(move, work)
        if not staff:
            _log.info("refused", action=action.value, role="resident")
            work.audit.note(move.by, f"refused {action.value}", receipt)
        elif said.text == counter.changes.cards.say("done", receipt=receipt) and not heard.private:
            return ReplyStatus.CONSULTATION  # the card and the line below it say so already
        asks = action.value if staff and action in _TYPED and not (move.text or move.office) else ""
        self._answer(heard, posted, said, receipt, work, asks)
        return ReplyStatus.CONSULTATION

    def _talked(self, heard: Heard, posted: Posted, work: "SqlWork") -> ReplyStatus:
        said = self._counter(heard).talk(self._move(heard, posted, Action.REPLY, posted.cause), work)
        if said is not None:
            self._answer(heard, posted, said, posted.cause, work)
        return ReplyStatus.CONSULTATION

    def _move(self, heard: Heard, posted: Posted | None, action: Action, receipt: str) -> Move:
        where = posted.destination if posted else self._addresses(heard.desk)[0]
        text, office = heard.message.text.strip(), heard.office
        if action is Action.TRANSFER and not office:
            office, text = split_transfer(text)
        return Move(heard.message.user, where, action, receipt, text, office)

    def _unreadable(self, heard: Heard, posted: Posted | None, work: "SqlWork") -> ReplyStatus | None:
        """A file, or a later change, of what was meant for the resident: neither reaches them, and staff are told."""
        if posted is None or not heard.message.text.startswith(self.plan.mark):
            return None
        key = {"edited": "reply_edited", "deleted": "reply_deleted"}.get(heard.unknown, "desk_file")
        text = self.counter.changes.words.texts.say(Lang.JA, f"admin.{key}")
        self._answer(heard, posted, Said(text), posted.cause, work)
        return ReplyStatus.CONSULTATION

    # ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _meant(self, heard: Heard, work: "SqlWork") -> Posted | None:
        """The message of ours that is answered, else the card in whose thread it was said."""
        answered = work.posts.answered(heard.desk, heard.answers)
        return answered or work.posts.in_thread(heard.desk, heard.card_thread)

    def _receipt(self, heard: Heard, posted: Posted | None) -> str:
        return read_receipt(heard.message.value) or (posted.cause if posted and not heard.message.value else "")

    def _answer(
        self, heard: Heard, posted: Posted | None, said: Said, receipt: str, work: "SqlWork", asks: str = ""
    ) -> None:
        """Below the card, for whoever did it alone where the platform can."""
        where = posted.destination if posted else heard.message.thread
        content = payload(said) | ({"asks": asks} if asks else {})
        if posted:
            content["below"] = f"{receipt}:card:{where}"
        if heard.private:
            content["to"] = heard.message.user
        if heard.via:
            content["via"] = dict(heard.via)
        key = f"desk:{heard.message.key}"
        work.outbox.put(Outgoing(where, key, content, cause=receipt, order=f"{where}#{receipt}"))

    def _counter(self, heard: Heard) -> Counter:
        """The counter with the roles that hold at this place."""
        return replace(self.counter, access=self.access.at(place_of(heard.desk), heard.message.user))

    def _is_staff(self, heard: Heard) -> bool:
        return self.access.at(place_of(heard.desk), heard.message.user).is_staff(heard.message.user)

    def _addresses(self, place: str) -> tuple[str, ...]:
        """The addresses of desks at this channel or group, topics included."""
        known = dict.fromkeys((*self.plan.destinations.values(), self.plan.fallback))
        return tuple(address for address in known if place_of(address) == place_of(place))

    def _waiting(self, counter: Counter, user: str, addresses: tuple[str, ...], work: "SqlWork") -> Said:
        lists = [counter.waiting(user, address, work).text for address in addresses]
        empty = counter.changes.cards.say("list_empty")
        rows = dict.fromkeys(row for text in lists if text != empty for row in text.splitlines())
        return Said("\n".join(rows) or empty)


def split_transfer(text: str) -> tuple[str, str]:
    """ "小樽開発建設部: 国道の件のため" → office and reason; without a colon the first word is the office.

    「戻す」 hands the case back, to wait for another claim.
    """
    text = text.replace("：", ":").replace("\u3000", " ").strip()
    office, _, reason = text.partition(":" if ":" in text else " ")
    return BACK if office.strip() in _BACK else office.strip(), reason.strip()
