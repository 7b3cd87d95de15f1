"""Plays tests/dialogs/consultations/*.toml: a resident, a desk and the clock. The format: tests/dialogs/README.md."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from case_fakes import FakeDatabase
from case_office import FALLBACK, OTARU, SHIRIBESHI, STAFF, TOKYO, Office

from bot.message import Action, ReplyStatus

DIALOGS = sorted((Path(__file__).parents[2] / "dialogs" / "consultations").glob("*.toml"))
PLACES = {"fallback": FALLBACK, "other": SHIRIBESHI}
RESIDENT = "telegram:1"
DOES = {"said", "press", "staff", "later", "consult"}
WITH = {"text", "office", "by", "at"}
EXPECTS = {
    "status", "has", "lacks", "buttons", "state", "told", "told_lacks", "desk", "other_desk", "fallback", "shown",
    "quiet", "desk_quiet",
}  # fmt: skip


class Play:
    """One dialogue on one office. `seen`: how much of the outbox earlier turns have read."""

    def __init__(self, now: datetime | None) -> None:
        self.office = Office(FakeDatabase())
        if now:
            self.office.time = now.replace(tzinfo=TOKYO)
        self.receipt = ""
        self.keys: set[str] = set()
        self.buttons: dict[str, Any] = {}

    def turn(self, row: dict[str, Any]) -> list[str]:
        """What is wrong after this turn."""
        unknown = set(row) - DOES - WITH - EXPECTS
        assert not unknown, unknown
        assert len(DOES & set(row)) == 1, row
        reply, shown = self._do(row)
        new = {key: post for key, post in self.office.database.tables.outbox.items() if key not in self.keys}
        self.keys |= set(new)
        told = [p for key, p in new.items() if p.destination == RESIDENT and not key.startswith("reply:")]
        for post in (p for p in new.values() if p.destination == RESIDENT):
            self.buttons.update({b["label"]: b for b in post.payload["buttons"]})
        at = {
            place: _joined(p for p in new.values() if p.destination == place) for place in (OTARU, SHIRIBESHI, FALLBACK)
        }
        return [
            *self._reply_faults(row, reply),
            *_lacking("told", row.get("told", ()), _joined(told)),
            *_found("told", row.get("told_lacks", ()), _joined(told)),
            *_lacking("desk", row.get("desk", ()), at[OTARU]),
            *_lacking("other desk", row.get("other_desk", ()), at[SHIRIBESHI]),
            *_lacking("fallback", row.get("fallback", ()), at[FALLBACK]),
            *_lacking("shown", row.get("shown", ()), shown),
            *(["the resident was told something"] if row.get("quiet") and told else []),
            *(["a desk was told something"] if row.get("desk_quiet") and any(at.values()) else []),
        ]

    def _do(self, row: dict[str, Any]) -> tuple[Any, str]:
        if "consult" in row:
            self.office.consult()
            reply, shown = None, ""
        elif "later" in row:
            self.office.go(hours=row["later"])
            reply, shown = None, "".join(self.office.tick())
        elif "staff" in row:
            where = PLACES.get(row.get("at", ""), OTARU)
            move = {"by": row.get("by", STAFF), "where": where, "text": row.get("text", "")}
            said = self.office.act(Action(row["staff"]), self.receipt, **move, office=row.get("office", ""))
            reply, shown = None, said.text
        elif "press" in row:
            button = self.buttons[row["press"]]
            reply, shown = self.office.hear(action=Action(button["action"]), value=button["value"]), ""
        else:
            reply, shown = self.office.hear(row["said"]), ""
        cases = [case for case in self.office.cases() if case.opened_at]
        self.receipt = cases[-1].receipt if cases else self.receipt
        return reply, shown

    def _reply_faults(self, row: dict[str, Any], reply: Any) -> list[str]:
        faults = []
        if reply is not None:
            if "status" in row and reply.status is not ReplyStatus(row["status"]):
                faults.append(f"status is {reply.status}")
            if (reply.status is ReplyStatus.HELD) != (not reply.text):
                faults.append("silence and HELD go together")
            if len(reply.buttons) > 3:
                faults.append("more than three buttons")
            labels = [button.label for button in reply.buttons]
            if "buttons" in row and labels != row["buttons"]:
                faults.append(f"buttons are {labels}")
            faults += [
                *_lacking("reply", row.get("has", ()), reply.text),
                *_found("reply", row.get("lacks", ()), reply.text),
            ]
        if "state" in row:
            cases = self.office.cases()
            state = cases[-1].state.value if cases else "none"
            faults += [f"state is {state}"] if state != row["state"] else []
        return faults


def _joined(posts) -> str:
    return "\n".join(post.payload["text"] for post in posts)


def _lacking(where: str, words, text: str) -> list[str]:
    return [f"{where} lacks {word!r}: {text}" for word in words if word not in text]


def _found(where: str, words, text: str) -> list[str]:
    return [f"{where} must not say {word!r}: {text}" for word in words if word in text]


@pytest.mark.parametrize("path", DIALOGS, ids=lambda path: path.stem)
def test_dialog(path: Path) -> None:
    dialog = tomllib.loads(path.read_text(encoding="utf-8"))
    now = dialog.get("now")
    play = Play(datetime.fromisoformat(now) if now else None)
    for n, row in enumerate(dialog["turn"], 1):
        faults = play.turn(row)
        assert not faults, f"{path.name}, turn {n} {row}:\n" + "\n".join(faults)


def test_there_are_dialogs() -> None:
    assert len(DIALOGS) >= 12


def test_the_player_notices(tmp_path: Path) -> None:
    play = Play(None)
    assert play.turn({"said": "こんにちは", "has": ["さようなら"]})
    assert play.turn({"said": "こんにちは", "buttons": []})
    assert play.turn({"said": "こんにちは", "lacks": ["こんにちは"]})
    assert play.turn({"said": "こんにちは", "state": "open"})
    assert not play.turn({"said": "こんにちは", "status": "smalltalk"})
    with pytest.raises(AssertionError):
        play.turn({"said": "こんにちは", "hass": []})
