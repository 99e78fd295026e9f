"""The table of notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant

revision = "0009_notices"
down_revision = "0008_outcomes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """
    Create it.

    Not protected by care: a notice is telegut's own work, made and sent by it alone, and has no clinical content.
    """
    op.create_table(
        "notices_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="notices_notice_pkey"),
        sa.ForeignKeyConstraint(["recipient"], ["accounts_person.id"], name="notices_notice_recipient_fkey"),
        sa.ForeignKeyConstraint(["patient"], ["accounts_patient.person"], name="notices_notice_patient_fkey"),
        sa.CheckConstraint(
            "kind in ('message', 'appointment.booked', 'appointment.moved', 'appointment.cancelled')",
            name="notices_notice_kind_check",
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'sent', 'settled', 'not_configured', 'refused')",
            name="notices_notice_state_check",
        ),
        sa.CheckConstraint("(state = 'waiting') = (settled_at is null)", name="notices_notice_settled_at_check"),
        sa.CheckConstraint("(kind = 'message') = (starts_at is null)", name="notices_notice_starts_at_check"),
        sa.CheckConstraint("(starts_at is null) = (zone is null)", name="notices_notice_zone_check"),
        sa.CheckConstraint("problem is null or length(problem) <= 40", name="notices_notice_problem_check"),
    )
    op.create_index(
        "notices_one_for_unread",
        "notices_notice",
        ["recipient", "about"],
        unique=True,
        postgresql_where=sa.text("kind = 'message' and seen_at is null"),
    )
    op.create_index(
        "notices_one_for_each_change",
        "notices_notice",
        ["recipient", "about", "kind", "version"],
        unique=True,
        postgresql_where=sa.text("kind <> 'message'"),
    )
    op.create_index("notices_notice_state_idx", "notices_notice", ["state", "created_at"])
    grant("notices_notice", "select, insert, update")


def downgrade() -> None:
    """Remove it."""
    op.drop_table("notices_notice")
