"""The tables of reports. Files are added and read, never changed or removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant, protect

revision = "0006_reports"
down_revision = "0005_messaging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "reports_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("metadata", sa.LargeBinary(), nullable=False),
        sa.Column("wanted", sa.LargeBinary(), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=True),
        sa.Column("sample", sa.LargeBinary(), nullable=True),
        sa.Column("parser_version", sa.Text(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="reports_report_pkey"),
        sa.ForeignKeyConstraint(["patient"], ["accounts_patient.person"], name="reports_report_patient_fkey"),
        sa.CheckConstraint("version >= 1", name="reports_report_version_check"),
        sa.CheckConstraint(
            "state in ('received', 'ready', 'refused', 'choose_sample')", name="reports_report_state_check"
        ),
        sa.CheckConstraint(
            "(state = 'received') = (findings is null) and (findings is null) = (read_at is null)",
            name="reports_report_findings_check",
        ),
    )
    op.create_index("reports_report_patient_idx", "reports_report", ["patient", "id"])
    grant("reports_report", "select, insert, update")
    protect("reports_report")
    op.create_table(
        "reports_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="reports_file_pkey"),
        sa.ForeignKeyConstraint(["report"], ["reports_report.id"], name="reports_file_report_fkey"),
        sa.UniqueConstraint("report", "position", name="reports_file_position"),
        sa.CheckConstraint("octet_length(sha256) = 32", name="reports_file_sha256_check"),
        sa.CheckConstraint("size_bytes >= 0", name="reports_file_size_bytes_check"),
    )
    op.create_index("reports_file_patient_sha256_idx", "reports_file", ["patient", "sha256"])
    grant("reports_file", "select, insert")
    protect("reports_file")


def downgrade() -> None:
    """Remove them."""
    op.drop_table("reports_file")
    op.drop_table("reports_report")
