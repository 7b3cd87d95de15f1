"""A consultation filled in at once, on a form: the draft begins with all of it; what is missing is asked as ever."""

from dataclasses import dataclass, replace

from bot.cases import journey
from bot.cases.case import Case, State, Step, Way, Wish
from bot.cases.journey import Start
from bot.cases.parts import Parts, consultation
from bot.cases.reading import find_address
from bot.cases.reception import Reception
from bot.cases.table import CaseEvent, What
from bot.message import Message, Reply, ReplyStatus
from bot.ports import Work
from bot.triage import Intent


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in. `place`: where it is about, "" where it stands in the matter; `way`: a `Way`, "" for none
    chosen; `address`: phone or mail, for an answer outside of the conversation."""

    matter: str
    place: str = ""
    way: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Forms:
    """`reception` takes what is no draft: words for a person who has the floor, an emergency."""

    parts: Parts
    reception: Reception

    def fill(self, form: Form, message: Message, work: Work) -> Reply:
        """The review of what will be sent, or the question that is left. Nothing is sent before a yes."""
        said = replace(message, text=form.matter, action=None, value="")
        heard = self.parts.reader.read(form.matter)
        held = any(case.human for case in work.cases.of_thread(message.thread))
        if held or heard.intent is Intent.EMERGENCY or not heard.kept.strip():
            return self.reception.hear(said, work)
        now, words = self.parts.clock(), self.parts.changes.words
        if self.parts.limit and not self.parts.limit.admits(message.user, now):
            return Reply(ReplyStatus.LIMITED, words.texts.say(heard.lang, "limited.too_fast"), heard.lang)
        place, why = self.parts.reader.place(form.place or form.matter, heard.lang)
        start = Start(heard.kept.strip(), place, why, masked=heard.kept != heard.text)
        work.begin()
        self._drop_others(message, work)
        turn = journey.begin(self.parts.receipt(), message.thread, message.user, heard.lang, now, start, message.public)
        kept = replace(turn, case=_wished(turn.case, form))
        work.cases.put(kept.case)
        return consultation(words.question(kept), kept.case.lang)

    def _drop_others(self, message: Message, work: Work) -> None:
        """The form takes the place of a draft that was begun before."""
        for case in self.parts.own(message, work):
            if case.state is State.DRAFT:
                self.parts.changes.happen(case, CaseEvent(What.CANCEL, message.user), self.parts.clock(), work)


def _wished(draft: Case, form: Form) -> Case:
    """The draft as it is kept first, with how the answer is to come, where that was filled in whole."""
    draft = replace(draft, version=draft.version + 1)
    if form.way not in list(Way) or (form.way == Way.OUTSIDE and not find_address(form.address)):
        return draft
    wish = Wish(Way(form.way), find_address(form.address) if form.way == Way.OUTSIDE else "")
    return replace(draft, wish=wish, step=Step.REVIEW if draft.step is Step.WAY else draft.step)
