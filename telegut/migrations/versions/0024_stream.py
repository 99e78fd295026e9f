"""What the stream and the writers ask of the database."""

from __future__ import annotations

revision = "0024_stream"
down_revision = "0023_scheduling_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
