"""A topic for each case in a staff group; where there are no topics, or none may be opened, a thread of replies."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from adapters.telegram.address import Address, read_posted
from adapters.telegram.api import Broken, Refused
from bot.message import Lang
from bot.post import Outgoing, UnreachableError
from bot.texts import Texts

_MOST_KEPT = 1000


class Topics:
    """`call(method, chat, **parameters)`: as `Sender` calls."""

    def __init__(self, call: Callable[..., Any], texts: Texts) -> None:
        self._call = call
        self._texts = texts
        self._without: set[int] = set()  # groups that have refused a topic since the start
        self._opened: OrderedDict[str, int] = OrderedDict()  # topics whose card is not there yet

    def place(self, where: Address, outgoing: Outgoing) -> Address:
        """Where a message belongs: in the topic of the message below which it stands, in a new one for a new card,
        else where its destination says."""
        below, _message = read_posted(outgoing.payload.get("below_id"))
        if below:
            return replace(where, topic=below, topics=True)
        edited, _message = read_posted(outgoing.payload.get("edits_id"))
        if edited:
            return replace(where, topic=edited, topics=True)
        receipt = outgoing.payload.get("card")
        if where.topics and receipt and where.chat not in self._without:
            return replace(where, topic=self._open(where, str(receipt), outgoing.key))
        return where

    def done(self, key: str) -> None:
        """The card of that key is posted."""
        self._opened.pop(key, None)

    def _open(self, where: Address, receipt: str, key: str) -> int:
        """A new topic; the one that an earlier try opened, if it got that far. 0 where the group has none."""
        if key in self._opened:
            return self._opened[key]
        name = self._texts.say(Lang.JA, "telegram.topic", receipt=receipt)
        try:
            opened = self._call("createForumTopic", where.chat, name=name)
        except Refused as error:
            if error.code not in (400, 403, 404):
                raise
            self._without.add(where.chat)
            return 0
        except Broken:  # nothing that anybody reads was posted; an empty topic may be left
            raise UnreachableError("no topic could be opened") from None
        topic = opened.get("message_thread_id") if isinstance(opened, dict) else None
        if not isinstance(topic, int):
            return 0
        self._opened[key] = topic
        if len(self._opened) > _MOST_KEPT:
            self._opened.popitem(last=False)
        return topic
