"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the schema; the code before this step must still work after it."""
    ${upgrades if upgrades else "op.execute(sa.text('select 1'))"}


def downgrade() -> None:
    """Undo it."""
    ${downgrades if downgrades else "op.execute(sa.text('select 1'))"}
