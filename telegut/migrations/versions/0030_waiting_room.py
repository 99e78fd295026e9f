"""Waiting rooms."""

from __future__ import annotations

revision = "0030_waiting_room"
down_revision = "0029_seats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
