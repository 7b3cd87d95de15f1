"""What every loader gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file as read, in light Markdown whatever its format was.

    `pages`: the text page by page where the format has pages (`numbered`), else one element. A heading starts with
    `#`, a table row is one line whose cells are separated by a tab, items inside one cell by a vertical tab.
    `title`: the name that the format itself carries. `fields`: metadata that the file declares, by its own names.
    """

    pages: tuple[str, ...]
    numbered: bool = False
    title: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
