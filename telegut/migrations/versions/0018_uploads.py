"""Files that are sent with messages."""

from __future__ import annotations

revision = "0018_uploads"
down_revision = "0017_intake"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
