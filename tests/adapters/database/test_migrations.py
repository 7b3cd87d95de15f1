"""The migrations make exactly the tables of schema.py, once, on both databases."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from adapters.database import migrating
from adapters.database.opening import open_database
from adapters.database.schema import metadata
from knowledge.errors import DatabaseError


def test_the_migrated_tables_are_those_of_the_schema(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_a_column_too_many_would_be_seen(database):
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE outbox ADD COLUMN whim TEXT"))
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [difference[0] for difference in differences] == ["remove_column"]


def test_there_is_one_head_and_each_step_has_its_own_name():
    steps = list(migrating._scripts().walk_revisions())
    assert len(migrating._scripts().get_heads()) == 1
    assert len({step.revision for step in steps}) == len(steps)
    assert all(Path(step.path).name.startswith(step.revision) for step in steps)


def test_several_first_starts_at_once_make_one_database(database_url, tmp_path):
    opened, failed = [], []

    def start():
        try:
            opened.append(open_database(database_url, tmp_path))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in opened:
        database.close()
    assert failed == []
    assert len(opened) == 4
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".tmp")] == []


def test_a_database_of_a_newer_program_is_refused(database, database_url, tmp_path):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9999'"))
    with pytest.raises(DatabaseError, match=r"v9999.*renkei を新しくしてください"):
        open_database(database_url, tmp_path)
