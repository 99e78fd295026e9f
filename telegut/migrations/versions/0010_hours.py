"""Clinic holidays, limits of a day, languages, topics and numbers of each kind of visit."""

from __future__ import annotations

revision = "0010_hours"
down_revision = "0009_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
