"""Saved mappings of tables, and reports typed by hand."""

from __future__ import annotations

revision = "0039_mappings"
down_revision = "0038_report_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
