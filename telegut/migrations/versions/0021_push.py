"""Web push and how people want to be told."""

from __future__ import annotations

revision = "0021_push"
down_revision = "0020_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
