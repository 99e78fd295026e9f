"""The tables of careplan: plans, goals, steps, gates, signed versions, live notes."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant, protect

revision = "0007_careplan"
down_revision = "0006_reports"
branch_labels = None
depends_on = None

PLAN = "plan uuid not null constraint {table}_plan_fkey references careplan_plan"

# Children after their parents; dropped in the opposite order.
TABLES = {
    "careplan_plan": """
        id uuid constraint careplan_plan_pkey primary key,
        patient uuid not null constraint careplan_plan_patient_fkey references accounts_patient (person),
        version integer not null default 1 constraint careplan_plan_version_check check (version >= 1),
        created_at timestamptz not null,
        constraint careplan_one_plan_per_patient unique (patient)
    """,
    "careplan_goal": f"""
        id uuid constraint careplan_goal_pkey primary key,
        patient uuid not null,
        {PLAN.format(table="careplan_goal")},
        version integer not null constraint careplan_goal_version_check check (version >= 1),
        status text not null constraint careplan_goal_status_check
            check (status in ('active', 'reached', 'dropped')),
        content bytea not null,
        created_at timestamptz not null,
        changed_at timestamptz not null,
        changed_by uuid
    """,
    "careplan_step": f"""
        id uuid constraint careplan_step_pkey primary key,
        patient uuid not null,
        {PLAN.format(table="careplan_step")},
        version integer not null constraint careplan_step_version_check check (version >= 1),
        status text not null constraint careplan_step_status_check
            check (status in ('active', 'paused', 'done', 'stopped')),
        acceptance text not null constraint careplan_step_acceptance_check
            check (acceptance in ('asked', 'accepted', 'declined')),
        answered_at timestamptz,
        answered_by uuid,
        starts_on date,
        content bytea not null,
        created_at timestamptz not null,
        changed_at timestamptz not null,
        changed_by uuid,
        constraint careplan_step_answered_check check ((acceptance = 'asked') = (answered_at is null))
    """,
    "careplan_revision": f"""
        id uuid constraint careplan_revision_pkey primary key,
        patient uuid not null,
        {PLAN.format(table="careplan_revision")},
        object uuid not null,
        version integer not null,
        content bytea not null,
        at timestamptz not null,
        account uuid,
        constraint careplan_revision_once unique (object, version)
    """,
    "careplan_day": """
        id uuid constraint careplan_day_pkey primary key,
        patient uuid not null,
        step uuid not null constraint careplan_day_step_fkey references careplan_step,
        day date not null,
        content bytea not null,
        at timestamptz not null,
        account uuid,
        constraint careplan_day_once unique (step, day)
    """,
    "careplan_gate": f"""
        id uuid constraint careplan_gate_pkey primary key,
        patient uuid not null,
        {PLAN.format(table="careplan_gate")},
        gate text not null,
        version integer not null constraint careplan_gate_version_check check (version >= 1),
        content bytea not null,
        answered_at timestamptz not null,
        answered_by uuid,
        constraint careplan_gate_once unique (patient, gate)
    """,
    "careplan_version": f"""
        id uuid constraint careplan_version_pkey primary key,
        patient uuid not null,
        {PLAN.format(table="careplan_version")},
        number integer not null constraint careplan_version_number_check check (number >= 1),
        plan_version integer not null,
        document bytea not null,
        sha256 bytea not null constraint careplan_version_sha256_check check (octet_length(sha256) = 32),
        signed_by uuid not null,
        signed_at timestamptz not null,
        constraint careplan_version_number unique (plan, number)
    """,
    "careplan_note": f"""
        id uuid constraint careplan_note_pkey primary key,
        patient uuid not null,
        {PLAN.format(table="careplan_note")},
        audience text not null constraint careplan_note_audience_check check (audience in ('shared', 'team', 'own')),
        owner uuid,
        last_seq bigint not null default 0,
        snapshot bytea,
        snapshot_seq bigint not null default 0,
        constraint careplan_note_one unique nulls not distinct (plan, audience, owner),
        constraint careplan_note_owner_check check ((audience = 'own') = (owner is not null)),
        constraint careplan_note_snapshot_seq_check check (snapshot_seq between 0 and last_seq)
    """,
    "careplan_note_update": """
        id uuid constraint careplan_note_update_pkey primary key,
        patient uuid not null,
        note uuid not null constraint careplan_note_update_note_fkey references careplan_note,
        seq bigint not null,
        body bytea not null,
        at timestamptz not null,
        account uuid,
        constraint careplan_note_update_seq unique (note, seq)
    """,
}

INDEXES = (
    "create index careplan_goal_plan_idx on careplan_goal (plan)",
    "create index careplan_step_plan_idx on careplan_step (plan)",
    "create index careplan_day_patient_idx on careplan_day (patient, day)",
)

# Who may do less than everything: history and signed versions are only added to.
RIGHTS = {"careplan_revision": "select, insert", "careplan_version": "select, insert"}

NEVER_CHANGES = """
create function careplan_never_changes() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$ begin raise exception 'a signed version never changes' using errcode = 'restrict_violation'; end $$
"""

# A team note exists only for the care team of now, an own note only for its author; whatever the code above asks.
NOTE_IS_FOR_ME = """
create function careplan_note_is_for_me(patient uuid, audience text, owner uuid) returns boolean
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select current_setting('telegut.system', true) = 'on'
        or $2 = 'shared'
        or ($2 = 'team' or $3 = nullif(current_setting('telegut.account', true), '')::uuid)
            and exists (
                select from public.accounts_care as c
                where c.patient = $1 and c.until is null
                and c.member = nullif(current_setting('telegut.account', true), '')::uuid
            )
$$
"""


def upgrade() -> None:
    """Create them; clinical rows exist only for those who may see the patient."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, RIGHTS.get(table, "select, insert, update, delete"))
        protect(table)
    for index in INDEXES:
        op.execute(index)
    _signed_versions()
    _audiences()


def _signed_versions() -> None:
    op.execute(NEVER_CHANGES)
    op.execute(
        "create trigger careplan_version_never_changes before update or delete on careplan_version"
        " for each row execute function careplan_never_changes()"
    )


def _audiences() -> None:
    op.execute(NOTE_IS_FOR_ME)
    op.execute("revoke execute on function careplan_note_is_for_me(uuid, text, uuid) from public")
    op.execute(f"grant execute on function careplan_note_is_for_me(uuid, text, uuid) to {APPLICATION_ROLE}")
    op.execute(
        f"create policy careplan_note_audience on careplan_note as restrictive to {APPLICATION_ROLE}"
        " using (careplan_note_is_for_me(patient, audience, owner))"
    )
    op.execute(
        f"create policy careplan_note_update_audience on careplan_note_update as restrictive to {APPLICATION_ROLE}"
        " using (exists (select from careplan_note as n where n.id = note))"
    )


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
    op.execute("drop function careplan_note_is_for_me(uuid, text, uuid)")
    op.execute("drop function careplan_never_changes()")
