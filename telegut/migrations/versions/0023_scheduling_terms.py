"""What a clinic may set about reminders, and freed seats of groups."""

from __future__ import annotations

revision = "0023_scheduling_terms"
down_revision = "0022_message_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
