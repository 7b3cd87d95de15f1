"""Below an answer: the very words it rests on, and what the person thinks of it.

The sources' words are kept for the answer's buttons; what was asked and answered is not.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.answers import Answer, put
from adapters.console import cited_part
from adapters.database.posts import place_of
from adapters.platform import Heard
from bot.message import Action, Button, Citation, Lang, Reply, ReplyStatus
from bot.texts import Texts

if TYPE_CHECKING:
    from adapters.database.work import SqlWork

MARK = "a"
"""What the value of a button below an answer begins with: "a:<id>", "a:<id>:good"."""
GOOD, BAD = "good", "bad"
_RATED = (ReplyStatus.ANSWERED, ReplyStatus.PARTIAL, ReplyStatus.NO_SOURCE, ReplyStatus.ROUTED)


@dataclass(frozen=True, slots=True)
class Feedback:
    """`mask`: what of a reason may be kept."""

    texts: Texts
    mask: Callable[[str], str]
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(9)

    def offer(self, reply: Reply, person: str, work: "SqlWork") -> tuple[Button, ...]:
        """The buttons of a reply: its own, and where it answers a question, the sources and how it was."""
        if reply.status not in _RATED or any(not _consults(button) for button in reply.buttons):
            return reply.buttons
        id_ = self.new_id()
        work.replies.keep(id_, person, reply.status.value, reply.lang.value, quotes(reply))
        evidence = [self._button(reply.lang, Action.EVIDENCE, "evidence", id_)] if reply.citations else []
        rate = [self._button(reply.lang, Action.FEEDBACK, name, f"{id_}:{name}") for name in (GOOD, BAD)]
        return (*evidence, *reply.buttons, *rate)

    def deal(self, heard: Heard, lang: Lang, work: "SqlWork") -> ReplyStatus | None:
        """A press on these buttons, or the reason that was asked for; None where it is neither."""
        message = heard.message
        mark, _, rest = message.value.partition(":")
        id_, _, rating = rest.partition(":")
        if message.action is Action.EVIDENCE:
            put(heard, self._evidence(id_, lang, work), work)
        elif message.action is Action.FEEDBACK and mark == MARK and rating in (GOOD, BAD):
            answer = self._rated(heard, id_, rating, lang, work)
            if answer is not None:
                put(heard, answer, work, cause=f"{MARK}:{id_}")
        elif not message.action and (id_ := self._asked(heard, work)):
            work.replies.rate(id_, message.user, BAD, self.mask(message.text))
            put(heard, Answer(self._say(lang, "thanks")), work)
        else:
            return None
        return ReplyStatus.COMMAND

    def _evidence(self, id_: str, lang: Lang, work: "SqlWork") -> Answer:
        kept = work.replies.get(id_)
        if kept is None or not kept.quotes:
            return Answer(self._say(lang, "evidence_gone"))
        head = self._say(Lang(kept.lang), "evidence")
        text = "\n\n".join([head, *(f"{quote['head']}\n{quote['text']}" for quote in kept.quotes)])
        return Answer(text, extra={"quotes": [dict(quote) for quote in kept.quotes]})

    def _rated(self, heard: Heard, id_: str, rating: str, lang: Lang, work: "SqlWork") -> Answer | None:
        """Thanks; of a bad answer the reason is asked for; None where a form asks already."""
        reason = self.mask(heard.message.text) if heard.message.text else None
        if not work.replies.rate(id_, heard.message.user, rating, reason):
            return Answer(self.texts.say(lang, "consult.stale"))
        if rating == GOOD or reason:
            return Answer(self._say(lang, "thanks"))
        if heard.via.get("form"):
            return None
        return Answer(self._say(lang, "why_bad"), extra={"asks": Action.FEEDBACK.value})

    def _asked(self, heard: Heard, work: "SqlWork") -> str:
        """The id of the answer whose fault was asked for by the message that this one answers."""
        posted = work.posts.answered(place_of(heard.message.thread), heard.answers) if heard.answers else None
        return posted.cause.removeprefix(f"{MARK}:") if posted and posted.asks == Action.FEEDBACK else ""

    def _button(self, lang: Lang, action: Action, label: str, value: str) -> Button:
        return Button(action, self.texts.say(lang, f"button.{label}"), f"{MARK}:{value}")

    def _say(self, lang: Lang, key: str) -> str:
        return self.texts.say(lang, f"command.{key}")


def quotes(reply: Reply) -> Sequence[dict[str, str]]:
    """Each citation with what it is called and the part of the passage that was used."""
    return [{"head": _head(citation), "text": cited_part(citation, reply.text)} for citation in reply.citations]


def _head(citation: Citation) -> str:
    page = f"p.{citation.page}" if citation.page is not None else ""
    facts = (citation.title, citation.section, page, citation.date, citation.source)
    return f"[{citation.n}] " + " ".join(fact for fact in facts if fact)


def _consults(button: Button) -> bool:
    """Whether it only offers to consult: below other choices, a question waits for its answer."""
    return button.action is Action.CONSULT and (not button.value or button.value.startswith("add:"))
