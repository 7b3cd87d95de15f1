"""A local Slack, and ours before it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from slack_server import APP_TOKEN, BOT_TOKEN, SECRET, SlackServer, slack_server

from adapters.settings import Settings, load_settings
from adapters.slack.platform import Slack, build


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with slack_server() as slack:
        yield slack


@pytest.fixture
def settings_for(server: SlackServer, tmp_path: Path) -> Callable[..., Settings]:
    def make(**given: object) -> Settings:
        tokens = {"slack_bot_token": BOT_TOKEN, "slack_app_token": APP_TOKEN, "slack_signing_secret": SECRET}
        return load_settings(**{**tokens, "slack_api_url": server.url, "store_dir": tmp_path, **given})

    return make


@pytest.fixture
def slack(settings_for: Callable[..., Settings]) -> Iterator[Slack]:
    platform = build(settings_for())
    yield platform
    platform.stop(2.0)


def wait(until: Callable[[], object], seconds: float = 20.0) -> None:
    """Until it holds; the test fails where it does not in good time."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


@pytest.fixture(name="wait")
def waiting() -> Callable[..., None]:
    return wait
