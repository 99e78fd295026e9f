"""
A comparison group is there once: the very same people, values and facts again are no new version.

Groups that are there twice by now stay: they have no ``said_once``, which only new ones are given.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045_groups_once"
down_revision = "0044_confirmed_names"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One group of one content, unless it was withdrawn."""
    op.add_column("reports_cohort", sa.Column("said_once", sa.LargeBinary(), nullable=True))
    op.execute("create unique index reports_cohort_once on reports_cohort (said_once) where state <> 'withdrawn'")


def downgrade() -> None:
    """As often as anybody likes."""
    op.execute("drop index reports_cohort_once")
    op.drop_column("reports_cohort", "said_once")
