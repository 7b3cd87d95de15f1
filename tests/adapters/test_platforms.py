"""Which platforms the settings name, and what must be there before one starts."""

import pytest

from adapters.platforms import build_platforms, configured, exposed, missing, secrets
from adapters.settings import Settings, load_settings
from knowledge.errors import SettingsError

BOT, APP = "xoxb-1-secret", "xapp-1-secret"
TELEGRAM = "123456:secret-token"


def test_a_platform_is_configured_by_its_token():
    assert configured(Settings()) == []
    assert configured(Settings(slack_bot_token=BOT)) == ["slack"]
    assert configured(Settings(slack_bot_token=BOT, telegram_bot_token=TELEGRAM)) == ["slack", "telegram"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"slack_bot_token": BOT}, ["SLACK_APP_TOKEN"]),
        ({"slack_bot_token": BOT, "slack_app_token": APP}, []),
        ({"slack_bot_token": BOT, "slack_mode": "http", "slack_app_token": APP}, ["SLACK_SIGNING_SECRET"]),
        ({"slack_bot_token": BOT, "slack_mode": "http", "slack_signing_secret": "s" * 32}, []),
        ({"telegram_bot_token": TELEGRAM}, []),
        (
            {"telegram_bot_token": TELEGRAM, "telegram_mode": "webhook"},
            ["TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET"],
        ),
        (
            {
                "telegram_bot_token": TELEGRAM, "telegram_mode": "webhook",
                "telegram_webhook_url": "https://bot.example/telegram/webhook",
            },
            ["TELEGRAM_WEBHOOK_SECRET"],
        ),
        ({"slack_mode": "http"}, []),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_no_value_shown(given, names):
    complaints = missing(Settings(**given))
    assert [complaint.split()[1] for complaint in complaints] == names
    assert "secret" not in "".join(complaints)
    if names:
        with pytest.raises(SettingsError, match=names[0]):
            build_platforms(Settings(**given))


def test_without_any_platform_it_says_what_to_set():
    with pytest.raises(SettingsError, match=r"SLACK_BOT_TOKEN も TELEGRAM_BOT_TOKEN も"):
        build_platforms(Settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "secret"),
        ("SLACK_APP_TOKEN", "xoxb-secret"),
        ("SLACK_MODE", "secret"),
        ("SLACK_API_URL", "http://secret.example/api/"),
        ("SLACK_API_URL", "http://192.168.0.1/secret"),
        ("TELEGRAM_BOT_TOKEN", "secret"),
        ("TELEGRAM_API_URL", "https://user:secret@telegram.example"),
        ("TELEGRAM_WEBHOOK_URL", "http://secret.example/hook"),
        ("TELEGRAM_WEBHOOK_SECRET", "secret with spaces"),
        ("HTTP_PORT", "secret"),
        ("HTTP_PORT", "70000"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as error:
        load_settings()
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost:1", "[::1]:1"])
def test_plain_http_goes_to_this_machine(host):
    assert Settings(slack_api_url=f"http://{host}/api/", telegram_api_url=f"http://{host}").slack_api_url


def test_secrets_are_known_and_not_printed():
    settings = Settings(
        slack_bot_token=BOT, slack_app_token=APP, slack_signing_secret="s3cret", telegram_bot_token=TELEGRAM,
        telegram_webhook_secret="wh-secret", database_url="postgresql://renkei:pass@db.example/renkei",
    )  # fmt: skip
    found = [secret for secret in secrets(settings) if secret]
    assert len(found) == 6
    assert [secret for secret in found if secret in repr(settings)] == []


@pytest.mark.parametrize(
    ("mode", "line", "names"),
    [
        (0o644, "SLACK_BOT_TOKEN=xoxb-secret", ["SLACK_BOT_TOKEN"]),
        (0o600, "SLACK_BOT_TOKEN=xoxb-secret", []),
        (0o640, "SLACK_BOT_TOKEN=xoxb-secret", []),
        (0o644, "SLACK_BOT_TOKEN=", []),
        (0o644, "# SLACK_BOT_TOKEN=xoxb-secret", []),
        (0o644, "export TELEGRAM_WEBHOOK_SECRET = secret", ["TELEGRAM_WEBHOOK_SECRET"]),
    ],
)
def test_secrets_that_everybody_can_read_are_named(tmp_path, mode, line, names):
    env = tmp_path / ".env"
    env.write_text(f"HTTP_PORT=8080\n{line}\n")
    env.chmod(mode)
    complaints = exposed(env)
    assert len(complaints) == bool(names)
    assert all(name in complaints[0] for name in names)
    assert "xoxb-secret" not in "".join(complaints)


def test_without_an_env_file_there_is_nothing_to_read(tmp_path):
    assert exposed(tmp_path / ".env") == []
