"""What an admin pastes is what the code listens to, needs and offers."""

import json
import re
from pathlib import Path

import pytest

from adapters.desks_file import load_desks
from adapters.slack.arriving import COMMAND, EVENTS
from adapters.slack.rights import APP_SCOPE, SCOPES, scopes_of
from bot.message import Action
from knowledge.directory import Directory

FOLDER = Path(__file__).parents[3] / "adapters" / "slack"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")
NEEDED = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "app_home_opened": None,
}
"""Event → the scope without which Slack does not send it."""


def test_events_commands_and_scopes():
    assert tuple(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == EVENTS
    assert [c["command"] for c in MANIFEST["features"]["slash_commands"]] == [COMMAND]
    assert tuple(MANIFEST["oauth_config"]["scopes"]["bot"]) == tuple(SCOPES)
    assert set(NEEDED) == set(EVENTS)
    assert {scope for scope in NEEDED.values() if scope} <= set(SCOPES)


def test_buttons_and_both_tabs_work():
    assert MANIFEST["settings"]["interactivity"]["is_enabled"]
    home = MANIFEST["features"]["app_home"]
    assert home["home_tab_enabled"]
    assert home["messages_tab_enabled"]
    assert not home["messages_tab_read_only_enabled"]


def test_limits_of_slack():
    assert len(MANIFEST["features"]["agent_view"]["agent_description"]) <= 300
    assert len(MANIFEST["display_information"]["name"]) <= 35
    assert len(MANIFEST["display_information"]["description"]) <= 140
    assert "assistant_view" not in MANIFEST["features"]


@pytest.mark.parametrize("name", [*SCOPES, APP_SCOPE, COMMAND])
def test_the_readme_names_it(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize(
    "setting",
    ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_MODE", "SLACK_API_URL", "DESKS_FILE"],
)
def test_the_readme_names_the_settings(setting):
    assert f"`{setting}" in README


def test_the_desks_of_the_readme_can_be_used_as_they_stand(tmp_path):
    example = re.search(r"^```toml\n(.*?)^```", README, re.M | re.S)
    (tmp_path / "desks.toml").write_text(example[1], encoding="utf-8")
    plan = load_desks(tmp_path / "desks.toml", Directory.load())
    assert plan.fallback == "slack:C0123456789"
    assert plan.destinations == {"小樽開発建設部 地域連携課": "slack:C0987654321"}


def test_action_names_are_fixed():
    names = "consult confirm cancel claim reply note send_to_resident transfer close reopen evidence feedback"
    assert set(names.split()) == set(Action)


def test_scopes_as_slack_names_them():
    assert scopes_of("chat:write, commands") == {"chat:write", "commands"}
    assert scopes_of("") == set()
    assert scopes_of(None) is None
