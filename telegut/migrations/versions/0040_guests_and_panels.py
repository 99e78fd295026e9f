"""Guests of groups, and panels that are shown to guests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0040_guests_and_panels"
down_revision = "0039_mappings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What each patient of a group said to a guest, and whether a guest may see what is shown."""
    for name in ("agreed_by", "refused_by"):
        op.add_column("rooms_seat", sa.Column(name, ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("rooms_seat", sa.Column("panels", sa.Text(), nullable=True))
    op.create_check_constraint("rooms_seat_panels_check", "rooms_seat", "panels in ('asked', 'given', 'refused')")


def downgrade() -> None:
    """Guests see nothing again, and nobody is asked in a group."""
    op.drop_constraint("rooms_seat_panels_check", "rooms_seat")
    for name in ("panels", "refused_by", "agreed_by"):
        op.drop_column("rooms_seat", name)
