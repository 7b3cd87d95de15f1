"""A progress bar on stderr, so that stdout stays clean for what a command is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import count
from typing import Any, TypeVar, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

Function = TypeVar("Function", bound=Callable[..., Any])
Report = Callable[[str, int, int], None]
"""(what is being done, done so far, of how many)"""
STAGES = {
    "wait": "別の実行が索引を作り終えるのを待っています",
    "read": "読み取り",
    "embed": "ベクトル化",
    "publish": "公開",
}


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A bar for each stage that is reported; nothing appears where nothing is reported. Off a terminal, one line at
    the end of each stage."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int) -> None:
        if not tasks:
            bar.start()
        if stage not in tasks:
            tasks[stage] = bar.add_task(STAGES.get(stage, stage), total=total)
        bar.update(tasks[stage], completed=done, total=total)

    try:
        yield report
    finally:
        bar.stop()


def counted(function: Function, stage: str, total: int, report: Report) -> Function:
    """`function`, reporting each call."""
    calls = count(1)

    @wraps(function)
    def call(*args: Any) -> Any:
        result = function(*args)
        report(stage, next(calls), total)
        return result

    return cast(Function, call)
