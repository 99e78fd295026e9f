"""Which visits go by a forwarder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_forwarding"
down_revision = "0024_stream"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A visit's media goes from browser to browser until it has to go by us; then it stays with us."""
    op.add_column("rooms_visit", sa.Column("forwarded", sa.Boolean, nullable=False, server_default=sa.false()))
