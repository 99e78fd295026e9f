"""A clinic's sampling protocols, quality material, and who ordered a test."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import grant, protect

revision = "0036_protocols"
down_revision = "0035_cohorts"
branch_labels = None
depends_on = None

TABLES = {
    "reports_protocol": """
        id uuid constraint reports_protocol_pkey primary key,
        protocol uuid not null,
        version integer not null,
        name text not null,
        content jsonb not null,
        offered boolean not null,
        made_at timestamptz not null,
        made_by uuid not null constraint reports_protocol_made_by_fkey references accounts_person (id),
        constraint reports_protocol_one_version unique (protocol, version),
        constraint reports_protocol_version_check check (version >= 1)
    """,
    "reports_quality_result": """
        id uuid constraint reports_quality_result_pkey primary key,
        protocol uuid not null,
        protocol_version integer not null,
        material text not null,
        lot text not null,
        measured_on date not null,
        sha256 bytea not null,
        content jsonb not null,
        made_at timestamptz not null,
        made_by uuid not null constraint reports_quality_result_made_by_fkey references accounts_person (id),
        withdrawn_at timestamptz,
        withdrawn_by uuid,
        constraint reports_quality_result_protocol_fkey
            foreign key (protocol, protocol_version) references reports_protocol (protocol, version),
        constraint reports_quality_result_one_file unique (protocol, sha256),
        constraint reports_quality_result_withdrawn_check check ((withdrawn_at is null) = (withdrawn_by is null))
    """,
    "reports_test_order": """
        id uuid constraint reports_test_order_pkey primary key,
        patient uuid not null constraint reports_test_order_patient_fkey references accounts_patient (person),
        protocol uuid not null,
        protocol_version integer not null,
        code text not null constraint reports_test_order_code_key unique,
        state text not null,
        version integer not null default 1,
        reason bytea not null,
        details bytea not null,
        ordered_at timestamptz not null,
        ordered_by uuid not null constraint reports_test_order_ordered_by_fkey references accounts_person (id),
        profession text not null,
        report uuid constraint reports_test_order_report_fkey
            references reports_report (id) deferrable initially deferred,
        constraint reports_test_order_protocol_fkey
            foreign key (protocol, protocol_version) references reports_protocol (protocol, version),
        constraint reports_test_order_version_check check (version >= 1),
        constraint reports_test_order_state_check
            check (state in ('ordered', 'described', 'taken', 'reported', 'cancelled')),
        constraint reports_test_order_report_check check ((state = 'reported') = (report is not null)),
        constraint reports_test_order_profession_check
            check (profession in ('physician', 'pharmacist', 'dietitian', 'nutritionist', 'psychologist', 'other'))
    """,
}
RIGHTS = {
    "reports_protocol": "select, insert",
    "reports_quality_result": "select, insert, update (withdrawn_at, withdrawn_by)",
    "reports_test_order": "select, insert, update",
}
INDEXES = (
    "create index reports_test_order_patient_idx on reports_test_order (patient, id)",
    "create unique index reports_test_order_one_report on reports_test_order (report) where report is not null",
)


def upgrade() -> None:
    """Versions of protocols are added and never changed; orders belong to a record."""
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
        grant(name, RIGHTS[name])
    for statement in INDEXES:
        op.execute(statement)
    protect("reports_test_order")


def downgrade() -> None:
    """As it was."""
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
