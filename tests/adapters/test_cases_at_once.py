"""Many at once on a real database: one holder, one receipt, and no bot over a person."""

import threading

from case_office import ADMIN, OTHER, STAFF, Office
from sqlalchemy import select

from adapters.database.schema import outbox
from bot.cases.case import ConflictError
from bot.message import Action, ReplyStatus

RESIDENT = "telegram:1"


def at_once(*tasks) -> list:
    """Run them in threads that start together; what each gave."""
    barrier, results = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(n, task):
        barrier.wait()
        while True:  # as the worker does: what another has changed meanwhile is done anew
            try:
                results[n] = task()
                return
            except ConflictError:
                continue

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def claim(office: Office, receipt: str, by: str):
    return lambda: office.act(Action.CLAIM, receipt, by=by).text


def test_three_claims_at_once(database):
    office = Office(database)
    case = office.consult()
    for _ in range(10):
        said = at_once(*(claim(office, case.receipt, by) for by in (STAFF, OTHER, ADMIN)))
        assert sorted("済みました" in text for text in said) == [False, False, True]
        holder = office.case(case.receipt).holder
        assert [by for by, text in zip((STAFF, OTHER, ADMIN), said, strict=True) if "済みました" in text] == [holder]
        office.act(Action.TRANSFER, case.receipt, office="back")
    told = [text for text in office.texts(RESIDENT) if "が担当します" in text]
    assert len(told) == 10


def test_a_question_and_a_claim_at_once(database):
    office = Office(database)
    case = office.consult()
    for _ in range(8):
        reply, _ = at_once(lambda: office.hear("朝市は誰が開きましたか"), claim(office, case.receipt, STAFF))
        with database.work() as work:
            rows = work.fetch(select(outbox.c.key).where(outbox.c.destination == RESIDENT).order_by(outbox.c.id))
        keys = [row.key for row in rows]
        claimed = max(n for n, key in enumerate(keys) if key.endswith(":told"))
        answered = [n for n, key in enumerate(keys) if key.startswith("reply:")]
        assert max(answered) < claimed, "the bot answered after a person had taken the floor"
        if reply.status is ReplyStatus.HELD:
            assert sum("住民より" in text for text in office.texts("slack:C0OTARU")) > 0
        office.act(Action.TRANSFER, case.receipt, office="back")


def test_one_confirmation_twice_at_once(database):
    office = Office(database)
    for typed in ("余市町で朝市を開きたいです。どこに相談すればいいですか", "担当に相談したい", "この会話で"):
        shown = office.hear(typed)
    replies = at_once(*(lambda: office.press(shown.buttons[0]) for _ in range(3)))
    assert len([case for case in office.cases() if case.opened_at]) == 1
    assert sum("受付番号は" in reply.text for reply in replies) == 1
    assert len([post for post in office.posts("slack:C0OTARU") if "card" in post.payload]) == 1
