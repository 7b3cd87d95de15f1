"""`python -m indexer.training --data DIR --out DIR`: from the raw files to the model's folder."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from indexer.training.build import build
from indexer.training.export import export
from indexer.training.recipe import Recipe
from indexer.training.sources import read_corpus
from indexer.training.starting_vectors import load_word_vectors
from knowledge.errors import RenkeiError

SETTINGS = ("seed", "dimension", "passes", "least")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.out.mkdir(parents=True, exist_ok=True)  # an hour of training must not end at a folder
        (options.out / "modules.json").touch()
    except OSError as error:
        print(f"{options.out}: cannot be written ({error}); name another folder with --out", file=sys.stderr)  # noqa: T201
        return 1
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        import torch

        torch.set_num_threads(options.threads)
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("reading", total=None)
            corpus = read_corpus(options.data)
            vectors = load_word_vectors(options.vectors)
            bar.update(task, description="cutting texts into features")
            vocabulary, table = build(
                corpus,
                vectors,
                replace(Recipe(), **{name: getattr(options, name) for name in SETTINGS}),
                options.minutes * 60,
                lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
            )
            if not bar.finished:
                bar.console.print(f"stopped after {options.minutes} minutes: the model is trained in part")
        export(options.out, vocabulary, table)
    except (RenkeiError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"{options.out}: {len(vocabulary.rows)} features of {table.shape[1]} dimensions")  # noqa: T201
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indexer.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the raw files (named in the model card)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model into")
    parser.add_argument("--vectors", type=Path, help="the wheel of ja_ginza; without it pip downloads it")
    for name in SETTINGS:
        parser.add_argument(f"--{name}", type=_positive, default=getattr(Recipe(), name), help="default: %(default)s")
    parser.add_argument("--minutes", type=_positive, default=60, help="the longest time to train")
    parser.add_argument("--threads", type=_positive, default=1, help="one thread is deterministic on every machine")
    return parser


if __name__ == "__main__":
    sys.exit(main())
