"""Seats that survive: which device has a seat, and when somebody could not be heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant

revision = "0029_seats"
down_revision = "0028_cheaper_messages"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A connection says of which device it is; what a call lost is written down, a person and a stretch at a time."""
    op.add_column("rooms_connection", sa.Column("device", sa.Text(), nullable=True))
    op.create_table(
        "rooms_lost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("witness", sa.Uuid(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="rooms_lost_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_lost_visit_fkey"),
        sa.CheckConstraint("until is null or until >= since", name="rooms_lost_order_check"),
    )
    op.create_index(
        "rooms_lost_one_open",
        "rooms_lost",
        ["visit", "account"],
        unique=True,
        postgresql_where=sa.text("until is null"),
    )
    op.create_index("rooms_lost_visit_idx", "rooms_lost", ["visit", "since"])
    grant("rooms_lost", "select, insert, update")


def downgrade() -> None:
    """Forget both."""
    op.drop_table("rooms_lost")
    op.drop_column("rooms_connection", "device")
