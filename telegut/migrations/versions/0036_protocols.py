"""A clinic's sampling protocols, quality material, and who ordered a test."""

from __future__ import annotations

revision = "0036_protocols"
down_revision = "0035_cohorts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
