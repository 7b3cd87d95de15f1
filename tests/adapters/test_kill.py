"""Processes that are killed at every step, and at random under load: nothing is lost, nothing is doubled.

Where a platform cannot say what it has got, a message that was under way is repeated at most once, marked as such.
"""

import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from itertools import count
from multiprocessing import forkserver

import pytest
from platform_server import platform_server
from post_process import Kill, run, serve

from adapters.database.letters import dead_letters, waiting
from adapters.database.opening import open_database

PROCESSES = multiprocessing.get_context("forkserver")
MOMENTS = [(what, after) for what in ("commit", "send") for after in (False, True)]


@pytest.fixture(scope="module", autouse=True)
def ready_to_fork():
    """Imports happen once, before the processes are forked; the fork server finds modules by PYTHONPATH alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        PROCESSES.set_forkserver_preload(["pytest", "post_process", "alembic.command"])
        forkserver.ensure_running()


@pytest.fixture
def server():
    with platform_server() as running:
        yield running


def start(target, *arguments):
    process = PROCESSES.Process(target=target, args=arguments)
    process.start()
    return process


def ended(process):
    process.join(120)
    assert process.exitcode is not None, "the process hangs"
    return process.exitcode


def offer(server, *names, conversation="c"):
    for name in names:
        server.events[f"{name}-id"] = {"keys": [f"{name}-id", f"{name}-ts"], "conversation": conversation, "name": name}


def effects(url, folder):
    """How often each event had its effect; nothing waits and nothing is dead."""
    database = open_database(url, folder)
    with database.work() as work:
        notes = Counter(note.case for note in work.audit.entries())
        assert waiting(work) == (0, 0)
        assert dead_letters(work) == []
    database.close()
    return notes


def kill_at_each_step(server, url, folder, reads_back, rounds=1):
    """Kill at the first commit, the second, …, before and after; the same with sends; until a run reaches its end."""
    ahead, names = count(1000, 1000), []
    for round_number in range(rounds):
        for what, after in MOMENTS:
            for number in count(1):
                name = f"r{round_number}-{what}-{number}-{'after' if after else 'before'}"
                names.append(name)
                offer(server, name)
                killed = ended(start(run, url, folder, server.url, reads_back, Kill(what, number, after), next(ahead)))
                assert killed in (0, -signal.SIGKILL)
                assert ended(start(run, url, folder, server.url, reads_back, None, next(ahead))) == 0
                check_posts(server, name, reads_back)
                if killed == 0:
                    break
            assert number > 2, "no step was killed"
    assert effects(url, folder) == Counter(names)


def check_posts(server, name, reads_back):
    """Each message once; where the platform cannot say, twice at most, the second marked, and none was lost."""
    posts = server.posts_of(name)
    firsts = Counter(key for key, repeated in posts if not repeated)
    repeats = Counter(key for key, repeated in posts if repeated)
    wanted = {f"{name}:resident", f"{name}:desk"}
    assert set(firsts + repeats) == wanted
    assert max(firsts.values(), default=0) <= 1
    assert max(repeats.values(), default=0) <= 1
    if reads_back:
        assert firsts == Counter(wanted)
        assert not repeats


@pytest.mark.parametrize("reads_back", [True, False])
def test_killed_at_each_step(server, database_url, tmp_path, reads_back):
    kill_at_each_step(server, database_url, tmp_path, reads_back)


@pytest.mark.full
@pytest.mark.parametrize("reads_back", [True, False])
def test_killed_at_each_step_twenty_times(server, database_url, tmp_path, reads_back):
    kill_at_each_step(server, database_url, tmp_path, reads_back, rounds=20)


def kill_at_random(server, url, folder, kills, events, together=1):
    """Under load: events keep coming, processes are killed at any moment and started again."""
    chance, ahead = random.Random(7), count(1000, 1000)
    names = [f"e{n}" for n in range(events)]
    for number in range(kills):
        share = names[number * events // kills : (number + 1) * events // kills]
        for name in share:
            offer(server, name, conversation=f"c{chance.randrange(8)}")
        later = next(ahead)
        running = [start(serve, url, folder, server.url, later) for _ in range(together)]
        time.sleep(chance.uniform(0.1, 0.6))
        for process in running:
            process.kill()
            ended(process)
    later = next(ahead)
    running = [start(serve, url, folder, server.url, later) for _ in range(together)]
    assert [ended(process) for process in running] == [0] * together
    assert effects(url, folder) == Counter(names)
    posts = Counter(key for name in names for key, _ in server.posts_of(name))
    assert posts == Counter({f"{name}:{to}" for name in names for to in ("resident", "desk")})


def test_killed_at_random_under_load(server, database_url, tmp_path):
    kill_at_random(server, database_url, tmp_path, kills=4, events=60)


@pytest.mark.full
def test_killed_fifty_times_at_random_under_load(server, database_url, tmp_path):
    kill_at_random(server, database_url, tmp_path, kills=50, events=500)


@pytest.mark.full
def test_two_processes_killed_at_random_under_load(server, postgres_url, tmp_path):
    kill_at_random(server, postgres_url, tmp_path, kills=25, events=500, together=2)


def test_each_event_four_times_to_two_processes_has_one_effect(server, postgres_url, tmp_path):
    names = [f"e{n}" for n in range(40)]
    for _ in range(2):  # each of the two processes gets what is not acknowledged yet, and then all of it once more
        for name in names:
            offer(server, name, conversation=f"c{name[-1]}")
        running = [start(serve, postgres_url, tmp_path, server.url, 0.0) for _ in range(2)]
        assert [ended(process) for process in running] == [0, 0]
    assert effects(postgres_url, tmp_path) == Counter(names)
    posts = Counter(post["key"] for post in server.posts)
    assert posts == Counter(f"{name}:{to}" for name in names for to in ("resident", "desk"))
