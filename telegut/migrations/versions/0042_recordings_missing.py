"""What a film lacks because its recording was interrupted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042_recordings_missing"
down_revision = "0041_reading_levels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Where a recording lacks something: nowhere, as far as was known until now."""
    op.add_column("rooms_recording", sa.Column("missing", sa.Text(), nullable=True))
    op.create_check_constraint(
        "rooms_recording_missing_check", "rooms_recording", "missing in ('between', 'end', 'both')"
    )


def downgrade() -> None:
    """Nothing is said of it again."""
    op.drop_constraint("rooms_recording_missing_check", "rooms_recording")
    op.drop_column("rooms_recording", "missing")
