"""On which media process the room of a visit is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant

revision = "0033_media_places"
down_revision = "0032_readiness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a visit, whichever web process writes it first."""
    op.create_table(
        "rooms_media_place",
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("moves", sa.Integer(), server_default="0", nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("visit", name="rooms_media_place_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_media_place_visit_fkey"),
    )
    op.create_index("rooms_media_place_instance_idx", "rooms_media_place", ["instance"])
    grant("rooms_media_place")


def downgrade() -> None:
    """Rooms are placed anew."""
    op.drop_table("rooms_media_place")
