"""What checks before a visit found."""

from __future__ import annotations

revision = "0032_readiness"
down_revision = "0031_recordings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
