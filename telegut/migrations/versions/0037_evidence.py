"""The evidence base: versioned rows with review and signature."""

from __future__ import annotations

revision = "0037_evidence"
down_revision = "0036_protocols"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
