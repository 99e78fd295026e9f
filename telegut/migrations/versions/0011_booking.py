"""What booking at speed needs."""

from __future__ import annotations

revision = "0011_booking"
down_revision = "0010_hours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
