"""The table of changes, read against DESIGN §4.4: every pair of state and event that is not in it changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cases.case import Case, Desk, State, Voice, Way, Wish
from bot.cases.table import TABLE, CaseEvent, Do, What, apply
from bot.message import Lang

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CASE = Case(
    "7KM-4PX-A9R", State.OPEN, "t", "u", Lang.JA, NOW, matter="朝市を開きたい", places=("余市町",),
    reason="余市町なので", desks=(Desk("小樽", "国"),), offered=(Desk("小樽", "国"), Desk("後志", "道")),
    wish=Wish(Way.OUTSIDE, "0135-00-0000"), answer="…", preview="はい", opened_at=NOW, waiting_since=NOW, holder="s",
)  # fmt: skip
S, W = State, What

# state → event → state, as DESIGN §4.4 has it (and the talk within a state)
DESIGN = {
    S.DRAFT: {W.CANCEL: S.CANCELLED, W.EXPIRE: S.CANCELLED, W.CONFIRM: S.OPEN, W.FORGET: S.CANCELLED},
    S.OPEN: {
        W.CLAIM: S.CLAIMED, W.ESCALATE: S.OPEN, W.TRANSFER: S.OPEN, W.FORGET: S.WITHDRAWN, W.REMIND: S.OPEN,
        W.SAYS: S.OPEN, W.NOTE: S.OPEN, W.UNDELIVERED: S.OPEN,
    },
    S.CLAIMED: {
        W.HAND_BACK: S.OPEN, W.LAPSE: S.OPEN, W.TRANSFER: S.OPEN, W.CLOSE: S.CLOSED, W.FORGET: S.WITHDRAWN,
        W.SAYS: S.CLAIMED, W.NOTE: S.CLAIMED, W.PREVIEW: S.CLAIMED, W.SEND: S.CLAIMED, W.UNDELIVERED: S.CLAIMED,
    },
    S.CLOSED: {
        W.REOPEN: S.OPEN, W.RATE: S.CLOSED, W.NOTE: S.CLOSED, W.FORGET: S.CLOSED, W.PURGE: S.CLOSED,
        W.UNDELIVERED: S.CLOSED,
    },
    S.CANCELLED: {},
    S.WITHDRAWN: {},
}  # fmt: skip


def happen(state: State, what: What, by: str = "s", **fields: str):
    return apply(replace(CASE, state=state), CaseEvent(what, by, **fields), LATER)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("what", What)
def test_each_pair(state, what):
    outcome = happen(state, what)
    expected = DESIGN[state].get(what)
    assert (outcome[0].state if outcome else None) == expected
    assert outcome is None or outcome[0].version == CASE.version + 1


def test_the_table_has_each_pair_once():
    pairs = [(change.before, change.what) for change in TABLE]
    assert len(set(pairs)) == len(pairs)


def test_every_change_of_state_is_told_to_the_resident():
    for change in TABLE:
        if change.before is not change.after and change.what is not What.FORGET:  # whoever forgets is answered
            assert any(effect.do is Do.TELL for effect in change.effects), change
        silent = change.what in (What.FORGET, What.REMIND, What.NOTE, What.PREVIEW, What.UNDELIVERED, What.PURGE)
        told = any(effect.do in (Do.TELL, Do.DELIVER) for effect in change.effects)
        relayed = any(effect.do is Do.RELAY for effect in change.effects)
        assert told or silent or relayed, change


def test_a_note_never_reaches_the_resident():
    notes = [change for change in TABLE if change.what is What.NOTE]
    assert len(notes) == 3
    for change in notes:
        assert {effect.do for effect in change.effects} == {Do.INFORM, Do.KEEP}
        assert [effect.voice for effect in change.effects if effect.voice] == [Voice.NOTE]


def test_only_the_holder_replies_and_closes():
    for what in (What.PREVIEW, What.SEND, What.CLOSE):
        assert happen(State.CLAIMED, what, by="s")
        assert happen(State.CLAIMED, what, by="other") is None
    assert happen(State.CLAIMED, What.HAND_BACK, by="other")


def test_a_claim_names_the_desk_and_ends_the_waiting():
    case, _ = happen(State.OPEN, What.CLAIM, by="slack:U1", desk="小樽")
    assert (case.holder, case.holder_desk, case.claimed_at, case.waiting_since) == ("slack:U1", "小樽", LATER, None)
    assert case.human


@pytest.mark.parametrize("what", [What.HAND_BACK, What.LAPSE, What.TRANSFER])
def test_waiting_begins_anew(what):
    marked = replace(CASE, state=State.CLAIMED, reminded=True, escalated=True)
    case, _ = apply(marked, CaseEvent(what, "s", desk="後志"), LATER)
    assert (case.waiting_since, case.holder, case.preview) == (LATER, None, "")
    assert (case.reminded, case.escalated, case.human) == (False, False, False)


def test_a_transfer_goes_to_one_desk():
    case, _ = happen(State.CLAIMED, What.TRANSFER, desk="後志")
    assert case.desks == (Desk("後志", "道"),)


@pytest.mark.parametrize("state", [State.DRAFT, State.OPEN, State.CLAIMED, State.CLOSED])
def test_forget_leaves_no_word(state):
    case, _ = happen(state, What.FORGET, by="u")
    kept = repr(case)
    for word in ("朝市", "余市", "0135", "…", "'u'", "'t'"):
        assert word not in kept
    assert case.erased
    assert all(apply(case, CaseEvent(what, "s"), LATER) is None for what in What)


def test_a_mark_for_what_could_not_be_delivered_is_no_state():
    case, effects = happen(State.CLAIMED, What.UNDELIVERED, text="blocked")
    assert (case.state, case.undelivered) == (State.CLAIMED, "blocked")
    assert not any(effect.do in (Do.TELL, Do.DELIVER) for effect in effects)
