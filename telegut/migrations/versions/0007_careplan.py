"""The tables of careplan."""

from __future__ import annotations

revision = "0007_careplan"
down_revision = "0006_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
