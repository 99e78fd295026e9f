"""Who owes the next answer, and who covers for whom."""

from __future__ import annotations

revision = "0020_ledger"
down_revision = "0019_threads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
