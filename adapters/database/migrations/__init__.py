"""How the database grew: one file a step in `versions`, run by Alembic."""
