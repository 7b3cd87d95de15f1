"""Alembic runs this: the steps happen on the connection, and in the transaction, that `migrating.py` hands over."""

from alembic import context

from adapters.database.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
