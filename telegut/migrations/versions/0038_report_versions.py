"""Every interpretation of a report is kept; a signed one never changes."""

from __future__ import annotations

revision = "0038_report_versions"
down_revision = "0037_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
