"""Forms before a visit."""

from __future__ import annotations

revision = "0017_intake"
down_revision = "0016_zone_data"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
