"""Web push, how people want to be told, and the digest."""

from __future__ import annotations

revision = "0022_message_notices"
down_revision = "0021_push"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
