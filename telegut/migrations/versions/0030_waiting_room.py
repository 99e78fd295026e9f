"""
Waiting rooms: who is sent out for good, raised hands, guests by link and what the patient said to them, lateness.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant

revision = "0030_waiting_room"
down_revision = "0029_seats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns of seats and links, and what a practitioner says of being late."""
    op.add_column("rooms_seat", sa.Column("barred", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("rooms_seat", sa.Column("hand_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("rooms_seat", sa.Column("invited_by", sa.Uuid, nullable=True))
    op.create_foreign_key("rooms_seat_invited_by_fkey", "rooms_seat", "accounts_person", ["invited_by"], ["id"])
    op.add_column("rooms_seat", sa.Column("consent", sa.Text, nullable=True))
    op.execute(
        "alter table rooms_seat add constraint rooms_seat_consent_check"
        " check (consent in ('asked', 'given', 'refused'))"
    )
    op.add_column("rooms_link", sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.create_table(
        "rooms_lateness",
        sa.Column("visit", sa.Uuid, sa.ForeignKey("rooms_visit.id", name="rooms_lateness_visit_fkey"), nullable=False),
        sa.Column("minutes", sa.SmallInteger, nullable=False),
        sa.Column(
            "said_by", sa.Uuid, sa.ForeignKey("accounts_person.id", name="rooms_lateness_said_by_fkey"), nullable=False
        ),
        sa.Column("said_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("visit", name="rooms_lateness_pkey"),
        sa.CheckConstraint("minutes between 1 and 60", name="rooms_lateness_minutes_check"),
    )
    grant("rooms_lateness")


def downgrade() -> None:
    """Without them."""
    op.drop_table("rooms_lateness")
    op.drop_column("rooms_link", "expires_at")
    for column in ("consent", "invited_by", "hand_at", "barred"):
        op.drop_column("rooms_seat", column)
