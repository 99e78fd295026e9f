"""A visit may be encrypted end to end through the forwarder."""

from __future__ import annotations

from alembic import op

revision = "0034_encryption"
down_revision = "0033_media_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What a host chose; null: as the clinic's setting says."""
    op.execute("alter table rooms_visit add column encrypted boolean")


def downgrade() -> None:
    """As it was."""
    op.execute("alter table rooms_visit drop column encrypted")
