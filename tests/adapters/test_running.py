"""`renkei serve` as a process: ready, quiet about people, picks up a new index, ends well on SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from house import see
from loopback import LoopbackDriver, wait_for

from adapters import wiring
from adapters.running import check_desks
from adapters.settings import Settings
from bot.cases.desks import DeskPlan
from indexer.generations import rollback
from knowledge.errors import SettingsError

SCRIPT = Path(__file__).with_name("serve_process.py")
ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tests/contracts")))}
QUESTION = "小樽港には令和6年度に何隻のクルーズ船が来ましたか"
FIRST = ("山本", "高橋", "渡辺", "伊藤", "中村", "加藤", "吉田", "佐々木", "松本", "井上", "木村", "斎藤")


@pytest.fixture
def store(tmp_path):
    wiring.build_index(Settings(store_dir=tmp_path / "store", _env_file=None))
    return tmp_path / "store"


@pytest.fixture
def driver():
    made = LoopbackDriver()
    yield made
    made.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Process:
    """A running `renkei serve`."""

    def __init__(self, store: Path, driver: LoopbackDriver) -> None:
        self.port, self.log = free_port(), store.parent / f"log-{free_port()}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    SCRIPT,
                    store,
                    f"http://127.0.0.1:{driver.server_port}",
                    driver._secret,
                    str(self.port),
                ],
                stderr=log,
                env=ENVIRONMENT,
            )
        driver.connect(self.port)

    def ready(self) -> None:
        wait_for(lambda: self.process.poll() is not None or self.status("/readyz") == 200, 120)
        assert self.process.poll() is None, self.log.read_text()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def text(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as response:
            return response.read().decode()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def process(store, driver):
    made = Process(store, driver)
    yield made
    made.process.kill()
    made.process.wait()


def test_it_answers_and_ends_well_on_sigterm(process, driver):
    process.ready()
    driver.say("ann", QUESTION)
    see(driver, "ann", "32隻")
    assert process.end() == 0
    lines = [json.loads(line) for line in process.log.read_text().splitlines()]
    assert any(line["event"] == "replied" and line["status"] == "answered" for line in lines)
    assert lines[-1]["event"] == "stopped"


def test_a_second_process_on_the_same_sqlite_file_is_refused(process, store, driver):
    process.ready()
    second = Process(store, driver)
    assert second.process.wait(60) == 1
    assert "別の実行" in second.log.read_text()
    assert process.status("/readyz") == 200


def test_an_address_in_use_is_named(process, store, driver):
    process.ready()
    command = [sys.executable, SCRIPT, store, "http://127.0.0.1:1", "x", str(process.port)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=ENVIRONMENT)
    assert ended.returncode == 1
    assert "HTTP_PORT" in ended.stderr


def test_another_generation_is_picked_up_without_a_restart(process, store, tmp_path, driver):
    process.ready()
    first = (store / "CURRENT").read_text().strip()
    (tmp_path / "朝市.md").write_text(
        "# 朝市の記録\n\n余市町の朝市は、令和6年10月5日に開かれ、4321人が参加しました。\n"
    )
    wiring.build_index(Settings(store_dir=store, _env_file=None), [tmp_path / "朝市.md"])
    wait_for(lambda: (store / "CURRENT").read_text().strip() in process.text("/metrics"))
    driver.say("ann", "余市町の朝市には何人が参加しましたか")
    see(driver, "ann", "4,321人" if "4,321人" in "".join(s.text for s in driver.shown("ann")) else "4321人")
    rollback(store)
    wait_for(lambda: first in process.text("/metrics"))
    driver.say("bob", QUESTION)
    see(driver, "bob", "32隻")


def planted() -> list[str]:
    """60 pieces of personal data, all made up: names, phones, mail addresses, streets, numbers."""
    return [
        *(f"{family}麗華" for family in FIRST),
        *(f"090-0000-{n:04}" for n in range(1000, 1012)),
        *(f"person{n}@example.jp" for n in range(12)),
        *(f"架空町{n}丁目{n}番{n}号" for n in range(11, 23)),
        *(f"4111-1111-1111-{n:04}" for n in range(2000, 2012)),
    ]


def test_sixty_personal_texts_are_in_no_log_and_no_figure(process, store, driver):
    process.ready()
    canaries = planted()
    assert len(set(canaries)) == 60
    for n, canary in enumerate(canaries):
        text = f"私の名前は{canary}です。余市町で朝市を開きたいのですが、どこに相談すればいいですか"
        person = f"p{n}"
        match n % 4:
            case 0:
                driver.say(person, text)
            case 1:
                driver.command(person, f"連絡先 {canary}")
            case 2:
                driver.say(person, text, unknown=canary)  # a kind that nobody knows
            case 3:
                driver.say(person, text, action=canary)  # parsing it fails each time
    driver.trouble("500")
    driver._deliver("ann", "ann", {"text": canaries[0], "mention": True})
    wait_for(lambda: len([post for post in driver.posts if post.place.startswith("p")]) >= 45, 120)
    wait_for(lambda: process.log.read_text().count("event") >= 60, 120)
    figures = process.text("/metrics")
    assert process.end() == 0
    log = process.log.read_text()
    assert "ValueError" in log, "the failures are logged by kind and place"
    assert [canary for canary in canaries if canary in log or canary in figures] == []
    assert driver._secret not in log


def test_a_desk_on_a_platform_that_does_not_run_is_refused():
    plan = DeskPlan(fallback="console:desk", destinations={"小樽開発建設部 地域連携課": "slack:C0OTARU"})
    check_desks(plan, {"slack": object()})
    with pytest.raises(SettingsError, match=r"DESKS_FILE に slack: .*SLACK_BOT_TOKEN"):
        check_desks(plan, {"telegram": object()})
