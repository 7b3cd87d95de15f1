"""Speed: replies in one warm process, indexing, memory, start-up.

`pytest -m bench -s tests/bench/bench_reply.py`. On the bundled knowledge; no time is asserted.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from adapters.settings import Settings
from adapters.wiring import build_bot
from bot.message import Message
from indexer.build import build_index
from knowledge.embedding import load_embedder
from knowledge.entities import Passage
from tests.bench.tables import ROOT, milliseconds, show

pytestmark = pytest.mark.bench
_COPIES = 20  # of the bundled digests, to index enough passages for a steady figure
_START = "import sys; from adapters.cli import main; sys.argv[0] = 'renkei'; main()"


def messages() -> dict[str, list[str]]:
    """What people say in the project's own evaluation set: questions, and consultations to be routed."""
    return {
        "questions": [row["question"] for row in rows("qa")],
        "consultations": [row["message"] for row in rows("route")],
    }


def rows(name: str) -> list[dict[str, str]]:
    lines = (ROOT / f"tests/eval/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def memory(field: str = "VmRSS") -> str:
    """Resident memory of this process, where the system tells it."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return "unknown"
    return next(f"{int(line.split()[1]) / 1024:.0f} MB" for line in lines if line.startswith(field))


def test_replies_in_one_warm_process(tmp_path: Path) -> None:
    before, started = memory(), time.perf_counter()
    bot = build_bot(Settings(store_dir=tmp_path / "store"))
    built = time.perf_counter() - started
    table = []
    for kind, said in messages().items():
        bot.reply(Message(said[0], thread="warm-up"))
        seconds = []
        for number, text in enumerate(said):
            started = time.perf_counter()
            bot.reply(Message(text, thread=f"{kind}-{number}"))
            seconds.append(time.perf_counter() - started)
        table.append([kind, str(len(said)), *milliseconds(seconds), f"{len(said) / np.sum(seconds):.0f}"])
    show("Replies, one warm process, one at a time", ["", "messages", "p50 ms", "p95 ms", "replies/s"], table)
    show(
        "The process",
        ["", "figure"],
        [
            ["bot built, first index included", f"{built:.1f} s"],
            ["memory before", before],
            ["memory after all replies", memory()],
            ["memory at most", memory("VmHWM")],
        ],
    )


class NoDirectory:
    """Documents alone, so that passages per second are those of documents."""

    municipalities = ()

    def passages(self) -> list[Passage]:
        return []


def copies(folder: Path) -> Path:
    """The bundled digests many times over, each copy with a title of its own, so that none is a duplicate."""
    for path in sorted((ROOT / "knowledge/documents").glob("*.md")):
        head, _, body = path.read_text(encoding="utf-8").partition("title: ")
        for number in range(_COPIES):
            (folder / f"{path.stem}-{number}.md").write_text(f"{head}title: 第{number}版 {body}", encoding="utf-8")
    return folder


def test_indexing(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    source, store, embedder = copies(tmp_path / "documents"), tmp_path / "store", load_embedder()
    table = []
    for run in ("fresh", "unchanged", "one file of many changed"):
        if run.startswith("one"):
            path = next(source.iterdir())
            path.write_text(path.read_text(encoding="utf-8") + "\n\n改訂しました。\n", encoding="utf-8")
        started = time.perf_counter()
        report = build_index([source], store, embedder, NoDirectory())
        seconds = time.perf_counter() - started
        figures = (report.files, report.passages, report.embedded)
        table.append([run, *map(str, figures), f"{seconds:.1f}", f"{report.passages / seconds:.0f}"])
    show("Indexing", ["", "files", "passages", "embedded", "seconds", "passages/s"], table)


def test_start_up(tmp_path: Path) -> None:
    environment = os.environ | {"STORE_DIR": str(tmp_path / "store"), "TQDM_DISABLE": "1"}
    question = "倶知安町で空き家を交流拠点にしたい。どこに相談すればいいですか"
    commands = {
        "renkei --help": ["--help"],
        "renkei ask, the first run (builds the index)": ["ask", question],
        "renkei ask, afterwards": ["ask", question],
    }
    table = []
    for name, arguments in commands.items():
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _START, *arguments], env=environment, cwd=ROOT, capture_output=True, check=False
        )
        table.append([name, f"{time.perf_counter() - started:.2f}", str(done.returncode)])
    show("Start-up, a process of its own", ["", "seconds", "exit"], table)
    assert all(row[2] == "0" for row in table)
