"""What Alembic runs for each migration, on the connection that the runner opened.

It gets no metadata and so no naming convention: a name in a migration is the name in the database, letter for letter.
"""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Apply the steps on the runner's connection, each in a transaction of its own."""
    context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


run()
