"""First runs: the index is built once, however many runs begin at the same time on a new machine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adapters import wiring
from adapters.settings import Settings
from indexer.generations import list_generations, lock
from knowledge.errors import LockedError, StoreError


@pytest.fixture
def settings(tmp_path):
    return Settings(_env_file=None, store_dir=tmp_path / "store")


def ask(store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from adapters.cli import main; main()", "ask", "--json", "余市町の電話番号は?"]
    environment = {**os.environ, "STORE_DIR": str(store)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_two_first_runs_at_once_both_answer_from_one_index(settings):
    runs = [ask(settings.store_dir) for _ in range(2)]
    for run in runs:
        out, err = run.communicate(timeout=300)
        assert run.returncode == 0, err.decode()
        assert json.loads(out)["text"]
    assert len(list_generations(settings.store_dir)) == 1


def test_a_first_run_waits_for_the_index_of_another(settings, tmp_path):
    """The test is the other run: it holds the lock, and publishes once it is told that it is waited for."""
    wiring.build_index(Settings(_env_file=None, store_dir=tmp_path / "other"))
    told: list[tuple[str, int, int]] = []

    def publish(*report: object) -> None:
        if not told:
            shutil.copytree(tmp_path / "other", settings.store_dir, dirs_exist_ok=True)
        told.append(report)  # type: ignore[arg-type]

    with lock(settings.store_dir):
        bot = wiring.build_bot(settings, publish)
    assert told == [("wait", 0, 1), ("wait", 1, 1)]
    assert bot


def test_waiting_ends(settings, monkeypatch):
    monkeypatch.setattr(wiring, "FIRST_INDEX_WAIT", 0.3)
    with lock(settings.store_dir), pytest.raises(LockedError, match="別の実行"):
        wiring.build_bot(settings)


@pytest.mark.parametrize(("own", "built"), [(False, 2), (True, 1)])
def test_after_an_upgrade_only_an_index_of_bundled_documents_is_made_anew(settings, own, built):
    wiring.build_index(settings)
    (folder,) = (settings.store_dir / "generations").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8")) | {"format": 1}
    manifest["sources"] += [{"path": "我が町の計画.md"}] if own else []
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    if own:
        with pytest.raises(StoreError, match=r"renkei index 資料…"):
            wiring.build_bot(settings)
    else:
        wiring.build_bot(settings)
    assert len(list((settings.store_dir / "generations").iterdir())) == built
