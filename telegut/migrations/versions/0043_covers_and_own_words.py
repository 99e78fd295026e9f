"""
For whom a cover came along into a topic; and words that were never sent stay readable to who wrote them.

A scheduled message belongs to its writer until it is sent: whoever has left the care team meanwhile may still read it
and throw it away. Adding one needs the record, as before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE

revision = "0043_covers_and_own_words"
down_revision = "0042_recordings_missing"
branch_labels = None
depends_on = None

_MINE = "sender = nullif(current_setting('telegut.account', true), '')::uuid"


def upgrade() -> None:
    """Who is in a topic already is in it for themselves."""
    op.add_column("messaging_member", sa.Column("cover_for", sa.Uuid(), nullable=True))
    op.execute(
        f"create policy messaging_scheduled_own on messaging_scheduled for select to {APPLICATION_ROLE} using ({_MINE})"
    )
    op.execute(
        f"create policy messaging_scheduled_own_changed on messaging_scheduled for update to {APPLICATION_ROLE}"
        f" using ({_MINE}) with check ({_MINE})"
    )


def downgrade() -> None:
    """Nobody is known to have come along."""
    op.execute("drop policy messaging_scheduled_own_changed on messaging_scheduled")
    op.execute("drop policy messaging_scheduled_own on messaging_scheduled")
    op.drop_column("messaging_member", "cover_for")
