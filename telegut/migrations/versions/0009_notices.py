"""The tables of notices."""

from __future__ import annotations

revision = "0009_notices"
down_revision = "0008_outcomes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
