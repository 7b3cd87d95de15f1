"""Inbox, outbox, destinations, conversations and audit. Past steps are never edited, so no table is imported here."""

import sqlalchemy as sa
from alembic import op

from adapters.database.schema import Moment

revision = "v0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WORDS = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _inbox()
    _outbox()
    _conversations()
    _audit()


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text, nullable=False),
        sa.Column("payload", WORDS),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("not_before", Moment, nullable=False),
        sa.Column("lease", sa.Text),
        sa.Column("leased_until", Moment),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("done_at", Moment),
        sa.Column("fault", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.CheckConstraint("status IN ('new', 'leased', 'done', 'dead')", name="ck_inbox_status"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_status_id", "inbox", ["status", "id"])
    op.create_index("ix_inbox_conversation_status_id", "inbox", ["conversation", "status", "id"])
    op.create_table(
        "inbox_keys",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("event", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_inbox_keys"),
        sa.ForeignKeyConstraint(["event"], ["inbox.id"], name="fk_inbox_keys_event", ondelete="CASCADE"),
    )
    op.create_index("ix_inbox_keys_event", "inbox_keys", ["event"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("order_key", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("payload", WORDS),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("repeated", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("not_before", Moment, nullable=False),
        sa.Column("lease", sa.Text),
        sa.Column("leased_until", Moment),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("done_at", Moment),
        sa.Column("message_id", sa.Text),
        sa.Column("fault", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'uncertain', 'sent', 'dead', 'dropped')", name="ck_outbox_status"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_status_id", "outbox", ["status", "id"])
    op.create_index("ix_outbox_order_key_status_id", "outbox", ["order_key", "status", "id"])
    op.create_index("ix_outbox_cause", "outbox", ["cause"])
    op.create_table(
        "destinations",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("paced_until", Moment, nullable=False),
        sa.Column("ready_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_destinations"),
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("memory", WORDS),
        sa.Column("remembered_at", Moment),
        sa.Column("draft", WORDS),
        sa.Column("draft_until", Moment),
        sa.Column("lang", sa.Text),
        sa.PrimaryKeyConstraint("thread", name="pk_conversations"),
    )
    op.create_index("ix_conversations_remembered_at", "conversations", ["remembered_at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_case_id", "audit", ["case_id"])
    for statement in APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_no_{word.lower()} BEFORE {word} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        for word in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    ],
}
