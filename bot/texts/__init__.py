"""Every sentence a person may read: one TOML file a language, so that an official can correct it without Python.

A key is `section.name`; fields stand in braces, as in 「{office}にお尋ねください。」. A language that lacks a key
speaks Japanese there, やさしい日本語 too.
"""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.message import Lang
from knowledge.errors import DataError

# Sections that a language may leave to Japanese: names of desks are Japanese in the directory already, so is the
# terminal around a conversation; labels of what is masked, and what stands on a card, are read by staff.
_OPTIONAL = ("desk.", "console.", "mask.", "staff.", "staff_button.", "admin.")


@dataclass(frozen=True, slots=True)
class Texts:
    """language → key → text."""

    texts: Mapping[Lang, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path | None = None) -> "Texts":
        """The files `<language>.toml` of `folder` (default: the bundled ones). Raises DataError naming the file."""
        folder = folder or Path(__file__).parent
        return cls({lang: dict(_read(folder / f"{lang.value}.toml")) for lang in Lang})

    def find(self, lang: Lang, key: str) -> str | None:
        """The text of `key` in `lang` itself, without fields filled in; None where there is none."""
        return self.texts[lang].get(key)

    def say(self, lang: Lang, key: str, **fields: object) -> str:
        """The text of `key` with its fields filled in, in Japanese where `lang` has none. Raises KeyError for
        an unknown key or a field left out: a mistake of the program, not of a person."""
        text = self.find(lang, key) or self.texts[Lang.JA][key]
        return text.format(**fields)

    def check(self) -> list[str]:
        """What is wrong: a key missing in a language or unknown in Japanese, other fields than in Japanese."""
        japanese = self.texts[Lang.JA]
        problems = []
        for lang, texts in self.texts.items():
            problems += [f"{lang}.toml: {key}: {p}" for key, text in texts.items() for p in _faults(text)]
            problems += [f"{lang}.toml: {key} is missing" for key in japanese if key not in texts and not _free(key)]
            problems += [
                f"{lang}.toml: {key} is not in ja.toml" for key in texts if key not in japanese and not _free(key)
            ]
            problems += [
                f"{lang}.toml: {key} has the fields {sorted(_fields(text))}, ja.toml {sorted(_fields(japanese[key]))}"
                for key, text in texts.items()
                if key in japanese and _fields(text) != _fields(japanese[key])
            ]
        return problems


def _free(key: str) -> bool:
    return key.startswith(_OPTIONAL)


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


def _faults(text: str) -> Iterator[str]:
    if not text.strip():
        yield "is empty"
    try:
        list(string.Formatter().parse(text))
    except ValueError as error:
        yield f"has a stray brace ({error})"
    if any(not name.isidentifier() for name in _fields(text)):
        yield "has a field without a name"


def _read(path: Path) -> Iterator[tuple[str, str]]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 TOML ({error})") from error
    for section, table in data.items():
        if not isinstance(table, dict):
            raise DataError(f"{path}: {section!r} stands outside a [section]; expected section.name = text")
        for name, text in table.items():
            if not isinstance(text, str):
                raise DataError(f"{path}: {section}.{name} is no text; put it in quotation marks")
            yield f"{section}.{name}", text
