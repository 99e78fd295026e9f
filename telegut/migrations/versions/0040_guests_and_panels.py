"""Guests of groups, panels shared with guests, anchors cited in plan steps."""

from __future__ import annotations

revision = "0040_guests_and_panels"
down_revision = "0039_mappings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
