"""What every migration uses: rights for the application's role, and protection of clinical rows."""

from __future__ import annotations

from alembic import op

APPLICATION_ROLE = "telegut_app"
"""The role that every transaction of the application runs as. It owns nothing."""


def grant(table: str, rights: str = "select, insert, update, delete") -> None:
    """Let the application use *table*."""
    op.execute(f"grant {rights} on {table} to {APPLICATION_ROLE}")


def protect(table: str, patient: str = "patient") -> None:
    """
    Row-level security: rows of *table* exist only for those who may see their *patient*.

    Uses ``accounts_may_see`` of migration 0002.
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(
        f"create policy {table}_care on {table} to {APPLICATION_ROLE} "
        f"using (accounts_may_see({patient})) with check (accounts_may_see({patient}))"
    )
