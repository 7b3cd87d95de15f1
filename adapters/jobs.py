"""Changes of the index that were asked for in a conversation: each in a process of its own, so that answering goes on.

The message that announced the job is edited as it goes on, and at its end. Running bots see the new index by
themselves (`current_bot.py`). A job whose process is killed changes nothing: a generation is published whole or not.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from adapters.database.work import Database
from adapters.progress import STAGES
from bot.faults import trail
from bot.message import Lang
from bot.post import Outgoing
from bot.texts import Texts

EDIT_EVERY = 3.0
"""Seconds between two edits of the message that shows the progress."""
_log = structlog.get_logger(__name__)


class Jobs:
    """One at a time here; the lock of the store keeps other processes apart."""

    def __init__(
        self, store_dir: Path, database: Database, texts: Texts, wake: Callable[[], None] = lambda: None
    ) -> None:
        self._store_dir = store_dir
        self._database = database
        self._texts = texts
        self._wake = wake
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ended = False

    def start(self, kind: str, argument: str, destination: str, key: str) -> threading.Thread:
        """Begin `kind` ("reindex" or "rollback"); `key`: of the message that announced it. Returns at once."""
        thread = threading.Thread(target=self._run, args=(kind, argument, _Board(self, destination, key)), daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End what is running; the index stays as it is."""
        self._ended = True
        if self._process is not None:
            self._process.terminate()

    def _run(self, kind: str, argument: str, board: "_Board") -> None:
        if not self._turn.acquire(blocking=False):
            board.show("job_lost")
            return
        try:
            board.end(kind, self._outcome(kind, argument, board))
        except Exception as error:
            _log.error("job failed", job=kind, fault=trail(error))
        finally:
            self._turn.release()

    def _outcome(self, kind: str, argument: str, board: "_Board") -> Mapping[str, Any]:
        """The last line that the process wrote; {} where it was killed before."""
        command = [
            sys.executable,
            "-m",
            "adapters.reindexing",
            kind,
            str(self._store_dir),
            *([argument] * bool(argument)),
        ]
        last: Mapping[str, Any] = {}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            self._process = process
            assert process.stdout is not None
            for line in process.stdout:
                said = json.loads(line)
                if "stage" in said:
                    board.progress(said)
                else:
                    last = said
        self._process = None
        return last

    def write(self, outgoing: Outgoing) -> None:
        if self._ended:
            return  # the database is about to be closed
        with self._database.work() as work:
            work.outbox.put(outgoing)
        self._wake()

    def say(self, key: str, **fields: object) -> str:
        return self._texts.say(Lang.JA, f"admin.{key}", **fields)


class _Board:
    """The message on which the progress is written."""

    def __init__(self, jobs: Jobs, destination: str, key: str) -> None:
        self._jobs = jobs
        self._destination = destination
        self._key = key
        self._count = 0
        self._shown_at = time.monotonic()

    def progress(self, said: Mapping[str, Any]) -> None:
        """Shown now and then: an edit that nobody can read helps nobody."""
        if time.monotonic() - self._shown_at < EDIT_EVERY:
            return
        self._shown_at = time.monotonic()
        stage = STAGES.get(said["stage"], said["stage"])
        self.show("reindex_progress", stage=stage, done=said["done"], total=said["total"])

    def end(self, kind: str, outcome: Mapping[str, Any]) -> None:
        if "failed" in outcome:
            self.show("job_failed", why=outcome["failed"])
        elif "unknown" in outcome:
            self.show("job_failed", why=self._jobs.say("sources_unknown"))
        elif not outcome:
            self.show("job_ended")
        elif kind == "rollback":
            self.show("rollback_done", id=outcome["id"])
        elif outcome["same"]:
            self.show("reindex_same")
        else:
            self.show("reindex_done", report=outcome["report"])

    def show(self, key: str, **fields: object) -> None:
        self._count += 1
        text = self._jobs.say(key, **fields)
        payload = {"text": text, "edits": self._key}
        self._jobs.write(Outgoing(self._destination, f"{self._key}:{self._count}", payload))
