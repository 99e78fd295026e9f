"""The tables of scheduling."""

from __future__ import annotations

revision = "0003_scheduling"
down_revision = "0002_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
