"""What the columns of unknown tables mean, as people said it, and reports that people typed from a document."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import grant, protect

revision = "0039_mappings"
down_revision = "0038_report_versions"
branch_labels = None
depends_on = None

# Rows are added and read: what a report was read by never changes, and a better description is another version.
DESCRIPTION = """
create table reports_description (
    id uuid not null,
    number integer not null constraint reports_description_number_check check (number >= 1),
    laboratory text not null,
    mapping jsonb not null,
    headings jsonb not null,
    fingerprint bytea not null constraint reports_description_fingerprint_check
        check (octet_length(fingerprint) = 32),
    offered boolean not null,
    made_by uuid,
    made_at timestamptz not null,
    constraint reports_description_pkey primary key (id, number)
)
"""

DESCRIBED = """
create table reports_described (
    id uuid constraint reports_described_pkey primary key,
    patient uuid not null,
    report uuid not null constraint reports_described_report_fkey references reports_report,
    number integer not null constraint reports_described_number_check check (number >= 1),
    mapping bytea not null,
    description uuid,
    description_number integer,
    said_by uuid,
    said_at timestamptz not null,
    constraint reports_described_once unique (report, number),
    constraint reports_described_description_fkey foreign key (description, description_number)
        references reports_description (id, number),
    constraint reports_described_description_check check ((description is null) = (description_number is null))
)
"""

TYPED = """
create table reports_typed (
    id uuid constraint reports_typed_pkey primary key,
    patient uuid not null,
    report uuid not null constraint reports_typed_report_fkey references reports_report,
    number integer not null constraint reports_typed_number_check check (number >= 1),
    lines bytea not null,
    typed_by uuid not null,
    typed_at timestamptz not null,
    constraint reports_typed_once unique (report, number),
    constraint reports_typed_typist unique (report, number, typed_by)
)
"""

# Whoever typed it cannot be the second pair of eyes.
LOOKED_AT = """
create table reports_typed_look (
    id uuid constraint reports_typed_look_pkey primary key,
    patient uuid not null,
    report uuid not null,
    number integer not null,
    typed_by uuid not null,
    looked_by uuid not null,
    looked_at timestamptz not null,
    constraint reports_typed_look_once unique (report, number),
    constraint reports_typed_look_typed_fkey foreign key (report, number, typed_by)
        references reports_typed (report, number, typed_by),
    constraint reports_typed_look_second_check check (looked_by <> typed_by)
)
"""

OF_PATIENTS = ("reports_described", "reports_typed", "reports_typed_look")


def upgrade() -> None:
    """Make them."""
    for table in (DESCRIPTION, DESCRIBED, TYPED, LOOKED_AT):
        op.execute(table)
    grant("reports_description", "select, insert")
    for name in OF_PATIENTS:
        grant(name, "select, insert")
        protect(name)


def downgrade() -> None:
    """Remove them."""
    for name in (*reversed(OF_PATIENTS), "reports_description"):
        op.execute(f"drop table {name}")
