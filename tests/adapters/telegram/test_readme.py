"""adapters/telegram/README.md is tested like code: its settings, destinations, words and links are those that work."""

import re
import tomllib
from pathlib import Path

from adapters.settings import Settings
from adapters.telegram.commands import _LINKS, linked
from adapters.telegram.polling import SECOND
from adapters.telegram.webhook import PATH
from bot.cases.desks import DeskPlan, destination
from bot.message import Lang
from bot.texts import Texts

README = (Path(__file__).parents[3] / "adapters" / "telegram" / "README.md").read_text(encoding="utf-8")
TEXTS = Texts.load()


def test_every_setting_of_telegram_is_explained_and_exists():
    named = set(re.findall(r"`([A-Z][A-Z_]+[A-Z])`", README))
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    assert {name.upper() for name in Settings.model_fields if name.startswith("telegram_")} <= named


def test_the_example_of_desks_can_be_used():
    example = tomllib.loads(re.search(r"```toml\n(.*?)```", README, re.S)[1])
    assert destination(example["fallback"])
    assert destination(example["desk"][0]["destination"])
    for form in re.findall(r"^\| `(telegram:-100…[^`]*)`", README, re.M):
        assert destination(form.replace("…", "1234567890"))


def test_the_words_that_it_quotes_are_those_that_people_see():
    shown = {TEXTS.say(Lang.JA, f"button.{name}") for name in ("consult",)}
    shown |= {TEXTS.say(Lang.JA, f"staff_button.{name}") for name in ("claim", "reply", "send_to_resident")}
    for words in shown:
        assert f"「{words}」" in README
    assert DeskPlan().mark in README
    assert "念のための再送です" in TEXTS.say(Lang.JA, "command.repeated")
    assert "同じトークンで別のプロセスが受信しています" in SECOND
    assert PATH in README


def test_the_deep_links_that_it_names_lead_somewhere():
    line = next(line for line in README.splitlines() if "?start=" in line)
    for word in ("consult", *re.findall(r"`(\w+)`", line)):
        assert linked(word) == word
        assert word in _LINKS
