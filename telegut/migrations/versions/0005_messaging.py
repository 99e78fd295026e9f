"""The tables of messaging."""

from __future__ import annotations

revision = "0005_messaging"
down_revision = "0004_rooms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
