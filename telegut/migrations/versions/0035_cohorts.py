"""Comparison groups, their figures, and what a clinic's own group is made of."""

from __future__ import annotations

revision = "0035_cohorts"
down_revision = "0034_encryption"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
