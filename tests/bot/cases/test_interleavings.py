"""Random interleavings of all that can happen to consultations; `pytest -m full` plays 20,000 and more."""

import os
from pathlib import Path

import pytest
from case_fakes import FakeDatabase
from case_interleavings import Interleavings
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from adapters.database.opening import open_database

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def play(make, examples: int, steps: int = 20) -> None:
    machine = type("Machine", (Interleavings,), {"make": staticmethod(make)})
    chosen = settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=QUIET)
    run_state_machine_as_test(machine, settings=chosen)


def test_interleavings():
    play(FakeDatabase, 40)


def test_interleavings_on_sqlite(tmp_path):
    play(databases(tmp_path), 4)


@pytest.mark.full
def test_interleavings_in_full():
    play(FakeDatabase, int(os.environ.get("RENKEI_INTERLEAVINGS", "20000")))


@pytest.mark.full
def test_interleavings_on_sqlite_in_full(tmp_path):
    play(databases(tmp_path), 300)


def databases(folder: Path):
    """Opens one empty SQLite database after another."""
    count = iter(range(10**9))

    def make():
        inside = folder / str(next(count))
        inside.mkdir()
        return open_database(None, inside)

    return make
