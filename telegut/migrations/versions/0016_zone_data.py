"""Which zone data the visits were checked with."""

from __future__ import annotations

revision = "0016_zone_data"
down_revision = "0015_calendar_feeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
