"""A bot that speaks from the current generation: a new one is picked up between two replies, without a restart."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.faults import trail
from bot.message import Message, Reply
from bot.ports import Answers, MemoryStore
from bot.streaming import OnSentence
from knowledge.errors import RenkeiError
from knowledge.manifest import read_manifest
from knowledge.store import current_id

if TYPE_CHECKING:
    from bot.bot import Bot

_log = logging.getLogger(__name__)


class CurrentBot(Answers):
    """`make()`: a bot over the current generation, opened and verified once; a reply is of one generation."""

    def __init__(self, store_dir: Path, make: "Callable[[], Bot]") -> None:
        self._store_dir = store_dir
        self._make = make
        self._refused = ""
        self._take()

    def reply(
        self, message: Message, on_sentence: OnSentence | None = None, memories: MemoryStore | None = None
    ) -> Reply:
        return self._bot.reply(message, on_sentence, memories)

    def draft(self, matter: str) -> Reply:
        return self._bot.draft(matter)

    @property
    def index(self) -> Mapping[str, Any]:
        """The manifest of the generation in use."""
        return self._manifest

    def look(self) -> bool:
        """Take up another generation, if it has become current. One that cannot be used is left alone, and said."""
        try:
            name = current_id(self._store_dir)
        except RenkeiError:
            return False
        if name in (self._name, self._refused):
            return False
        try:
            self._take()
        except RenkeiError as error:
            self._refused = name
            _log.error("generation %s cannot be used, %s stays: %s", name, self._name, trail(error))
            return False
        _log.info("generation %s is in use", self._name)
        return True

    def _take(self) -> None:
        name = current_id(self._store_dir)  # asked for before it is opened: a newer one is seen at the next look
        bot = self._make()
        self._manifest = read_manifest(self._store_dir / "generations" / name)
        self._bot, self._name, self._refused = bot, name, ""
