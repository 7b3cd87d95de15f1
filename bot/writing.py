"""An answer in a chat model's sentences, each of them held to the passages that it cites before anybody sees it.

The model gets passages as [1]…[n], with ⟦1⟧ in place of each link, mail address and phone number, and gives sentences
with the numbers they rest on. Code drops what is not grounded and fills the ⟦…⟧ in again from the cited passage.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from bot.cleaning import clean
from bot.faults import trail
from bot.grounding import addresses, faults, replace_addresses
from bot.message import Lang
from bot.orders import without_orders
from bot.ports import Writer, Written
from bot.records import ABOUT_ENDS
from knowledge.entities import Passage
from knowledge.privacy import without_post_holders
from knowledge.text import compact

_log = logging.getLogger(__name__)
TIME_LIMIT = 8.0
"""Seconds that a chat model may cost a resident, in all."""
MAX_SENTENCES = 6
MAX_OFFERED = 40  # sentences looked at before a model that says nothing usable is left
MAX_LENGTH = 240  # characters of a sentence
LANGUAGES = (Lang.JA, Lang.JA_EASY)
"""The languages of the passages. A translation cannot be held to its source by the check, so none is asked for."""
_TOKEN = re.compile(r"⟦\s*(\d{1,3})\s*⟧")
_MARKUP = re.compile(r"[<>⟦⟧`|\[\]{}]|\*\*|@(?:here|channel|everyone)|^#{1,6}\s|!\(")
OnLine = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Offered:
    """A passage as the model sees it. `addresses`: what stands behind ⟦n⟧, by n."""

    shown: str
    evidence: str
    addresses: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A grounded sentence and the indexes (from 0) of the passages that hold it, in the order cited."""

    text: str
    passages: tuple[int, ...]


def offer(passages: Sequence[Passage]) -> list[Offered]:
    """The passages without names of post-holders, their links and phone numbers behind tokens numbered throughout."""
    offered: list[Offered] = []
    count = 0
    for passage in passages:
        about = _told(passage.context.strip())
        words = f"{about}{ABOUT_ENDS}{_told(passage.text)}"
        known: dict[int, str] = {}

        def token(address: str, known: dict[int, str] = known) -> str:
            nonlocal count
            count += 1
            known[count] = address
            return f"⟦{count}⟧"

        shown = words.replace(ABOUT_ENDS, "\n").replace("⟦", "[").replace("⟧", "]")
        offered.append(Offered(replace_addresses(shown, token), words, known))
    return offered


def _told(text: str) -> str:
    """What a model may see of `text`, and what its sentences may rest on."""
    return without_orders(without_post_holders(text.replace("\v", "\n").replace(ABOUT_ENDS, "\n")))


def write(
    writer: Writer, question: str, lang: Lang, passages: Sequence[Passage], seconds: float = TIME_LIMIT
) -> Iterator[Line]:
    """The grounded sentences of an answer, as they come; none where the model fails or nothing it says holds.

    Ends within `seconds` as far as the writer keeps to its port; never raises what the writer raises.
    """
    offered, give_up = offer(passages), time.monotonic() + seconds
    said: set[str] = set()
    try:
        with closing(writer.write(question, lang, [each.shown for each in offered], seconds)) as sentences:
            for count, sentence in enumerate(sentences, 1):
                line = grounded(sentence, offered)
                if line and compact(line.text) not in said:
                    said.add(compact(line.text))
                    yield line
                if len(said) >= MAX_SENTENCES or count >= MAX_OFFERED or time.monotonic() > give_up:
                    return
    except Exception as error:  # whatever a model does, the resident gets the answer without it
        _log.warning("writer failed: %s", trail(error))


def grounded(sentence: Written, offered: Sequence[Offered]) -> Line | None:
    """The sentence as it may be shown, with the citations that exist; None where it may not."""
    cited = tuple(dict.fromkeys(n - 1 for n in sentence.cites if 1 <= n <= len(offered)))
    text = clean(sentence.text)
    bare = _TOKEN.sub(" ", text)
    if not cited or not bare.strip() or len(text) > MAX_LENGTH or "\n" in text:
        return None
    if _MARKUP.search(bare) or addresses(bare):  # an address of the model's own, or one it took from the question
        return None
    known = {n: address for i in cited for n, address in offered[i].addresses.items()}
    if any(int(n) not in known for n in _TOKEN.findall(text)):
        return None
    cited = tuple(i for i in cited if not faults(bare, offered[i].evidence)) or cited
    if faults(bare, *(offered[i].evidence for i in cited)):
        return None
    if any(not any(int(n) in offered[i].addresses for i in cited) for n in _TOKEN.findall(text)):
        return None
    return Line(_TOKEN.sub(lambda m: known[int(m[1])], text), cited)
