"""The evidence base: versioned rows with review and signature."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import grant

revision = "0037_evidence"
down_revision = "0036_protocols"
branch_labels = None
depends_on = None

TABLES = {
    "evidence_version": """
        id uuid constraint evidence_version_pkey primary key,
        name text not null,
        number integer not null constraint evidence_version_number_check check (number > 1000),
        state text not null constraint evidence_version_state_check
            check (state in ('draft', 'signed', 'sent_back', 'withdrawn')),
        content jsonb not null,
        why text not null,
        based_on integer,
        author uuid not null constraint evidence_version_author_fkey references accounts_person,
        proposed_at timestamptz not null,
        reviewer uuid constraint evidence_version_reviewer_fkey references accounts_person,
        reviewer_name text,
        profession text,
        reviewed_at timestamptz,
        reason text,
        constraint evidence_version_number unique (name, number),
        constraint evidence_version_in_state unique (id, name, state),
        constraint evidence_version_second_person_check check (reviewer <> author),
        constraint evidence_version_reviewer_check
            check ((state in ('signed', 'sent_back')) = (reviewer is not null)),
        constraint evidence_version_reviewed_at_check check ((state = 'draft') = (reviewed_at is null)),
        constraint evidence_version_signature_check
            check ((state = 'signed') = (profession is not null and reviewer_name is not null)),
        constraint evidence_version_reason_check check ((state = 'sent_back') = (reason is not null))
    """,
    "evidence_current": """
        name text constraint evidence_current_pkey primary key,
        version uuid not null,
        state text not null constraint evidence_current_state_check check (state = 'signed'),
        constraint evidence_current_is_signed
            foreign key (version, name, state) references evidence_version (id, name, state)
    """,
}

ONE_DRAFT = "create unique index evidence_one_draft on evidence_version (name) where state = 'draft'"

# A draft may be decided, and nothing else of it may change; what was decided is there for ever.
NEVER_CHANGES = """
create function evidence_never_changes() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'DELETE' or old.state <> 'draft'
        or (new.id, new.name, new.number, new.content, new.why, new.based_on, new.author, new.proposed_at)
        is distinct from
           (old.id, old.name, old.number, old.content, old.why, old.based_on, old.author, old.proposed_at)
    then
        raise exception 'a version of the evidence base never changes' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    """Create them; the application decides drafts and takes nothing away."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, "select, insert, update")
    op.execute(ONE_DRAFT)
    op.execute(NEVER_CHANGES)
    op.execute(
        "create trigger evidence_version_never_changes before update or delete on evidence_version"
        " for each row execute function evidence_never_changes()"
    )


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
    op.execute("drop function evidence_never_changes()")
