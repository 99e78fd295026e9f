"""Seats that survive."""

from __future__ import annotations

revision = "0029_seats"
down_revision = "0028_cheaper_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
