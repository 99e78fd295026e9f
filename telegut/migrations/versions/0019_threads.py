"""Side threads, mentions, citations, saved replies, scheduled messages, search, retention."""

from __future__ import annotations

revision = "0019_threads"
down_revision = "0018_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
