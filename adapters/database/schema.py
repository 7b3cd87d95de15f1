"""The tables. A change here needs a migration in `migrations/versions`; a test holds both to each other.

Times are UTC. Words of people stand in `inbox.payload` and `outbox.payload` (emptied when done), masked in
`conversations`, `messages` and `replies.reason`, and in `consultations.content` as their resident confirmed them;
nowhere else.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time: with a time zone in Python and PostgreSQL, as UTC in SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 SQLAlchemy gives it
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""`not_before` of what waits for nothing: it is due also where the clock is set back."""
NUMBER = BigInteger().with_variant(Integer, "sqlite")
WORDS = JSON(none_as_null=True)  # PostgreSQL: json, not jsonb, which refuses NUL and half character pairs

IN_STATES = ("new", "leased", "done", "dead")
OUT_STATES = ("pending", "sending", "uncertain", "sent", "dead", "dropped")


def _one_of(column: str, states: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(state) for state in states)})", name=column)


inbox = Table(
    "inbox",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("platform", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("payload", WORDS),
    Column("status", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("lease", Text),
    Column("leased_until", Moment),
    Column("received_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("fault", Text),
    _one_of("status", IN_STATES),
    Index(None, "status", "id"),
    Index(None, "conversation", "status", "id"),
    sqlite_autoincrement=True,
)

inbox_keys = Table(
    "inbox_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("event", NUMBER, ForeignKey("inbox.id", ondelete="CASCADE"), nullable=False, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("platform", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("payload", WORDS),
    Column("cause", Text, nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("repeated", Boolean(create_constraint=False), nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("lease", Text),
    Column("leased_until", Moment),
    Column("written_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("message_id", Text),
    Column("fault", Text),
    _one_of("status", OUT_STATES),
    Index(None, "status", "id"),
    Index(None, "order_key", "status", "id"),
    sqlite_autoincrement=True,
)

destinations = Table(
    "destinations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("paced_until", Moment, nullable=False),
    Column("ready_at", Moment, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("thread", Text, primary_key=True),
    Column("memory", WORDS),
    Column("remembered_at", Moment),
    Column("draft", WORDS),
    Column("draft_until", Moment),
    Column("lang", Text),
    Index(None, "remembered_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("case_id", Text, index=True),
    sqlite_autoincrement=True,
)

consultations = Table(
    "consultations",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("receipt", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, index=True),
    Column("thread", Text, nullable=False, index=True),
    Column("person", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("erased", Boolean(create_constraint=False), nullable=False),
    Column("ended_at", Moment),
    Column("content", WORDS, nullable=False),
    sqlite_autoincrement=True,
)

messages = Table(
    "messages",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("receipt", Text, ForeignKey("consultations.receipt", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("voice", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column(
        "receipt", Text, ForeignKey("consultations.receipt", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("rating", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

greetings = Table(
    "greetings",
    metadata,
    Column("person", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

guesses = Table(
    "guesses",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "person", "at"),
    sqlite_autoincrement=True,
)

posts = Table(
    "posts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("destination", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("asks", Text, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Index(None, "place", "thread"),
    Index(None, "place", "message"),
)

replies = Table(
    "replies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("quotes", WORDS),
    Column("rating", Text),
    Column("reason", Text),
    Column("at", Moment, nullable=False, index=True),
)
