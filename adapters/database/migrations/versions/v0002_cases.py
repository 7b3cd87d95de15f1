"""Consultations with what was said in them, ratings, who was greeted, and wrong receipt numbers."""

import sqlalchemy as sa
from alembic import op

from adapters.database.schema import Moment

revision = "v0002"
down_revision = "v0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WORDS = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "consultations",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("erased", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("content", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consultations"),
        sa.UniqueConstraint("receipt", name="uq_consultations_receipt"),
        sqlite_autoincrement=True,
    )
    for column in ("state", "thread", "person"):
        op.create_index(f"ix_consultations_{column}", "consultations", [column])
    _messages()
    _feedback()
    _people()


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("voice", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        _of_consultation("messages"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_receipt", "messages", ["receipt"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("receipt", sa.Text, nullable=False, autoincrement=False),
        sa.Column("rating", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("receipt", name="pk_feedback"),
        _of_consultation("feedback"),
    )


def _people() -> None:
    op.create_table(
        "greetings",
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_greetings"),
    )
    op.create_table(
        "guesses",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guesses"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_guesses_person_at", "guesses", ["person", "at"])


def _of_consultation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["receipt"], ["consultations.receipt"], name=f"fk_{table}_receipt", ondelete="CASCADE"
    )
