"""What checks before a visit found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.migrations.ground import grant

revision = "0032_readiness"
down_revision = "0031_recordings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The last check of one person for one visit: a grade, and why it is not better."""
    op.create_table(
        "rooms_rehearsal",
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("troubles", ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("visit", "account", name="rooms_rehearsal_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_rehearsal_visit_fkey"),
        sa.ForeignKeyConstraint(["account"], ["accounts_person.id"], name="rooms_rehearsal_account_fkey"),
        sa.CheckConstraint("grade in ('ready', 'risky')", name="rooms_rehearsal_grade_check"),
        sa.CheckConstraint(
            "troubles <@ array['no_way', 'microphone', 'loss', 'delay', 'tcp', 'relay', 'camera']",
            name="rooms_rehearsal_troubles_check",
        ),
    )
    grant("rooms_rehearsal", "select, insert, update")


def downgrade() -> None:
    """Forget them."""
    op.drop_table("rooms_rehearsal")
