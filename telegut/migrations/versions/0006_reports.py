"""The tables of reports."""

from __future__ import annotations

revision = "0006_reports"
down_revision = "0005_messaging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
