"""What the benchmarks share: where public data lies, how a table looks."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("RENKEI_SHARED", ROOT.parent / "shared"))


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, the first column left, figures right."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=110).print(table)


def milliseconds(seconds: Sequence[float]) -> tuple[str, str]:
    """Median and 95th percentile in ms."""
    middle, high = np.percentile(seconds, [50, 95]) * 1000
    return f"{middle:.1f}", f"{high:.1f}"
