"""The tables of outcomes: answered questionnaires and the diary."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import grant, protect

revision = "0008_outcomes"
down_revision = "0007_careplan"
branch_labels = None
depends_on = None

TABLES = {
    "outcomes_response": """
        id uuid constraint outcomes_response_pkey primary key,
        patient uuid not null constraint outcomes_response_patient_fkey references accounts_patient (person),
        instrument text not null,
        instrument_version integer not null,
        day date not null,
        content bytea not null,
        answered_at timestamptz not null,
        answered_by uuid
    """,
    "outcomes_entry": """
        id uuid constraint outcomes_entry_pkey primary key,
        patient uuid not null constraint outcomes_entry_patient_fkey references accounts_patient (person),
        day date not null,
        content bytea not null,
        written_at timestamptz not null,
        written_by uuid
    """,
}

INDEXES = (
    "create index outcomes_response_patient_idx on outcomes_response (patient, instrument, day)",
    "create index outcomes_entry_patient_idx on outcomes_entry (patient, day)",
)


def upgrade() -> None:
    """Create them. Answers are added, never changed: a second entry for a day stands beside the first."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, "select, insert")
        protect(table)
    for index in INDEXES:
        op.execute(index)


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
