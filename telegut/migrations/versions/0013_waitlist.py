"""The waitlist, and what staff decides against the rules."""

from __future__ import annotations

revision = "0013_waitlist"
down_revision = "0012_series"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
