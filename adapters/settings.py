"""The settings, read from the environment and from `.env` in the working folder. `.env.example` lists the same.

A wrong value raises SettingsError that names the variable and the form expected, never the value: it may be a secret.
"""

import ipaddress
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.errors import SettingsError


def _expanded(path: Path) -> Path:
    return path.expanduser()


def _existing_folder(path: Path) -> Path:
    if not _expanded(path).is_dir():
        raise ValueError("not a folder")
    return _expanded(path)


def _existing_file(path: Path) -> Path:
    if not _expanded(path).is_file():
        raise ValueError("not a file")
    return _expanded(path)


def _people(text: str) -> str:
    if not all(re.fullmatch(r"slack:[UWCG][A-Z0-9]+|telegram:-?\d+|console:\S+", one) for one in people(text)):
        raise ValueError("not platform:id")
    return text


def people(text: str) -> tuple[str, ...]:
    """The ids of ADMIN_IDS or STAFF_IDS: separated by commas or white space."""
    return tuple(re.split(r"[,\s]+", text.strip(", \t\n"))) if text.strip(", \t\n") else ()


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError("not a time zone") from error
    return name


def _chat_model(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*:\S+", name):
        raise ValueError("not provider:name")
    return name


def _chat_address(address: str) -> str:
    """https anywhere; http only where the words stay in the house: this machine, private addresses, bare host names."""
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.password or url.query:
        raise ValueError("not an address")
    distant = url.scheme == "http" and re.search("[.:]", url.hostname)
    if distant and not ipaddress.ip_address(url.hostname).is_private:
        raise ValueError("http beyond the house")
    return address


def _database(address: str) -> str:
    """Looked at without SQLAlchemy, which takes long to import."""
    if not re.match(r"sqlite:///[^:?#]|postgres(ql)?(\+psycopg)?://[^?#]", address):
        raise ValueError("not an address of a database")
    return address


def _platform_address(address: str) -> str:
    """https anywhere; http to this machine alone: a token goes there."""
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.password:
        raise ValueError("not an address")
    if url.scheme == "http" and not _is_loopback(url.hostname):
        raise ValueError("http beyond this machine")
    return address


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_PlatformAddress = Annotated[str, AfterValidator(_platform_address)]


def _starting(pattern: str) -> AfterValidator:
    """The value begins like a token of this kind; what it is never stands in a message."""

    def check(token: str) -> str:
        if not re.fullmatch(pattern, token):
            raise ValueError("not a token")
        return token

    return AfterValidator(check)


class Settings(BaseSettings):
    """Every setting, with what it means and the form it takes (used in error messages)."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    store_dir: Annotated[Path, AfterValidator(_expanded)] = Field(
        default_factory=lambda: user_data_path("renkei", appauthor=False), description="索引を置くフォルダー"
    )
    data_dir: Annotated[Path, AfterValidator(_existing_folder)] | None = Field(
        default=None,
        description="既にあるフォルダー(offices.csv places.csv desks.csv projects.csv curated.csv を置く)",
    )
    embedding_model: str = Field(
        default="embedded", description="embedded、または sentence-transformers のモデルの名前かフォルダー"
    )
    reranker_model: str | None = Field(
        default=None, description="空、または sentence-transformers の CrossEncoder の名前かフォルダー"
    )
    chat_model: Annotated[str, AfterValidator(_chat_model)] | None = Field(
        default=None, description="空、または openai:名前、ollama:名前、anthropic:名前"
    )
    chat_base_url: Annotated[str, AfterValidator(_chat_address)] | None = Field(
        default=None,
        description="空、または https:// で始まるアドレス(http:// は自分の機械と構内だけ。合言葉は書かない)",
    )
    chat_rewrite: bool = Field(default=False, description="true か false(対話モデルに、検索のための言いかえもさせるか)")
    database_url: Annotated[str, AfterValidator(_database)] | None = Field(
        default=None,
        repr=False,
        description="空(STORE_DIR の renkei.db)、sqlite:////フォルダー/renkei.db、"
        "または postgresql://利用者:合言葉@機械/名前",
    )
    admin_ids: Annotated[str, AfterValidator(_people)] = Field(
        default="", description="空、または slack:U… や telegram:数字 をコンマで区切った並び"
    )
    staff_ids: Annotated[str, AfterValidator(_people)] = Field(
        default="", description="空、または slack:U… や telegram:数字 をコンマで区切った並び"
    )
    desks_file: Annotated[Path, AfterValidator(_existing_file)] | None = Field(
        default=None, description="空、または既にある TOML ファイル(相談の送り先)"
    )
    slack_bot_token: Annotated[str, _starting(r"xox\S+")] | None = Field(
        default=None, repr=False, description="空(Slack を使わない)、または xoxb- で始まるボットのトークン"
    )
    slack_app_token: Annotated[str, _starting(r"xapp\S+")] | None = Field(
        default=None, repr=False, description="xapp- で始まるアプリのトークン(SLACK_MODE=socket のとき)"
    )
    slack_signing_secret: Annotated[str, _starting(r"\S+")] | None = Field(
        default=None, repr=False, description="Slack アプリの Signing Secret(SLACK_MODE=http のとき)"
    )
    slack_mode: Literal["socket", "http"] = Field(default="socket", description="socket または http")
    slack_api_url: _PlatformAddress = Field(
        default="https://slack.com/api/", description="https:// で始まるアドレス(http:// は自分の機械だけ)"
    )
    telegram_bot_token: Annotated[str, _starting(r"\d+:[\w-]+")] | None = Field(
        default=None, repr=False, description="空(Telegram を使わない)、または BotFather の「数字:文字」のトークン"
    )
    telegram_mode: Literal["polling", "webhook"] = Field(default="polling", description="polling または webhook")
    telegram_webhook_url: _PlatformAddress | None = Field(
        default=None, description="Telegram から届く https:// のアドレス(TELEGRAM_MODE=webhook のとき)"
    )
    telegram_webhook_secret: Annotated[str, _starting(r"[\w-]{1,256}")] | None = Field(
        default=None, repr=False, description="英数字と _ - の 256 字まで(TELEGRAM_MODE=webhook のとき)"
    )
    telegram_api_url: _PlatformAddress = Field(
        default="https://api.telegram.org", description="https:// で始まるアドレス(http:// は自分の機械だけ)"
    )
    http_host: str = Field(default="127.0.0.1", description="待ち受けるアドレス(127.0.0.1、0.0.0.0 など)")
    http_port: int = Field(default=8080, ge=0, le=65535, description="0〜65535 の番号")
    max_file_mb: int = Field(default=50, gt=0, description="1 以上の整数(MB)")
    keep_generations: int = Field(default=5, gt=1, description="2 以上の整数")
    timezone: Annotated[str, AfterValidator(_time_zone)] = Field(
        default="Asia/Tokyo", description="Asia/Tokyo のような時間帯"
    )
    renkei_now: datetime | None = Field(default=None, description="空、または 2025-06-01T09:00 のような日時")

    def now(self) -> datetime:
        """The time in TIMEZONE: the real one, or RENKEI_NOW where it is set."""
        zone = ZoneInfo(self.timezone)
        if self.renkei_now is None:
            return datetime.now(zone)
        fixed = self.renkei_now
        return fixed.astimezone(zone) if fixed.tzinfo else fixed.replace(tzinfo=zone)


def load_settings(**given: Any) -> Settings:
    """The settings, those of the command line (`given`, None where absent) first. Raises SettingsError."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise SettingsError("\n".join(_complaint(str(e["loc"][0])) for e in error.errors())) from None


def _complaint(field: str) -> str:
    description = Settings.model_fields[field].description
    return f"設定 {field.upper()} の値が正しくありません。正しい形: {description}。"
