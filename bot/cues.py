"""The patterns of bot/cues.toml, compiled: how people say things."""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from knowledge.desks import pattern
from knowledge.errors import DataError

Cues = Mapping[str, Mapping[str, re.Pattern[str]]]


@lru_cache(maxsize=1)
def load_cues() -> Cues:
    """section → name → one expression (the lines of a list are alternatives). Raises DataError naming the line."""
    path = Path(__file__).with_name("cues.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    macros: dict[str, str] = data.pop("macros")
    return {
        section: {name: _compile(path, f"{section}.{name}", lines, macros) for name, lines in table.items()}
        for section, table in data.items()
    }


def _compile(path: Path, key: str, lines: list[str], macros: dict[str, str]) -> re.Pattern[str]:
    for number, line in enumerate(lines, 1):
        try:
            pattern(_expand(line, macros))
        except ValueError as error:
            raise DataError(f"{path.name}, {key}, entry {number}: not a regular expression ({error})") from error
    return pattern("|".join(f"(?:{_expand(line, macros)})" for line in lines))


def _expand(line: str, macros: dict[str, str]) -> str:
    for name, value in macros.items():
        line = line.replace("{" + name + "}", value)
    return line
