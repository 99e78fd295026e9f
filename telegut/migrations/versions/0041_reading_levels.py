"""Reading levels of reports."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import grant

revision = "0041_reading_levels"
down_revision = "0040_guests_and_panels"
branch_labels = None
depends_on = None

READING_LEVEL = """
create table reports_reading_level (
    account uuid constraint reports_reading_level_pkey primary key
        constraint reports_reading_level_account_fkey references accounts_person (id),
    level text not null constraint reports_reading_level_level_check check (level in ('short', 'standard', 'full')),
    chosen_at timestamptz not null
)
"""


def upgrade() -> None:
    """How much each reader wants a report to say."""
    op.execute(READING_LEVEL)
    grant("reports_reading_level", "select, insert, update")


def downgrade() -> None:
    """Everybody reads the standard level again."""
    op.execute("drop table reports_reading_level")
