"""The tables of outcomes."""

from __future__ import annotations

revision = "0008_outcomes"
down_revision = "0007_careplan"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
