"""Private calendar feeds and busy times from elsewhere."""

from __future__ import annotations

revision = "0015_calendar_feeds"
down_revision = "0014_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
