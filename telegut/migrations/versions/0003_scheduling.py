"""The tables of scheduling, and who may see an appointment."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0003_scheduling"
down_revision = "0002_accounts"
branch_labels = None
depends_on = None

TABLES = {
    "scheduling_policy": """
        "only" boolean not null default true,
        minimum_notice_minutes integer not null default 120,
        horizon_days integer not null default 90,
        grid_minutes smallint not null default 30,
        max_future_visits smallint not null default 4,
        cancel_notice_minutes integer not null default 1440,
        hold_minutes smallint not null default 5,
        holds_per_patient smallint not null default 2,
        any_practitioner boolean not null default true,
        constraint scheduling_policy_pkey primary key ("only"),
        constraint scheduling_policy_only_check check ("only"),
        constraint scheduling_policy_minimum_notice_check check (minimum_notice_minutes between 0 and 525600),
        constraint scheduling_policy_horizon_check check (horizon_days between 1 and 1830),
        constraint scheduling_policy_grid_check check (grid_minutes in (5, 10, 15, 20, 30, 60)),
        constraint scheduling_policy_max_future_visits_check check (max_future_visits between 1 and 1000),
        constraint scheduling_policy_cancel_notice_check check (cancel_notice_minutes between 0 and 525600),
        constraint scheduling_policy_hold_check check (hold_minutes between 1 and 10),
        constraint scheduling_policy_holds_per_patient_check check (holds_per_patient between 1 and 10)
    """,
    "scheduling_service": """
        id uuid not null,
        name text not null,
        duration_minutes smallint not null,
        buffer_before_minutes smallint not null,
        buffer_after_minutes smallint not null,
        needs text[] not null,
        place smallint not null default 0,
        retired_at timestamptz,
        constraint scheduling_service_pkey primary key (id),
        constraint scheduling_service_name_check check (length(btrim(name)) between 1 and 120),
        constraint scheduling_service_duration_check check (duration_minutes between 5 and 480),
        constraint scheduling_service_buffer_before_check check (buffer_before_minutes between 0 and 240),
        constraint scheduling_service_buffer_after_check check (buffer_after_minutes between 0 and 240),
        constraint scheduling_service_needs_check check (cardinality(needs) between 1 and 5),
        constraint scheduling_service_needs_known_check check (needs <@ array['consultant', 'nutritionist'])
    """,
    "scheduling_calendar": """
        practitioner uuid not null,
        role text not null,
        version integer not null default 0,
        zone text not null,
        rules jsonb not null default '[]',
        exceptions jsonb not null default '[]',
        constraint scheduling_calendar_pkey primary key (practitioner),
        constraint scheduling_calendar_practitioner_fkey foreign key (practitioner) references accounts_person (id),
        constraint scheduling_calendar_role_check check (role in ('consultant', 'nutritionist')),
        constraint scheduling_calendar_version_check check (version >= 0),
        constraint scheduling_calendar_rules_check check (jsonb_typeof(rules) = 'array'),
        constraint scheduling_calendar_exceptions_check check (jsonb_typeof(exceptions) = 'array')
    """,
    "scheduling_provides": """
        practitioner uuid not null,
        service uuid not null,
        role text not null,
        constraint scheduling_provides_pkey primary key (practitioner, service),
        constraint scheduling_provides_practitioner_fkey
            foreign key (practitioner) references scheduling_calendar (practitioner),
        constraint scheduling_provides_service_fkey foreign key (service) references scheduling_service (id),
        constraint scheduling_provides_role_check check (role in ('consultant', 'nutritionist'))
    """,
    "scheduling_calendar_version": """
        practitioner uuid not null,
        version integer not null,
        zone text not null,
        rules jsonb not null,
        exceptions jsonb not null,
        set_by uuid,
        set_at timestamptz not null default now(),
        constraint scheduling_calendar_version_pkey primary key (practitioner, version),
        constraint scheduling_calendar_version_practitioner_fkey
            foreign key (practitioner) references scheduling_calendar (practitioner),
        constraint scheduling_calendar_version_version_check check (version >= 1)
    """,
    "scheduling_hold": """
        id uuid not null,
        owner uuid not null,
        patient uuid,
        service uuid not null,
        start_at timestamptz not null,
        end_at timestamptz not null,
        made_at timestamptz not null,
        expires_at timestamptz not null,
        appointment uuid,
        released_at timestamptz,
        constraint scheduling_hold_pkey primary key (id),
        constraint scheduling_hold_owner_fkey foreign key (owner) references accounts_person (id),
        constraint scheduling_hold_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint scheduling_hold_service_fkey foreign key (service) references scheduling_service (id),
        constraint scheduling_hold_length_check check (end_at > start_at),
        constraint scheduling_hold_expiry_check
            check (expires_at > made_at and expires_at <= made_at + interval '1 hour'),
        constraint scheduling_hold_one_end_check check (appointment is null or released_at is null)
    """,
    "scheduling_appointment": """
        id uuid not null,
        visit uuid not null,
        patient uuid not null,
        service uuid not null,
        version integer not null default 1,
        sequence integer not null default 0,
        status text not null default 'booked',
        outcome text,
        start_at timestamptz not null,
        end_at timestamptz not null,
        zone text not null,
        agreed_start timestamp not null,
        booked_by uuid,
        booked_at timestamptz not null,
        changed_at timestamptz not null,
        cancelled_by uuid,
        cancelled_at timestamptz,
        cancelled_late boolean not null default false,
        constraint scheduling_appointment_pkey primary key (id),
        constraint scheduling_one_appointment_per_visit unique (visit),
        constraint scheduling_appointment_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint scheduling_appointment_service_fkey foreign key (service) references scheduling_service (id),
        constraint scheduling_appointment_booked_by_fkey foreign key (booked_by) references accounts_person (id),
        constraint scheduling_appointment_cancelled_by_fkey foreign key (cancelled_by) references accounts_person (id),
        constraint scheduling_appointment_version_check check (version >= 1 and sequence >= 0),
        constraint scheduling_appointment_status_check check (status in ('booked', 'cancelled', 'completed')),
        constraint scheduling_appointment_outcome_known_check
            check (outcome in ('attended', 'patient_absent', 'practitioner_absent', 'technical')),
        constraint scheduling_appointment_outcome_check check ((status = 'completed') = (outcome is not null)),
        constraint scheduling_appointment_cancelled_check check ((status = 'cancelled') = (cancelled_at is not null)),
        constraint scheduling_appointment_length_check
            check (end_at > start_at and end_at <= start_at + interval '12 hours')
    """,
    "scheduling_participant": """
        id uuid not null,
        appointment uuid,
        hold uuid,
        person uuid not null,
        part text not null,
        during tstzrange not null,
        visit tstzrange not null,
        active boolean not null default true,
        expires_at timestamptz,
        constraint scheduling_participant_pkey primary key (id),
        constraint scheduling_no_overlap exclude using gist (person with =, during with &&) where (active),
        constraint scheduling_once_in_an_appointment unique (appointment, person),
        constraint scheduling_once_in_a_hold unique (hold, person),
        constraint scheduling_participant_appointment_fkey
            foreign key (appointment) references scheduling_appointment (id),
        constraint scheduling_participant_hold_fkey foreign key (hold) references scheduling_hold (id),
        constraint scheduling_participant_person_fkey foreign key (person) references accounts_person (id),
        constraint scheduling_participant_one_reason_check check (num_nonnulls(appointment, hold) = 1),
        constraint scheduling_participant_only_holds_expire_check check ((hold is null) = (expires_at is null)),
        constraint scheduling_participant_part_check check (part in ('patient', 'consultant', 'nutritionist')),
        constraint scheduling_participant_visit_check check (
            not isempty(visit) and not lower_inf(visit) and not upper_inf(visit)
            and lower_inc(visit) and not upper_inc(visit) and upper(visit) - lower(visit) <= interval '12 hours'),
        constraint scheduling_participant_during_check check (
            not lower_inf(during) and not upper_inf(during) and lower_inc(during) and not upper_inc(during)
            and during @> visit and upper(during) - lower(during) <= interval '24 hours')
    """,
    "scheduling_reason": """
        id uuid not null,
        patient uuid not null,
        appointment uuid not null,
        about text not null,
        author uuid,
        written_at timestamptz not null,
        text bytea not null,
        constraint scheduling_reason_pkey primary key (id),
        constraint scheduling_reason_appointment_fkey foreign key (appointment) references scheduling_appointment (id),
        constraint scheduling_reason_about_check check (about in ('visit', 'move', 'cancellation'))
    """,
}

RIGHTS = {
    "scheduling_policy": "select, update",
    "scheduling_provides": "select, insert, update, delete",
    "scheduling_calendar_version": "select, insert",
    "scheduling_participant": "select, insert, update, delete",
    "scheduling_reason": "select, insert",
}
"""Appointments, holds and versions end or follow one another; they are never deleted."""

INDEXES = (
    "create index scheduling_provides_service_idx on scheduling_provides (service)",
    "create index scheduling_hold_owner_idx on scheduling_hold (owner)"
    " where appointment is null and released_at is null",
    "create index scheduling_appointment_patient_idx on scheduling_appointment (patient, start_at)",
    "create index scheduling_appointment_start_idx on scheduling_appointment (start_at, id)",
    "create index scheduling_reason_appointment_idx on scheduling_reason (appointment)",
)

# As accounts_may_see in 0002: with the rights of the migration's owner, hence the fixed search_path.
FUNCTIONS = (
    """
    create function scheduling_may_arrange(patient uuid) returns boolean
    language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp
    as $$
    begin
        return public.accounts_may_see($1) or exists (
            select from public.accounts_role as r
            where r.person = nullif(current_setting('telegut.account', true), '')::uuid and r.role = 'coordinator');
    end
    $$
    """,
    """
    create function scheduling_takes_part(appointment uuid) returns boolean
    language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp
    as $$
    begin
        return exists (
            select from public.scheduling_participant as p
            where p.appointment = $1 and p.person = nullif(current_setting('telegut.account', true), '')::uuid);
    end
    $$
    """,
)

# A practitioner's time is known to everybody who books, without whose visit it is; a patient's only to those who may
# arrange visits for them. Reasons are read by the care team and may be written by whoever books.
POLICIES = (
    ("scheduling_appointment", "all", "scheduling_may_arrange(patient) or scheduling_takes_part(id)"),
    ("scheduling_participant", "all", "part <> 'patient' or scheduling_may_arrange(person)"),
    (
        "scheduling_hold",
        "all",
        "owner = nullif(current_setting('telegut.account', true), '')::uuid or scheduling_may_arrange(patient)",
    ),
    ("scheduling_reason", "select", "accounts_may_see(patient)"),
    ("scheduling_reason", "insert", "scheduling_may_arrange(patient)"),
)


def upgrade() -> None:
    """Create them, with one row of the clinic's numbers."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, RIGHTS.get(table, "select, insert, update"))
    for statement in INDEXES:
        op.execute(statement)
    op.execute("insert into scheduling_policy default values")
    for function in FUNCTIONS:
        op.execute(function)
    for name in ("scheduling_may_arrange(uuid)", "scheduling_takes_part(uuid)"):
        op.execute(f"revoke execute on function {name} from public")
        op.execute(f"grant execute on function {name} to {APPLICATION_ROLE}")
    for table in {table for table, _, _ in POLICIES}:
        op.execute(f"alter table {table} enable row level security")
    for table, command, condition in POLICIES:
        clauses = {"select": f"using ({condition})", "insert": f"with check ({condition})"}
        clause = clauses.get(command, f"using ({condition}) with check ({condition})")
        op.execute(f"create policy {table}_{command} on {table} for {command} to {APPLICATION_ROLE} {clause}")


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
    op.execute("drop function scheduling_takes_part(uuid)")
    op.execute("drop function scheduling_may_arrange(uuid)")
