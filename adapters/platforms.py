"""The platforms that the settings name, and what each needs before it may start."""

import os
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.errors import SettingsError

if TYPE_CHECKING:
    from adapters.platform import Build, Platform
    from adapters.settings import Settings

NEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    "slack": {"socket": ("slack_app_token",), "http": ("slack_signing_secret",)},
    "telegram": {"polling": (), "webhook": ("telegram_webhook_url", "telegram_webhook_secret")},
}
"""Platform → mode → settings that must be there: without the secrets anybody could speak in a resident's name."""


def configured(settings: "Settings") -> list[str]:
    """The platforms whose token is set."""
    return [name for name in NEEDS if getattr(settings, f"{name}_bot_token")]


def missing(settings: "Settings") -> list[str]:
    """A sentence for each setting that is missing."""
    return [
        f"設定 {field.upper()} がありません({name.upper()}_MODE={_mode(settings, name)} に要ります)。"
        f"正しい形: {type(settings).model_fields[field].description}。手順は adapters/{name}/README.md です。"
        for name in configured(settings)
        for field in NEEDS[name][_mode(settings, name)]
        if not getattr(settings, field)
    ]


def build_platforms(settings: "Settings") -> "list[Platform]":
    """All that are configured, not connected yet. Raises SettingsError for what is missing, or where there is none."""
    names = configured(settings)
    if not names:
        raise SettingsError(
            "SLACK_BOT_TOKEN も TELEGRAM_BOT_TOKEN もありません。どちらかを設定してください(手順は README.md)。"
            "端末だけで試すときは `renkei chat` です。"
        )
    if faults := [*missing(settings), *exposed()]:
        raise SettingsError("\n".join(faults))
    return [build_platform(name, settings) for name in names]


def exposed(env: Path = Path(".env")) -> list[str]:
    """A sentence where everybody on this machine can read the tokens in `.env`."""
    try:
        readable = env.stat().st_mode & 0o004
        names = re.findall(r"^(?:export\s+)?(\w+_(?:TOKEN|SECRET))\s*=\s*\S", env.read_text("utf-8"), re.M | re.I)
    except (OSError, UnicodeDecodeError):
        return []
    if not readable or not names or os.name != "posix":
        return []
    return [f"{env} はだれでも読めるため、{'、'.join(names)} が漏れます。`chmod 600 {env}` を実行してください。"]


def build_platform(name: str, settings: "Settings") -> "Platform":
    """The platform of that name."""
    build: Build = import_module(f"adapters.{name}.platform").build
    return build(settings)


def secrets(settings: "Settings") -> list[str | None]:
    """The values that no log may hold."""
    fields = [name for name in type(settings).model_fields if name.endswith(("_token", "_secret", "database_url"))]
    return [getattr(settings, field) for field in fields]


def _mode(settings: "Settings", name: str) -> str:
    return str(getattr(settings, f"{name}_mode"))
