"""A question in other words, from a chat model, for the search alone: what a follow-up means in full, and official
words for everyday ones. It decides nothing: judgement, route and reply rest on the question as it was asked.
"""

import logging
import time
from collections.abc import Callable, Sequence

from bot.answering import Answer
from bot.cleaning import clean, strip_instructions
from bot.faults import trail
from bot.figures import unsupported_figures
from bot.grounding import addresses
from bot.message import Lang, ReplyStatus
from bot.names import unsupported_names
from bot.ports import Rewriter
from knowledge.entities import Hit

_log = logging.getLogger(__name__)
LANGUAGES = (Lang.JA, Lang.JA_EASY)
"""The languages in which the check for what is added reads names."""
MAX_LENGTH = 200  # characters of a question in other words
SHARE = 0.5  # of what is left of a reply's seconds, that other words may take
Found = Sequence[Hit]
Places = Callable[[str], Sequence[str]]


class Rewording:
    """Asks `rewriter` and keeps of what it says only what adds nothing. `places`: the places that a text names."""

    def __init__(self, rewriter: Rewriter | None, places: Places) -> None:
        self._rewriter = rewriter
        self._places = places

    def sought(
        self, ask: Callable[[str, float], tuple[Found, Answer]], question: str, earlier: str, lang: Lang, seconds: float
    ) -> tuple[Found, Answer]:
        """What `ask` finds and says to `question`. A follow-up, and a question to which nothing was found, are also
        searched in other words; all of it within `seconds`. `ask` gets the other words and the seconds left."""
        give_up = time.monotonic() + seconds
        words = self.words(question, earlier, lang, give_up) if earlier else ""
        found, answer = ask(words, give_up - time.monotonic())
        if earlier or answer.status is not ReplyStatus.NO_SOURCE:
            return found, answer
        words = self.words(question, "", lang, give_up)
        return ask(words, give_up - time.monotonic()) if words else (found, answer)

    def words(self, question: str, earlier: str, lang: Lang, give_up: float) -> str:
        """Other words for `question` after `earlier`, to be searched beside it; empty where there are none that may be
        used. Takes at most half of the time until `give_up` (of time.monotonic), and never raises."""
        seconds = SHARE * (give_up - time.monotonic())
        if self._rewriter is None or lang not in LANGUAGES or seconds <= 0:
            return ""
        try:
            said = self._rewriter.rewrite(question, earlier, seconds)
        except Exception as error:  # whatever a model does, the question is searched as it is
            _log.warning("rewriter failed: %s", trail(error))
            return ""
        return usable(said, f"{earlier}\n{question}", self._places)


def usable(said: str, conversation: str, places: Places) -> str:
    """`said` where it may be searched for; empty where it is no single question, gives orders, or adds a number, a
    year, a place, a name or an address that is not in `conversation`."""
    text = clean(said)
    if not text or len(text) > MAX_LENGTH or "\n" in text or strip_instructions(text).instructed:
        return ""
    if addresses(text) or unsupported_figures(text, conversation) or unsupported_names(text, conversation):
        return ""
    known = set(places(conversation))
    return text if all(place in known for place in places(text)) else ""
