"""Series, group sessions and interpreters."""

from __future__ import annotations

revision = "0012_series"
down_revision = "0011_booking"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
