"""Small signs that something arrived: a button that stops spinning, 👀 on a message, "typing…", the answer while it is
written. Best effort: none of it is waited for, and what a chat or server does not know is not tried again.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from adapters.platform import Heard
from adapters.telegram.address import Address, address
from adapters.telegram.api import Api, Refused
from adapters.telegram.rendering import LIMIT
from adapters.telegram.splitting import sendable, split
from bot.streaming import OnSentence

SEEN = "👀"
_MOST_KEPT = 10_000


class Courtesies:
    """Safe to share between threads."""

    def __init__(self, api: Api, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._unknown: set[tuple[str, int]] = set()  # (method, chat, or 0 for every chat) that was refused for good

    def answer(self, query_id: object) -> None:
        """The button that was pressed stops spinning."""
        if isinstance(query_id, str) and query_id:
            self._api.courtesy("answerCallbackQuery", callback_query_id=query_id)

    def seen(self, heard: Heard) -> None:
        """A message that the bot was spoken to with has arrived."""
        message, where = heard.via.get("message"), address(heard.message.thread)
        if where is None or not message or heard.message.action or not heard.engaged:
            return
        reaction = [{"type": "emoji", "emoji": SEEN}]
        if not self._try("setMessageReaction", where.chat, message_id=message, reaction=reaction):
            self.typing(where)

    def typing(self, where: Address) -> None:
        self._try("sendChatAction", where.chat, message_thread_id=where.topic or None, action="typing")

    def writing(self, heard: Heard) -> OnSentence | None:
        """A sink for the sentences of an answer: a draft in a private chat, None elsewhere."""
        where = address(heard.message.thread)
        if where is None or where.group or ("sendMessageDraft", 0) in self._unknown:
            return None
        number = heard.via.get("message")
        return Draft(self._try, where, int(number) if isinstance(number, int) and number else 1, self._clock)

    def _try(self, method: str, chat: int, **parameters: Any) -> "Future[Any] | None":
        """A call under way; None where it is known to lead nowhere."""
        if {(method, chat), (method, 0)} & self._unknown:
            return None
        future = self._api.courtesy(method, chat_id=chat, **parameters)
        if future is not None:
            future.add_done_callback(lambda done: self._learn(method, chat, done))
        return future

    def _learn(self, method: str, chat: int, done: "Future[Any]") -> None:
        error = None if done.cancelled() else done.exception()
        if isinstance(error, Refused) and error.code in (400, 403, 404) and len(self._unknown) < _MOST_KEPT:
            self._unknown.add((method, 0 if error.code == 404 else chat))


class Draft:
    """Shows what is written so far, at most about once a second; the message itself comes through the outbox."""

    EVERY = 1.0

    def __init__(self, call: Callable[..., object], where: Address, number: int, clock: Callable[[], float]) -> None:
        self._call = call
        self._where = where
        self._number = number
        self._clock = clock
        self._text = ""
        self._shown_at: float | None = None
        self._lock = threading.Lock()

    def __call__(self, piece: str) -> None:
        with self._lock:
            self._text += piece
            now = self._clock()
            if self._shown_at is not None and now - self._shown_at < self.EVERY:
                return
            self._shown_at = now
        shown = split(sendable(self._text), LIMIT)
        if shown:
            self._call(
                "sendMessageDraft",
                self._where.chat,
                message_thread_id=self._where.topic or None,
                draft_id=self._number,
                text=shown[0],
            )
