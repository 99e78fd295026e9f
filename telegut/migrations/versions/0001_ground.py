"""The tables of ground."""

from __future__ import annotations

revision = "0001_ground"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
