"""The waitlist, renewal of holds, why a visit was cancelled, and what staff decides against the rules."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0013_waitlist"
down_revision = "0012_series"
branch_labels = None
depends_on = None

COLUMNS = (
    "alter table scheduling_policy"
    " add column offer_minutes smallint not null default 30,"
    " add column quiet_from time not null default '21:00',"
    " add column quiet_until time not null default '08:00',"
    " add constraint scheduling_policy_offer_check check (offer_minutes between 5 and 55)",
    "alter table scheduling_hold"
    " add column kind text not null default 'choice',"
    " add column renewed_at timestamptz,"
    " add constraint scheduling_hold_kind_check check (kind in ('choice', 'offer'))",
    "create index scheduling_hold_patient_idx on scheduling_hold (patient)"
    " where appointment is null and released_at is null",
    "alter table scheduling_appointment"
    " add column cancel_code text,"
    " add constraint scheduling_appointment_cancel_code_check check (cancel_code in ("
    "'cannot_come', 'time_does_not_suit', 'not_needed', 'by_mistake', 'practitioner_away', 'clinic', 'other')),"
    " add constraint scheduling_appointment_cancel_code_when_check"
    " check (cancel_code is null or status = 'cancelled')",
)

TABLES = {
    "scheduling_waiting": """
        id uuid not null,
        patient uuid not null,
        service uuid not null,
        version integer not null default 1,
        urgency text not null default 'ordinary',
        practitioners uuid[] not null default '{}',
        language text,
        windows jsonb not null default '[]',
        zone text not null,
        from_day date,
        until_day date,
        notice_minutes integer not null default 0,
        added_by uuid not null,
        added_at timestamptz not null,
        ended_at timestamptz,
        ended text,
        constraint scheduling_waiting_pkey primary key (id),
        constraint scheduling_waiting_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint scheduling_waiting_service_fkey foreign key (service) references scheduling_service (id),
        constraint scheduling_waiting_added_by_fkey foreign key (added_by) references accounts_person (id),
        constraint scheduling_waiting_version_check check (version >= 1),
        constraint scheduling_waiting_urgency_check check (urgency in ('ordinary', 'soon', 'urgent')),
        constraint scheduling_waiting_practitioners_check check (cardinality(practitioners) <= 5),
        constraint scheduling_waiting_language_check check (language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
        constraint scheduling_waiting_windows_check check (jsonb_typeof(windows) = 'array'),
        constraint scheduling_waiting_days_check check (from_day <= until_day),
        constraint scheduling_waiting_notice_check check (notice_minutes between 0 and 20160),
        constraint scheduling_waiting_ended_known_check check (ended in ('booked', 'withdrawn', 'over')),
        constraint scheduling_waiting_ended_check check ((ended_at is null) = (ended is null))
    """,
    "scheduling_offer": """
        id uuid not null,
        entry uuid not null,
        patient uuid not null,
        hold uuid not null,
        practitioners uuid[] not null,
        start_at timestamptz not null,
        end_at timestamptz not null,
        made_at timestamptz not null,
        expires_at timestamptz not null,
        ended_at timestamptz,
        ended text,
        constraint scheduling_offer_pkey primary key (id),
        constraint scheduling_offer_entry_fkey foreign key (entry) references scheduling_waiting (id),
        constraint scheduling_offer_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint scheduling_offer_hold_fkey foreign key (hold) references scheduling_hold (id),
        constraint scheduling_offer_practitioners_check check (cardinality(practitioners) between 1 and 5),
        constraint scheduling_offer_length_check check (end_at > start_at and expires_at > made_at),
        constraint scheduling_offer_ended_known_check
            check (ended in ('accepted', 'declined', 'lapsed', 'withdrawn', 'replaced')),
        constraint scheduling_offer_ended_check check ((ended_at is null) = (ended is null))
    """,
    "scheduling_passing": """
        id uuid not null,
        offer uuid not null,
        entry uuid not null,
        patient uuid not null,
        reason text not null,
        passed_at timestamptz not null,
        constraint scheduling_passing_pkey primary key (id),
        constraint scheduling_passing_offer_fkey foreign key (offer) references scheduling_offer (id),
        constraint scheduling_passing_entry_fkey foreign key (entry) references scheduling_waiting (id),
        constraint scheduling_passed_once unique (offer, entry),
        constraint scheduling_passing_reason_check check (reason in ('other_people', 'no_room', 'not_their_days',
            'not_their_hours', 'too_short_notice', 'quiet_hours', 'patient_busy', 'has_an_offer', 'had_this_time',
            'visits_enough'))
    """,
    "scheduling_override": """
        id uuid not null,
        appointment uuid not null,
        patient uuid not null,
        start_at timestamptz not null,
        reasons text[] not null,
        signed_by uuid not null,
        signed_at timestamptz not null,
        why bytea not null,
        constraint scheduling_override_pkey primary key (id),
        constraint scheduling_override_appointment_fkey
            foreign key (appointment) references scheduling_appointment (id),
        constraint scheduling_override_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint scheduling_override_signed_by_fkey foreign key (signed_by) references accounts_person (id),
        constraint scheduling_override_reasons_check check (cardinality(reasons) between 1 and 20)
    """,
}

RIGHTS = {"scheduling_passing": "select, insert", "scheduling_override": "select, insert"}
"""What was offered, passed over or decided stays: it is how the order can be checked later."""

INDEXES = (
    # Somebody waits once for each kind of visit, has one offer at a time, and one hold is one offer.
    "create unique index scheduling_waits_once on scheduling_waiting (patient, service) where ended_at is null",
    "create unique index scheduling_one_offer_at_a_time on scheduling_offer (entry) where ended_at is null",
    "create unique index scheduling_offer_of_a_hold on scheduling_offer (hold)",
    "create index scheduling_waiting_added_idx on scheduling_waiting (added_at, id) where ended_at is null",
    "create index scheduling_offer_entry_idx on scheduling_offer (entry, start_at)",
    "create index scheduling_offer_expires_idx on scheduling_offer (expires_at) where ended_at is null",
    "create index scheduling_passing_entry_idx on scheduling_passing (entry, passed_at)",
    "create index scheduling_override_appointment_idx on scheduling_override (appointment, start_at)",
)

# As scheduling_may_arrange in 0003. Both tell numbers and nothing of anybody: whether the list is worth a look, and
# how many are before an entry that the caller has the id of.
FUNCTIONS = (
    """
    create function scheduling_somebody_waits() returns boolean
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
    as $$ select exists (select from public.scheduling_waiting where ended_at is null) $$
    """,
    """
    create function scheduling_waiting_before(entry uuid) returns bigint
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp
    as $$
        select count(*) from public.scheduling_waiting as mine join public.scheduling_waiting as other
            on other.service = mine.service and other.ended_at is null
            and (array_position(array['urgent', 'soon', 'ordinary'], other.urgency), other.added_at, other.id)
                < (array_position(array['urgent', 'soon', 'ordinary'], mine.urgency), mine.added_at, mine.id)
        where mine.id = $1
    $$
    """,
)

POLICIES = {
    "scheduling_waiting": "scheduling_may_arrange(patient)",
    "scheduling_offer": "scheduling_may_arrange(patient)",
    "scheduling_passing": "scheduling_may_arrange(patient)",
    "scheduling_override": "scheduling_may_arrange(patient) or scheduling_takes_part(appointment)",
}


def upgrade() -> None:
    """Create them."""
    for statement in COLUMNS:
        op.execute(statement)
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, RIGHTS.get(table, "select, insert, update"))
    for statement in (*INDEXES, *FUNCTIONS):
        op.execute(statement)
    for name in ("scheduling_somebody_waits()", "scheduling_waiting_before(uuid)"):
        op.execute(f"revoke execute on function {name} from public")
        op.execute(f"grant execute on function {name} to {APPLICATION_ROLE}")
    for table, condition in POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy {table}_all on {table} for all to {APPLICATION_ROLE}"
            f" using ({condition}) with check ({condition})"
        )
