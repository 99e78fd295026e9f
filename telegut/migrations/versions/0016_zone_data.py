"""Which zone data the visits were checked with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant

revision = "0016_zone_data"
down_revision = "0015_calendar_feeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """
    Create it, with no release noted: the first worker checks every visit ahead once.

    Not protected by care: a finding is only ever read together with its appointment, which is.
    """
    op.create_table(
        "scheduling_zone_data",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("only", name="scheduling_zone_data_pkey"),
        sa.CheckConstraint('"only"', name="scheduling_zone_data_only_check"),
        sa.CheckConstraint("(version is null) = (checked_at is null)", name="scheduling_zone_data_checked_check"),
    )
    op.create_table(
        "scheduling_zone_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("would_be", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="scheduling_zone_finding_pkey"),
        sa.ForeignKeyConstraint(
            ["appointment"], ["scheduling_appointment.id"], name="scheduling_zone_finding_appointment_fkey"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts_person.id"], name="scheduling_zone_finding_decided_by_fkey"),
        sa.CheckConstraint("decision in ('wall', 'instant', 'gone')", name="scheduling_zone_finding_decision_check"),
        sa.CheckConstraint("(decision is null) = (decided_at is null)", name="scheduling_zone_finding_decided_check"),
        sa.CheckConstraint(
            "(decided_by is not null) = (decision is not null and decision <> 'gone')",
            name="scheduling_zone_finding_decided_by_check",
        ),
    )
    op.create_index(
        "scheduling_zone_finding_one_open",
        "scheduling_zone_finding",
        ["appointment"],
        unique=True,
        postgresql_where=sa.text("decision is null"),
    )
    op.execute("insert into scheduling_zone_data default values")
    grant("scheduling_zone_data", "select, update")
    grant("scheduling_zone_finding", "select, insert, update")


def downgrade() -> None:
    """Remove it."""
    op.drop_table("scheduling_zone_finding")
    op.drop_table("scheduling_zone_data")
