"""The tables of accounts."""

from __future__ import annotations

revision = "0002_accounts"
down_revision = "0001_ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Remove them."""
