"""Recordings with consent."""

from __future__ import annotations

revision = "0031_recordings"
down_revision = "0030_waiting_room"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
