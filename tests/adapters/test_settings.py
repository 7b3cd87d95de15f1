"""Settings: names, defaults, forms; `.env.example` says the same."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.settings import Settings, load_settings
from knowledge.errors import SettingsError

EXAMPLE = Path(__file__).parents[2] / ".env.example"
JAPANESE = re.compile(r"[ぁ-んァ-ヶ]")


def blocks() -> list[list[str]]:
    """The paragraphs of `.env.example` that end in a setting."""
    paragraphs = [block.splitlines() for block in EXAMPLE.read_text(encoding="utf-8").strip().split("\n\n")]
    return [lines for lines in paragraphs if not lines[-1].startswith("#")]


def test_the_example_lists_exactly_the_settings_in_order():
    names = [lines[-1].partition("=")[0] for lines in blocks()]
    assert names == [name.upper() for name in Settings.model_fields]


def test_the_example_holds_the_defaults():
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)
    for lines in blocks():
        name, _, value = lines[-1].partition("=")
        default = Settings.model_fields[name.lower()].default
        assert value == ("" if default is None or Settings.model_fields[name.lower()].default_factory else str(default))


def test_every_setting_is_explained_in_japanese_first():
    for lines in blocks():
        first, second = lines[0], lines[1]
        assert first.startswith("# "), lines
        assert JAPANESE.search(first), lines
        assert second.startswith("# "), lines
        assert not JAPANESE.search(second), lines


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEZONE", "Secret/Zone"),
        ("TIMEZONE", "../secret"),
        ("DATA_DIR", "/secret/folder"),
        ("RENKEI_NOW", "secret-day"),
        ("CHAT_MODEL", "secret-model"),
        ("CHAT_MODEL", "openai:"),
        ("CHAT_BASE_URL", "ftp://secret.example"),
        ("CHAT_BASE_URL", "http://secret.example/v1"),
        ("CHAT_BASE_URL", "http://8.8.8.8/v1?secret"),
        ("CHAT_BASE_URL", "http://8.8.8.8/v1"),
        ("CHAT_BASE_URL", "https://user:secret@model.example"),
        ("DATABASE_URL", "mysql://user:secret@db.example/renkei"),
        ("DATABASE_URL", "secret"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
    ],
)
def test_a_wrong_value_names_the_variable_and_never_the_value(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings()
    assert "secret" not in str(caught.value).lower()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_command_line_wins_over_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("STORE_DIR", "/elsewhere")
    assert load_settings(store_dir=tmp_path).store_dir == tmp_path
    assert load_settings(store_dir=None).store_dir == Path("/elsewhere")


def test_an_empty_value_is_the_default_and_a_tilde_the_home(monkeypatch):
    monkeypatch.setenv("TIMEZONE", "")
    monkeypatch.setenv("STORE_DIR", "~/store")
    settings = load_settings()
    assert settings.timezone == "Asia/Tokyo"
    assert settings.store_dir == Path.home() / "store"


def test_the_clock_can_be_fixed(monkeypatch):
    tokyo = ZoneInfo("Asia/Tokyo")
    monkeypatch.setenv("RENKEI_NOW", "2025-03-31T23:30")
    assert load_settings().now() == datetime(2025, 3, 31, 23, 30, tzinfo=tokyo)
    monkeypatch.setenv("RENKEI_NOW", "2025-03-31T23:30:00Z")
    assert load_settings().now() == datetime(2025, 4, 1, 8, 30, tzinfo=tokyo)
    monkeypatch.delenv("RENKEI_NOW")
    assert load_settings().now().tzinfo == tokyo


@pytest.mark.parametrize(
    "address",
    [
        "https://model.example/v1",
        "http://127.0.0.1:11434",
        "http://[::1]:8000",
        "http://192.168.1.5/v1",
        "http://ollama",
    ],
)
def test_plain_http_goes_no_further_than_the_house(monkeypatch, address):
    monkeypatch.setenv("CHAT_BASE_URL", address)
    assert load_settings().chat_base_url == address


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////srv/renkei/renkei.db",
        "postgresql://user:word@db.example/renkei",
        "postgres:///renkei?host=/run/postgresql",
        "postgresql+psycopg://db.example:5433/renkei",
    ],
)
def test_a_database_is_named_by_an_address_that_is_never_shown(monkeypatch, address):
    monkeypatch.setenv("DATABASE_URL", address)
    settings = load_settings()
    assert settings.database_url == address
    assert address not in repr(settings)
