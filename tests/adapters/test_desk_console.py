"""`renkei chat` and `renkei desk` on one database: the whole way of a consultation at two terminals."""

import io
import sys
from datetime import datetime

import pytest
from case_office import MATTER, OnePassage, knowledge
from rich.console import Console

from adapters.console import Chat, own_words
from adapters.database.opening import open_database
from adapters.database.work import SqlWork
from adapters.desk_console import Desk, desk, split_transfer
from adapters.seats import take_desk_seat, take_resident_seat
from adapters.settings import Settings
from bot.bot import Bot
from bot.cases.case import ConflictError
from bot.cases.desks import DeskPlan
from bot.message import Lang
from knowledge.errors import DatabaseError, SettingsError

WORDS = own_words()


class Rehearsal(Settings):
    """A morning on a working day; `hours` go by when a test says so."""

    hours: int = 0

    def now(self) -> datetime:
        return datetime.fromisoformat("2026-11-19T10:00:00+09:00").replace(hour=10 + self.hours)


class House:
    """Terminals on one database, each as a process of its own would open it."""

    def __init__(self, url: str, folder) -> None:
        self._url, self._folder, self._opened = url, folder, []
        self.settings = Rehearsal(store_dir=folder, _env_file=None)

    def chat(self, name: str = "hanako") -> Chat:
        known = knowledge()
        parts = {part: getattr(known, part) for part in ("directory", "gazetteer", "triage", "texts", "glossary")}
        bot = Bot(retriever=OnePassage(), clock=self.settings.now, **parts)
        seat = take_resident_seat(self.settings, bot, self._open(), DeskPlan(), name)
        return Chat(lambda: seat, WORDS)

    def clerk(self, name: str = "sato"):
        return take_desk_seat(self.settings, self._open(), DeskPlan(), name)

    def _open(self):
        self._opened.append(open_database(self._url, self._folder))
        return self._opened[-1]

    def close(self) -> None:
        for database in self._opened:
            database.close()


@pytest.fixture
def house(database_url, tmp_path):
    opened = House(database_url, tmp_path)
    yield opened
    opened.close()


def arrived(seat) -> str:
    texts: list[str] = []
    seat.arrived(texts.append)
    return "\n".join(texts)


def test_the_whole_way(house):
    chat, seat = house.chat(), Desk(house.clerk(), WORDS)
    assert "[1] 担当に相談する" in chat.hear(MATTER)
    assert "[3] 返事はいらない" in chat.hear("1")
    assert "[1] 送る  [2] 直す  [3] やめる" in chat.hear("1")
    assert arrived(seat) == ""
    assert "受付番号は" in chat.hear("1")

    card = arrived(seat)
    assert card.count("【相談】") == 1
    assert "[1] 担当する" in card
    assert "済みました" in seat.hear("1")
    assert "担当: 小樽開発建設部" in arrived(seat)
    assert "が担当します" in arrived(chat)

    assert chat.hear("駅前がよいです") == ""
    assert "駅前がよいです" in arrived(seat)
    assert "住民には届きません" in seat.hear("この件、去年もありました")
    assert "書いてください" in seat.hear("1")
    assert "港の広場が使えます" in seat.hear("港の広場が使えます")
    assert arrived(chat) == ""
    assert "済みました" in seat.hear("1")
    answer = arrived(chat)
    assert "港の広場が使えます" in answer
    assert "去年" not in answer

    assert "済みました" in seat.hear("/close")
    assert "[1] 再開する  [2] よかった  [3] よくなかった" in arrived(chat)
    assert "ありがとうございました" in chat.hear("2")
    assert "よかった" in arrived(seat)


def test_everything_survives_a_restart_and_is_shown_once(house):
    chat, seat = house.chat(), Desk(house.clerk(), WORDS)
    for typed in (MATTER, "1", "1", "送る"):
        chat.hear(typed)
    assert "【相談】" in arrived(seat)
    assert arrived(Desk(house.clerk("suzuki"), WORDS)) == ""
    again = house.chat()
    assert "担当を待っています" in again.hear("/cases")
    listed = seat.hear("/list")
    receipt = listed.split()[0]
    assert f"受付番号 {receipt}" in seat.hear(f"/show {receipt}")
    assert "済みました" in seat.hear(f"/claim {receipt.lower()}")
    assert "が担当します" in arrived(again)
    assert arrived(again) == ""
    assert "見つかりません" in house.chat("somebody").hear(receipt)


def test_the_commands_of_the_desk(house):
    chat, seat = house.chat(), Desk(house.clerk(), WORDS)
    assert "/list" in seat.hear("ひとりごと")
    assert "相談はありません" in seat.hear("/list")
    assert seat.hear("/help") == WORDS("desk_help")
    assert "/dance" in seat.hear("/dance")
    assert seat.hear("") == ""
    assert seat.hear("/quit") is None
    for typed in (MATTER, "1", "1", "送る"):
        chat.hear(typed)
    arrived(seat)
    seat.hear("/claim")
    assert "内部メモを残しました" in seat.hear("/note 総務に確認")
    assert "総務に確認" in arrived(seat)
    assert "回す先" in seat.hear("/transfer")
    assert "済みました" in seat.hear("/transfer 後志総合振興局: 道の補助金のため")
    assert "道の補助金のため" in arrived(chat)
    seat.hear("/claim")
    assert "明日" in seat.hear("/reply 明日お返事します")
    assert "やめました" in seat.hear("/drop")
    assert "ありません" in seat.hear("/send")
    assert "送ります" in seat.hear("住民へ: 明日お返事します")
    assert "済みました" in seat.hear("/send")
    assert "明日お返事します" in arrived(chat)
    assert "済みました" in seat.hear("/back")
    assert "次の担当を待っています" in arrived(chat)
    seat.hear("/claim")
    seat.hear("/close")
    assert "済みました" in seat.hear("/reopen")
    assert "再開しました" in arrived(chat)


def test_time_passes_at_the_desk(house):
    chat, seat = house.chat(), Desk(house.clerk(), WORDS)
    for typed in (MATTER, "1", "1", "送る"):
        chat.hear(typed)
    arrived(seat)
    object.__setattr__(house.settings, "hours", 5)
    assert "まだ担当が決まっていません" in arrived(seat) + arrived(seat)
    assert arrived(chat) == ""


def test_a_resident_at_the_terminal_is_no_staff(house):
    chat, seat = house.chat("sato"), Desk(house.clerk("sato"), WORDS)
    for typed in (MATTER, "1", "1", "送る"):
        chat.hear(typed)
    arrived(seat)
    assert "/claim" in chat.hear("/claim")
    assert "担当待ち" in seat.hear("/list")


def test_forget_at_the_terminal(house):
    chat, seat = house.chat(), Desk(house.clerk(), WORDS)
    for typed in (MATTER, "1", "1", "送る"):
        chat.hear(typed)
    arrived(seat)
    assert MATTER in chat.hear("/export")
    assert "消しました" in chat.hear("/forget")
    assert "取り下げ" in arrived(seat)
    assert "お預かりしている内容はありません" in chat.hear("/export")


def test_the_desk_reads_lines_from_a_pipe(house, monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO("/list\n/quit\n"))
    desk(house.clerk(), Console(file=out))
    assert "相談はありません" in out.getvalue()
    assert WORDS("goodbye") in out.getvalue()


def test_a_database_that_fails_gives_no_receipt_and_names_the_phone(house, monkeypatch):
    chat = house.chat()
    for typed in (MATTER, "1", "1"):
        chat.hear(typed)

    def full(self):
        raise DatabaseError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(SqlWork, "commit", full)
        assert chat.hear("送る") == knowledge().texts.say(Lang.JA, "consult.failed")
    assert "受付番号は" in chat.hear("送る")


def sent(house, seat, name: str = "hanako") -> str:
    """A consultation is sent and arrives; its receipt number."""
    chat = house.chat(name)
    for typed in (MATTER, "1", "1", "送る"):
        chat.hear(typed)
    arrived(seat)
    return seat.hear("/list").split()[0]


def test_a_number_that_cannot_be_read_does_nothing(house):
    seat = Desk(house.clerk(), WORDS)
    receipt = sent(house, seat)
    seat.hear("/claim")
    wrong = receipt[:-1] + ("2" if receipt[-1] != "2" else "3")
    for command in ("/close", "/send", "/drop", "/back", "/show", "/reopen", "/claim"):
        assert "受付番号として読めません" in seat.hear(f"{command} {wrong}")
    for command in ("/reply", "/note"):
        assert "受付番号として読めません" in seat.hear(f"{command} {wrong} 文")
    assert "担当: " in seat.hear(f"/show {receipt}")
    assert "011-000-0000" in seat.hear("/reply 011-000-0000 へお電話ください")


def test_what_arrives_changes_nothing_of_what_is_written(house):
    seat, other = Desk(house.clerk(), WORDS), house.chat("taro")
    first = sent(house, seat)
    seat.hear("/claim")
    arrived(seat)
    assert "書いてください" in seat.hear("1")
    for typed in (MATTER, "1", "1", "送る"):
        other.hear(typed)
    came = arrived(seat)
    assert "【相談】" in came
    assert "[1]" not in came
    shown = seat.hear("港の広場が使えます")
    assert f"{first}: 次の文を住民へ送ります" in shown
    other.hear("書き足しです")
    other.hear("1")
    arrived(seat)
    assert f"{first}: 済みました" in seat.hear("1")


def test_a_resident_cannot_sit_in_the_mailbox_of_the_desk(house):
    for name in ("desk", "desk-sato", "Desk", "ｄｅｓｋ"):
        with pytest.raises(SettingsError, match="desk"):
            house.chat(name).hear("こんにちは")


def test_a_change_at_the_same_time_is_read_again(house, monkeypatch):
    chat, real, left = house.chat(), SqlWork.commit, [1]

    def faster(self):
        if left:
            left.pop()
            raise ConflictError
        real(self)

    monkeypatch.setattr(SqlWork, "commit", faster)
    assert "自動応答" in chat.hear("こんにちは")


def test_a_database_that_fails_does_not_end_the_desk(house, monkeypatch):
    seat = Desk(house.clerk(), WORDS)
    sent(house, seat)

    def locked(self):
        raise DatabaseError("使用中です。")

    with monkeypatch.context() as broken:
        broken.setattr(SqlWork, "commit", locked)
        assert seat.hear("/claim") == "使用中です。"
        assert [arrived(seat), arrived(seat)] == ["使用中です。", ""]
    assert "済みました" in seat.hear("/claim")


@pytest.mark.parametrize(
    "text",
    ["甲部 乙課: 10:30から", "甲部 乙課 10:30から", "甲部\u3000乙課：10:30から", "甲部 乙課：10:30から"],
)  # fmt: skip
def test_the_office_of_a_transfer_may_have_a_space(text):
    assert split_transfer(text, ["甲部", "甲部 乙課"]) == ("甲部 乙課", "10:30から")


def test_the_mark_may_have_a_wide_colon(house):
    seat = Desk(house.clerk(), WORDS)
    sent(house, seat)
    seat.hear("/claim")
    assert "次の文を住民へ送ります" in seat.hear("住民へ：明日お返事します")
