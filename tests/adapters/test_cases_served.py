"""Consultations through inbox, workers, outbox and dispatcher, many at a time: each answer reaches its resident."""

import re
import time
from types import SimpleNamespace

import pytest
from case_interleavings import QuickBot, heard, place
from case_office import FALLBACK, OTARU, STAFF, Office
from fakes import FakePlatform

from adapters.dispatcher import Line
from adapters.pacing import Pace
from adapters.serve import Service
from bot.cases.counter import Move, undelivered
from bot.message import Action, Message
from bot.post import Event, PermanentError

TURNS = ("余市町で朝市を開きたいです", "担当に相談したい", "この会話で", "送る")


class Served:
    """An office behind a Service: everything comes by the inbox and goes by the outbox."""

    def __init__(self, database) -> None:
        quick = SimpleNamespace(read=lambda text, _history=(): heard(text), place=lambda *given: place(*given[:2]))
        self.office = Office(database, bot=QuickBot(), reader=quick)
        self.platform = FakePlatform()
        line = Line(self.platform, lambda _destination: Pace(0.0, 1))
        self.service = Service(database, self.handle, {"telegram": line, "slack": line}, on_undelivered=self.lost)

    def handle(self, event: Event, work) -> None:
        said = dict(event.payload)
        if "action" in said:
            move = Move(said["by"], OTARU, Action(said["action"]), said["receipt"], said.get("text", ""))
            self.office.counter.act(move, work)
        else:
            message = Message(said["text"], event.conversation, said["user"], key=event.keys[0])
            self.office.reception.receive(message, work)

    def lost(self, outgoing, fault, work) -> None:
        undelivered(outgoing.cause, fault, self.office.changes, self.office.now(), work)

    def say(self, thread: str, text: str, key: str) -> None:
        for _ in range(2):  # platforms deliver more than once
            self.service.receive(Event(thread.partition(":")[0], (key,), thread, {"text": text, "user": thread}))

    def act(self, receipt: str, action: Action, text: str = "") -> None:
        said = {"by": STAFF, "action": action.value, "receipt": receipt, "text": text}
        self.service.receive(Event("slack", (f"{receipt}:{action}",), f"desk#{receipt}", said))

    def wait(self, done, seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, "it does not end"
            time.sleep(0.02)

    def told(self, thread: str) -> list[str]:
        return [post.payload["text"] for post in self.platform.posts if post.destination == thread]


def play(database, consultations: int) -> None:
    served = Served(database)
    served.service.start()
    threads = [f"{'telegram:' if n % 2 else 'slack:D'}{n}" for n in range(consultations)]
    for turn, text in enumerate(TURNS):
        for thread in threads:
            served.say(thread, text, f"{thread}:{turn}")
    served.wait(lambda: all(any("受付番号は" in text for text in served.told(thread)) for thread in threads))
    receipts = {thread: re.search(r"受付番号は (\S+) です", "".join(served.told(thread)))[1] for thread in threads}
    for action, text in ((Action.CLAIM, ""), (Action.REPLY, "返信#{}。"), (Action.SEND_TO_RESIDENT, "")):
        for thread in threads:
            served.act(receipts[thread], action, text.format(thread))
    for thread in threads:
        served.say(thread, "朝市は誰が開きましたか", f"{thread}:late")
    served.wait(lambda: all(any("返信#" in text for text in served.told(thread)) for thread in threads))
    served.wait(lambda: sum("住民より" in text for text in served.told(OTARU)) == consultations)
    served.service.stop()
    assert len(set(receipts.values())) == consultations
    for thread in threads:
        told = "".join(served.told(thread))
        assert told.count(f"返信#{thread}。") == told.count("返信#") == 1, thread
        assert set(re.findall(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3}", told)) == {receipts[thread]}
    cards = [post for post in served.platform.posts if "card" in post.payload and post.destination == OTARU]
    assert len(cards) == consultations
    assert len({post.key for post in served.platform.posts}) == len(served.platform.posts)


def test_interleaved_consultations_do_not_cross(database):
    play(database, 12)


@pytest.mark.full
def test_two_hundred_interleaved_consultations_do_not_cross(database):
    play(database, 200)


def test_what_cannot_be_delivered_goes_to_the_fallback_desk(database):
    served = Served(database)
    case = served.office.consult()
    served.platform.on_post = lambda outgoing: _refuse(outgoing, PermanentError("channel_not_found"))
    served.service.drain()
    assert "channel_not_found" in served.office.case(case.receipt).undelivered
    assert any("【相談】" in text for text in served.told(FALLBACK))
    assert any("届けられない知らせ" in text for text in served.told(FALLBACK))


def _refuse(outgoing, error) -> None:
    if outgoing.destination == OTARU:
        raise error
