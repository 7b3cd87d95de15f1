"""Where messages were posted, so that later ones find them; and what replies rest on and were worth."""

import sqlalchemy as sa
from alembic import op

from adapters.database.schema import Moment

revision = "v0003"
down_revision = "v0002"


def upgrade() -> None:
    op.create_table(
        "posts",
        sa.Column("key", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("destination", "place", "message_id", "thread")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("message", "cause", "asks")),
        sa.Column("posted_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_posts"),
    )
    op.create_index("ix_posts_place_thread", "posts", ["place", "thread"])
    op.create_index("ix_posts_place_message", "posts", ["place", "message"])
    op.create_table(
        "replies",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "person", "status", "lang")),
        sa.Column("quotes", sa.JSON(none_as_null=True)),
        sa.Column("rating", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
    )
    op.create_index("ix_replies_person", "replies", ["person"])
    op.create_index("ix_replies_at", "replies", ["at"])
