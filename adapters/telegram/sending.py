"""A message of the outbox → calls. Whatever is refused for its form is tried in a simpler one at once; everything else
is the dispatcher's: what follows from a fault, and when to try again.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.telegram.address import Address, address, posted_id, read_posted
from adapters.telegram.api import Api, ApiError, Refused
from adapters.telegram.faults import fault, moved_to, simpler, wait
from adapters.telegram.keys import keyboard
from adapters.telegram.rates import Rates
from adapters.telegram.rendering import Part, called, led, parts
from adapters.telegram.topics import Topics
from bot.message import Lang
from bot.post import Outgoing, PermanentError
from bot.texts import Texts

Payload = Mapping[str, Any]
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "message identifier")
_MOST_KEPT = 1000


class Sender:
    """`moved`: old id of a group → new one, learned on the way and shared."""

    def __init__(self, api: Api, texts: Texts, rates: Rates, moved: dict[int, int]) -> None:
        self._api = api
        self._texts = texts
        self._rates = rates
        self._moved = moved
        self._topics = Topics(self._call, texts)
        self._posted: OrderedDict[str, list[int]] = OrderedDict()  # what of a long message is there already
        self._lock = threading.Lock()

    def send(self, outgoing: Outgoing) -> str:
        """Post it; the id as `address.posted_id`. Raises SendError."""
        where = address(outgoing.destination)
        if where is None:
            raise PermanentError("no such address")
        try:
            if outgoing.payload.get("edits_id"):
                return self._edited(where, outgoing)
            return self._posted_at(self._topics.place(where, outgoing), outgoing)
        except ApiError as error:
            raise fault(error) from None

    # ── posting ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _posted_at(self, where: Address, outgoing: Outgoing) -> str:
        """Every part that is not there yet, in order."""
        done = self._done(outgoing.key)
        messages = self._messages(where, outgoing)
        begin = len(done)
        if outgoing.repeated and begin < len(messages):
            messages[begin] = led(messages[begin], self._say(outgoing, "command.repeated"))
        with_buttons = 0 if stays(outgoing.payload) else len(messages) - 1
        for n, part in enumerate(messages[begin:], begin):
            done.append(self._post(where, outgoing, part, first=n == 0, last=n == with_buttons))
        self._topics.done(outgoing.key)
        with self._lock:
            self._posted.pop(outgoing.key, None)
        return posted_id(where.topic if where.topics else 0, done[0])

    def _messages(self, where: Address, outgoing: Outgoing) -> list[Part]:
        found = parts(outgoing.payload)
        if not found:
            raise PermanentError("the text is empty")
        if person := _unnoticed(where, outgoing.payload):
            found[0] = called(found[0], person, self._say(outgoing, "telegram.for_you"))
        return found

    def _post(self, where: Address, outgoing: Outgoing, part: Part, *, first: bool, last: bool) -> int:
        """One message. Its id."""
        self._rates.take(where.chat, outgoing.key)
        answered = _answered(where, outgoing.payload) if first else 0
        return self._call_simpler(
            "sendMessage",
            where.chat,
            part,
            message_thread_id=where.topic or None,
            reply_parameters={"message_id": answered, "allow_sending_without_reply": True} if answered else None,
            disable_notification=None if first else True,
            reply_markup=_markup(outgoing.payload) if last else None,
        )

    def _done(self, key: str) -> list[int]:
        with self._lock:
            done = self._posted.setdefault(key, [])
            if len(self._posted) > _MOST_KEPT:
                self._posted.popitem(last=False)
            return done

    # ── editing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _edited(self, where: Address, outgoing: Outgoing) -> str:
        """The message that is there shows the new text; what is there no more is posted anew."""
        payload = outgoing.payload
        _topic, message = read_posted(payload["edits_id"])
        try:
            self._rates.take(where.chat, outgoing.key)
            self._call_simpler(
                "editMessageText",
                where.chat,
                self._messages(Address(where.chat), outgoing)[0],
                message_id=message,
                reply_markup=keyboard(payload.get("buttons") or ()) or {"inline_keyboard": []},
            )
        except Refused as error:
            if "not modified" in error.description.lower():
                return str(payload["edits_id"])
            if not any(words in error.description.lower() for words in _GONE):
                raise
            return self._posted_at(self._topics.place(where, outgoing), outgoing)
        return str(payload["edits_id"])

    # ── calling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _call_simpler(self, method: str, chat: int, part: Part, **options: Any) -> int:
        """The message's id. What Telegram cannot read is sent without markup, and so on."""
        parameters: dict[str, Any] = {
            "text": part.html,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            **options,
        }
        while True:
            try:
                return _id(self._call(method, chat, **parameters))
            except Refused as error:
                reduced = simpler(parameters, error, part.plain)
                if reduced is None:
                    raise
                parameters = reduced

    def _call(self, method: str, chat: int, **parameters: Any) -> Any:
        """The result; a group that has moved is followed once."""
        try:
            return self._called(method, self._moved.get(chat, chat), **parameters)
        except Refused as error:
            new = moved_to(error)
            if not new or new == self._moved.get(chat):
                raise
            self._moved[chat] = new
            return self._called(method, new, **parameters)

    def _called(self, method: str, chat: int, **parameters: Any) -> Any:
        try:
            return self._api.call(method, chat_id=chat, **parameters)
        except Refused as error:
            if error.code == 429:
                self._rates.hold(chat, wait(error.parameters))
            raise

    def _say(self, outgoing: Outgoing, key: str) -> str:
        return self._texts.say(_lang(outgoing.payload), key)


def stays(payload: Payload) -> bool:
    """Whether it will be edited: its first message is the one that counts, with the buttons; what is too long for it
    follows below and stays as it is."""
    return bool(payload.get("card") or payload.get("keep") or payload.get("edits"))


def _lang(payload: Payload) -> Lang:
    return next((lang for lang in Lang if lang.value == payload.get("lang")), Lang.JA)


def _answered(where: Address, payload: Payload) -> int:
    """The message that is answered: the card, unless all stands in a topic of its own, else what was said; 0 for none,
    and in private chats, where nobody wonders."""
    topic, below = read_posted(payload.get("below_id"))
    if not where.group or topic:
        return 0
    return below or _via(payload, "message")


def _unnoticed(where: Address, payload: Payload) -> int:
    """The person in a group who would not notice: nothing of theirs is answered, or they are asked for an answer."""
    if not where.group:
        return 0
    if payload.get("asks"):
        return _via(payload, "person") or where.person
    return 0 if _answered(where, payload) else where.person


def _via(payload: Payload, name: str) -> int:
    via = payload.get("via")
    number = via.get(name) if isinstance(via, Mapping) else 0
    return number if isinstance(number, int) else 0


def _markup(payload: Payload) -> Mapping[str, Any] | None:
    buttons: Sequence[Mapping[str, Any]] = payload.get("buttons") or ()
    if not buttons and payload.get("asks"):
        return {"force_reply": True, "selective": True}
    return keyboard(buttons)


def _id(sent: Any) -> int:
    """The id of a posted message; 0 where the answer names none. It is posted then, all the same."""
    number = sent.get("message_id") if isinstance(sent, dict) else None
    return number if isinstance(number, int) else 0
