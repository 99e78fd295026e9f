"""The tables of rooms."""

from __future__ import annotations

revision = "0004_rooms"
down_revision = "0003_scheduling"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
