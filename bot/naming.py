"""Names of offices as a reader of each language reads them; the Japanese name always stands beside an English one."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bot.message import Lang
from knowledge.entities import Office

_TEXTS = Path(__file__).parent / "texts" / "routing.toml"


@cache
def _english() -> Mapping[str, str]:
    names: Mapping[str, str] = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))["names"]
    return names


def in_english(name: str) -> str | None:
    """The English name of an office or of one of its sections; None where none is known."""
    return _english().get(name)


def office_name(office: Office, lang: Lang = Lang.JA) -> str:
    """「小樽開発建設部 地域連携課」; in English "Otaru Development and … Department (小樽開発建設部 地域連携課)"."""
    name = f"{office.name} {office.section}".strip()
    english = _english_name(office) if lang is Lang.EN else None
    return f"{english} ({name})" if english else name


def office_with_phone(office: Office, lang: Lang = Lang.JA) -> str:
    """ "小樽開発建設部 地域連携課(0134-…)": the name with its phone, if that is known."""
    name = office_name(office, lang)
    if not office.phone:
        return name
    return f"{name}, phone {office.phone}" if lang is Lang.EN else f"{name}({office.phone})"


def _english_name(office: Office) -> str | None:
    name, section = in_english(office.name), in_english(office.section)
    return f"{section}, {name}" if name and section else name
