"""Saved replies are sealed: they are about no patient, but nobody can promise that no patient's words are in them."""

from __future__ import annotations

from alembic import op

revision = "0027_sealed_replies"
down_revision = "0026_forwarding"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Room for sealed words. What is there in clear is sealed when it is next read: a step here has no keys."""
    op.execute(
        "alter table messaging_saved_reply add column words bytea,"
        " alter column title drop not null, alter column body drop not null,"
        " add constraint messaging_saved_reply_words_check"
        " check (num_nonnulls(title, body) = case when words is null then 2 else 0 end)"
    )


def downgrade() -> None:
    """Refuses while sealed words are there, which nothing here could open."""
    op.execute(
        "alter table messaging_saved_reply drop constraint messaging_saved_reply_words_check,"
        " alter column title set not null, alter column body set not null, drop column words"
    )
