"""DESKS_FILE: what a right file means, and that every fault is named with what to write instead."""

import re
from datetime import date
from pathlib import Path

import pytest

from adapters.desks_file import load_desks
from bot.cases.case import Desk
from bot.cases.desks import CONSOLE, destination
from knowledge.directory import Directory
from knowledge.errors import SettingsError

DIRECTORY = Directory.load()
RIGHT = """
fallback = "slack:C0FALLBACK"
hours = "9:00-17:00"
closed = ["2026-08-13", 2026-08-14]
mark = "＞"
remind_after_hours = 2
escalate_after_hours = 6.5
hand_back_after_hours = 20
answer_days = 5
retention_days = 90

[[desk]]
office = "小樽開発建設部"
destination = "slack:C024BE91L"
hours = "8:30〜17:15"

[[desk]]
office = "後志総合振興局 地域創生部 地域政策課"
destination = "telegram:-1001234567890/topics"
"""


@pytest.fixture
def load(tmp_path):
    def write_and_load(text: str):
        path = tmp_path / "desks.toml"
        path.write_text(text, encoding="utf-8")
        return load_desks(path, DIRECTORY)

    return write_and_load


def shiribeshi() -> str:
    office = DIRECTORY.subprefecture_office("後志総合振興局")
    return f"{office.name} {office.section}"


def test_without_a_file_every_desk_is_the_console():
    plan = load_desks(None, DIRECTORY)
    assert plan.destination(Desk("小樽開発建設部 地域連携課")) == CONSOLE
    assert str(plan.calendar.default) == "8:45〜17:30"


def test_a_right_file(load):
    plan = load(RIGHT.replace("後志総合振興局 地域創生部 地域政策課", shiribeshi()))
    assert plan.destination(Desk("小樽開発建設部 地域連携課", "国")) == "slack:C024BE91L"
    assert plan.destination(Desk(shiribeshi(), "道")) == "telegram:-1001234567890/topics"
    assert plan.destination(Desk("旭川開発建設部 地域連携課")) == plan.fallback == "slack:C0FALLBACK"
    assert str(plan.calendar.hours("小樽開発建設部 地域連携課")) == "8:30〜17:15"
    assert str(plan.calendar.hours(shiribeshi())) == "9:00〜17:00"
    assert plan.calendar.closed == {date(2026, 8, 13), date(2026, 8, 14)}
    assert (plan.remind_after, plan.escalate_after, plan.hand_back_after) == (2, 6.5, 20)
    assert (plan.answer_days, plan.retention_days, plan.mark) == (5, 90, "＞")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('fallback = "mail:a@example.jp"', "fallback の値"),
        ("fallback = 3", "fallback の値"),
        ('hours = "17:00-9:00"', "hours の値"),
        ('hours = "朝から"', "hours の値"),
        ('closed = ["お盆"]', "closed は"),
        ("closed = 3", "closed は"),
        ("remind_after_hours = 0", "remind_after_hours は"),
        ("answer_days = 1.5", "answer_days は"),
        ("answer_days = true", "answer_days は"),
        ("remind_after_hours = 9\nescalate_after_hours = 3", "escalate_after_hours は"),
        ('colour = "red"', "colour は知らない"),
        ("desk = 3", "[[desk]] の見出し"),
        ('[[desk]]\noffice = "小樽市役所"\ndestination = "console"', "小樽市役所"),
        ('[[desk]]\noffice = "小樽開発建設部"', "destination の値"),
        ('[[desk]]\noffice = "小樽開発建設部"\ndestination = "C024"', "destination の値"),
        ('[[desk]]\noffice = "小樽開発建設部"\ndestination = "console"\nhours = "9"', "hours の値"),
        (2 * '[[desk]]\noffice = "小樽開発建設部"\ndestination = "console"\n', "二度"),
        ("[[desk", "TOML"),
    ],
)
def test_each_fault_is_named(load, text, named):
    with pytest.raises(SettingsError, match=r"desks\.toml: ") as caught:
        load(text)
    assert named in str(caught.value)


def test_all_faults_are_named_at_once(load):
    with pytest.raises(SettingsError) as caught:
        load('hours = "x"\nanswer_days = 0\n[[desk]]\noffice = "どこか"\ndestination = "x"')
    assert len(str(caught.value).splitlines()) == 4


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(SettingsError, match="読めません"):
        load_desks(tmp_path, DIRECTORY)


@pytest.mark.parametrize("text", ["slack:D024", "telegram:5", "telegram:-100/x", "console:x", " console", ""])
def test_what_is_no_destination(text):
    assert destination(text) is None


def test_the_example_in_readme_can_be_used_as_it_stands(load):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = [block for block in re.findall(r"^```toml\n(.*?)^```", readme, re.M | re.S) if "[[desk]]" in block]
    plan = load(example)
    assert str(plan.calendar.hours("小樽開発建設部 地域連携課")) == "8:30〜17:15"
    assert plan.answer_days == 3


def test_doctor_says_how_the_desks_are(tmp_path, monkeypatch):
    from adapters.doctor import _desks
    from adapters.settings import load_settings

    assert "renkei desk" in _desks(load_settings())
    path = tmp_path / "desks.toml"
    monkeypatch.setenv("DESKS_FILE", str(path))
    with pytest.raises(SettingsError, match="DESKS_FILE"):
        load_settings()
    path.write_text(
        'fallback = "console"\n[[desk]]\noffice = "小樽開発建設部"\ndestination = "slack:C0"', encoding="utf-8"
    )
    with pytest.raises(SettingsError, match="destination の値"):
        _desks(load_settings())
    path.write_text('[[desk]]\noffice = "小樽開発建設部"\ndestination = "slack:C024BE91L"', encoding="utf-8")
    assert "窓口 1 件" in _desks(load_settings())


@pytest.mark.parametrize(
    ("text", "right"), [("slack:U1,telegram:5", True), ("", True), ("U1", False), ("slack:x", False)]
)
def test_ids_of_people(monkeypatch, text, right):
    from adapters.settings import load_settings, people

    monkeypatch.setenv("STAFF_IDS", text)
    if right:
        assert people(load_settings().staff_ids) == tuple(filter(None, text.split(",")))
    else:
        with pytest.raises(SettingsError, match="STAFF_IDS"):
            load_settings()
