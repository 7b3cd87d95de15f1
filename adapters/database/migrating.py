"""Brings a database to the tables that this program knows: at start, in one transaction, under a lock."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from knowledge.errors import DatabaseError

_LOCK = 0x72656E6B65  # "renke": any number that no other program locks in this database

_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps what it is doing in a variable of the process


def head() -> str:
    """The newest step that this program knows."""
    return str(_scripts().get_current_head())


def version(connection: Connection) -> str | None:
    """The newest step that the database has taken, None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, where: str) -> bool:
    """Take the steps that are missing; False where there were none. Raises DatabaseError for a newer database.

    A second process waits for the first and then finds nothing to do."""
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = version(connection)
        if found == head():
            return False
        if found is not None and not _knows(found):
            raise DatabaseError(
                f"{where} は、このプログラムより新しい renkei のもの({found})です。renkei を新しくしてください。"
                "前の版に戻すときは、その版のときに取った控えを使います。"
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return True


def _knows(revision: str) -> bool:
    return revision in {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
