"""What Alembic runs for each migration: our metadata and the connection that the runner opened."""

from __future__ import annotations

from alembic import context

from telegut.db.metadata import metadata


def run() -> None:
    """Apply the steps on the runner's connection, each in a transaction of its own."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


run()
