"""What the inbox and the thread's pages keep."""

from __future__ import annotations

revision = "0025_inbox"
down_revision = "0024_stream"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
