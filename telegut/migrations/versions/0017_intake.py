"""Forms before a visit."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant, protect

revision = "0017_intake"
down_revision = "0016_zone_data"
branch_labels = None
depends_on = None

TABLES = {
    "scheduling_form": """
        id uuid constraint scheduling_form_pkey primary key,
        service uuid not null constraint scheduling_form_service_fkey references scheduling_service (id)
            constraint scheduling_form_service_key unique,
        version integer not null,
        asks boolean not null,
        constraint scheduling_form_version_check check (version > 0)
    """,
    "scheduling_form_version": """
        form uuid not null constraint scheduling_form_version_form_fkey references scheduling_form (id),
        version integer not null,
        content jsonb not null,
        published_at timestamptz not null,
        published_by uuid,
        constraint scheduling_form_version_pkey primary key (form, version)
    """,
    "scheduling_sheet": """
        appointment uuid constraint scheduling_sheet_pkey primary key
            constraint scheduling_sheet_appointment_fkey references scheduling_appointment (id),
        patient uuid not null constraint scheduling_sheet_patient_fkey references accounts_patient (person),
        form uuid not null,
        version integer not null,
        begun_at timestamptz not null,
        submitted_at timestamptz,
        submitted_by uuid,
        constraint scheduling_sheet_form_fkey foreign key (form, version)
            references scheduling_form_version (form, version)
    """,
    "scheduling_answer": """
        id uuid constraint scheduling_answer_pkey primary key,
        patient uuid not null constraint scheduling_answer_patient_fkey references accounts_patient (person),
        appointment uuid not null
            constraint scheduling_answer_appointment_fkey references scheduling_sheet (appointment),
        question text not null,
        fact text,
        value bytea not null,
        kept_from uuid constraint scheduling_answer_kept_from_fkey references scheduling_answer (id),
        author uuid,
        written_at timestamptz not null
    """,
}
RIGHTS = {
    "scheduling_form": "select, insert, update",
    "scheduling_form_version": "select, insert",
    "scheduling_sheet": "select, insert, update",
    "scheduling_answer": "select, insert",
}
INDEXES = (
    "create index scheduling_sheet_patient_idx on scheduling_sheet (patient)",
    "create index scheduling_answer_appointment_idx on scheduling_answer (appointment, question, written_at)",
    "create index scheduling_answer_fact_idx on scheduling_answer (patient, fact)",
)


def upgrade() -> None:
    """Create them. Versions and answers are only added to; whoever arranges visits sees whether a form is filled in."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, RIGHTS[table])
    for index in INDEXES:
        op.execute(index)
    op.execute("alter table scheduling_sheet enable row level security")
    op.execute(
        f"create policy scheduling_sheet_all on scheduling_sheet to {APPLICATION_ROLE} "
        "using (scheduling_may_arrange(patient)) with check (accounts_may_see(patient))"
    )
    protect("scheduling_answer")


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
