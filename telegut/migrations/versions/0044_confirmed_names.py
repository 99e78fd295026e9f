"""
Names in a laboratory's tables that somebody confirmed as groups of organisms, kept with its description.

Sealed under a key of the clinic: which unusual names were met may say something about a patient.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044_confirmed_names"
down_revision = "0043_covers_and_own_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was asked before."""
    op.add_column("reports_description", sa.Column("confirmed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Nobody is known to have been asked."""
    op.drop_column("reports_description", "confirmed")
