"""Reminders, their answers, and text messages."""

from __future__ import annotations

revision = "0014_reminders"
down_revision = "0013_waitlist"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
