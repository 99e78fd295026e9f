"""A message costs fewer index entries."""

from __future__ import annotations

from alembic import op

revision = "0028_cheaper_messages"
down_revision = "0027_sealed_replies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Logs grow in order of time, so a BRIN finds what is old; and a conversation's new end moves in its own page."""
    op.execute("drop index messaging_entry_at_idx, realtime_item_at_idx, messaging_conversation_last_message_at_idx")
    op.execute("create index messaging_entry_at_idx on messaging_entry using brin (at) with (pages_per_range = 16)")
    op.execute("create index realtime_item_at_idx on realtime_item using brin (at) with (pages_per_range = 16)")
    op.execute("alter table messaging_conversation set (fillfactor = 70)")


def downgrade() -> None:
    """The trees that were there before."""
    op.execute("drop index messaging_entry_at_idx, realtime_item_at_idx")
    op.execute("create index messaging_entry_at_idx on messaging_entry (at) where body is not null")
    op.execute("create index realtime_item_at_idx on realtime_item (at)")
    op.execute("create index messaging_conversation_last_message_at_idx on messaging_conversation (last_message_at)")
    op.execute("alter table messaging_conversation reset (fillfactor)")
