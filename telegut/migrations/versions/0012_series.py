"""
Series, group sessions and interpreters.

A patient's seat in a group session is an appointment of theirs; the session holds its practitioners' time once. How
many seats are taken is counted by a trigger, whoever books or cancels, and the CHECK on the counter says no.
"""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0012_series"
down_revision = "0011_booking"
branch_labels = None
depends_on = None

TABLES = {
    "scheduling_series": """
        id uuid not null,
        patient uuid not null,
        service uuid not null,
        zone text not null,
        first_wall timestamp not null,
        made_by uuid,
        made_at timestamptz not null,
        constraint scheduling_series_pkey primary key (id),
        constraint scheduling_series_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint scheduling_series_service_fkey foreign key (service) references scheduling_service (id),
        constraint scheduling_series_made_by_fkey foreign key (made_by) references accounts_person (id)
    """,
    "scheduling_group_session": """
        id uuid not null,
        visit uuid not null,
        service uuid not null,
        title text not null,
        seats smallint not null,
        taken smallint not null default 0,
        version integer not null default 1,
        sequence integer not null default 0,
        status text not null default 'open',
        start_at timestamptz not null,
        end_at timestamptz not null,
        zone text not null,
        agreed_start timestamp not null,
        opened_by uuid,
        opened_at timestamptz not null,
        changed_at timestamptz not null,
        constraint scheduling_group_session_pkey primary key (id),
        constraint scheduling_group_session_visit_key unique (visit),
        constraint scheduling_group_session_service_fkey foreign key (service) references scheduling_service (id),
        constraint scheduling_group_session_opened_by_fkey foreign key (opened_by) references accounts_person (id),
        constraint scheduling_group_session_title_check check (title ~ '^[a-z_]{1,40}$'),
        constraint scheduling_group_session_seats_check check (seats between 2 and 12),
        constraint scheduling_group_session_taken_check check (taken between 0 and seats),
        constraint scheduling_group_session_version_check check (version >= 1 and sequence >= 0),
        constraint scheduling_group_session_status_check check (status in ('open', 'cancelled')),
        constraint scheduling_group_session_length_check
            check (end_at > start_at and end_at <= start_at + interval '12 hours')
    """,
}

COLUMNS = (
    "alter table scheduling_policy add column series_at_most smallint not null default 12",
    "alter table scheduling_policy add constraint scheduling_policy_series_at_most_check"
    " check (series_at_most between 2 and 104)",
    "alter table scheduling_service add column seats smallint not null default 1",
    "alter table scheduling_service add constraint scheduling_service_seats_check check (seats between 1 and 12)",
    "alter table scheduling_appointment add column series uuid",
    "alter table scheduling_appointment add column group_session uuid",
    "alter table scheduling_appointment add constraint scheduling_appointment_series_fkey"
    " foreign key (series) references scheduling_series (id)",
    "alter table scheduling_appointment add constraint scheduling_appointment_group_session_fkey"
    " foreign key (group_session) references scheduling_group_session (id)",
    "alter table scheduling_appointment drop constraint scheduling_one_appointment_per_visit",
    "alter table scheduling_participant add column group_session uuid",
    "alter table scheduling_participant add constraint scheduling_participant_group_session_fkey"
    " foreign key (group_session) references scheduling_group_session (id)",
    "alter table scheduling_participant add constraint scheduling_once_in_a_group_session"
    " unique (group_session, person)",
    "alter table scheduling_participant drop constraint scheduling_participant_one_reason_check",
    "alter table scheduling_participant add constraint scheduling_participant_one_reason_check"
    " check (num_nonnulls(appointment, hold, group_session) = 1)",
    "alter table scheduling_participant drop constraint scheduling_participant_part_check",
    "alter table scheduling_participant add constraint scheduling_participant_part_check"
    " check (part in ('patient', 'consultant', 'nutritionist', 'interpreter'))",
    "alter table scheduling_calendar drop constraint scheduling_calendar_role_check",
    "alter table scheduling_calendar add constraint scheduling_calendar_role_check"
    " check (role in ('consultant', 'nutritionist', 'interpreter'))",
    "alter table accounts_role drop constraint accounts_role_known_check",
    "alter table accounts_role add constraint accounts_role_known_check check (role in"
    " ('patient', 'guardian', 'consultant', 'nutritionist', 'interpreter', 'coordinator', 'admin', 'auditor'))",
    "alter table rooms_visit alter column appointment drop not null",
    "alter table rooms_visit alter column patient drop not null",
    "alter table rooms_visit add constraint rooms_visit_group_check check ((patient is null) = (appointment is null))",
    "alter table rooms_seat add column patient uuid",
    "alter table rooms_seat add column withdrawn boolean not null default false",
    "alter table rooms_seat add constraint rooms_seat_patient_fkey"
    " foreign key (patient) references accounts_person (id)",
)

INDEXES = (
    "create unique index scheduling_one_appointment_per_visit on scheduling_appointment (visit)"
    " where group_session is null",
    "create unique index scheduling_one_seat_each on scheduling_appointment (visit, patient)"
    " where group_session is not null and status <> 'cancelled'",
    "create index scheduling_appointment_series_idx on scheduling_appointment (series) where series is not null",
    "create index scheduling_appointment_group_session_idx on scheduling_appointment (group_session)"
    " where group_session is not null",
    "create index scheduling_group_session_start_idx on scheduling_group_session (start_at, id)",
)

FUNCTIONS = (
    # The counter follows the seats, whoever writes them; its CHECK turns the one too many away.
    """
    create function scheduling_count_seats() returns trigger
    language plpgsql
    as $$
    declare
        before integer := 0;
        after integer := 0;
    begin
        if tg_op = 'UPDATE' and old.status <> 'cancelled' then
            before := 1;
        end if;
        if new.status <> 'cancelled' then
            after := 1;
        end if;
        if before <> after then
            update scheduling_group_session set taken = taken + after - before where id = new.group_session;
        end if;
        return null;
    end
    $$
    """,
    """
    create trigger scheduling_count_seats after insert or update of status on scheduling_appointment
    for each row when (new.group_session is not null) execute function scheduling_count_seats()
    """,
    # As in 0003, and whoever holds the group session that an appointment is a seat of takes part in it.
    """
    create or replace function scheduling_takes_part(appointment uuid) returns boolean
    language plpgsql stable security definer
    set search_path = pg_catalog, public, pg_temp
    as $$
    declare
        me uuid := nullif(current_setting('telegut.account', true), '')::uuid;
    begin
        return exists (
                select from public.scheduling_participant as p where p.appointment = $1 and p.person = me)
            or exists (
                select from public.scheduling_appointment as a
                join public.scheduling_participant as p on p.group_session = a.group_session
                where a.id = $1 and p.person = me and p.part <> 'patient');
    end
    $$
    """,
    # Whoever moves a session learns whose other visits forbid it, and nothing else of those visits. Holds that have
    # run out are removed on the way: the exclusion constraint still counts them.
    """
    create function scheduling_seats_in_the_way(session uuid, during tstzrange) returns setof uuid
    language plpgsql volatile security definer
    set search_path = pg_catalog, public, pg_temp
    as $$
    begin
        if not (
            current_setting('telegut.system', true) = 'on'
            or exists (
                select from public.scheduling_participant as p where p.group_session = $1
                and p.person = nullif(current_setting('telegut.account', true), '')::uuid)
            or exists (
                select from public.accounts_role as r where r.role = 'coordinator'
                and r.person = nullif(current_setting('telegut.account', true), '')::uuid)
        ) then
            return;
        end if;
        delete from public.scheduling_participant as gone
        using public.scheduling_appointment as a
        where a.group_session = $1 and a.status = 'booked' and gone.person = a.patient
            and gone.expires_at <= statement_timestamp();
        return query
            select a.patient from public.scheduling_appointment as a
            where a.group_session = $1 and a.status = 'booked' and exists (
                select from public.scheduling_participant as p
                where p.person = a.patient and p.active and p.during && $2 and p.appointment is distinct from a.id)
            order by a.patient;
    end
    $$
    """,
)


def upgrade() -> None:
    """Create them, and let several patients share one room."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, "select, insert, update")
    for statement in COLUMNS + INDEXES + FUNCTIONS:
        op.execute(statement)
    op.execute("revoke execute on function scheduling_seats_in_the_way(uuid, tstzrange) from public")
    op.execute(f"grant execute on function scheduling_seats_in_the_way(uuid, tstzrange) to {APPLICATION_ROLE}")
    op.execute("alter table scheduling_series enable row level security")
    op.execute(
        f"create policy scheduling_series_all on scheduling_series to {APPLICATION_ROLE}"
        " using (scheduling_may_arrange(patient)) with check (scheduling_may_arrange(patient))"
    )
    # A session's practitioners may move and end its seats, of which they are a part.
    op.execute("drop policy scheduling_participant_all on scheduling_participant")
    seen = "part <> 'patient' or scheduling_may_arrange(person) or scheduling_holds_session(appointment)"
    op.execute(
        """
        create function scheduling_holds_session(appointment uuid) returns boolean
        language plpgsql stable security definer
        set search_path = pg_catalog, public, pg_temp
        as $$
        begin
            return $1 is not null and exists (
                select from public.scheduling_appointment as a
                join public.scheduling_participant as p on p.group_session = a.group_session
                where a.id = $1 and p.person = nullif(current_setting('telegut.account', true), '')::uuid
                    and p.part in ('consultant', 'nutritionist'));
        end
        $$
        """
    )
    op.execute("revoke execute on function scheduling_holds_session(uuid) from public")
    op.execute(f"grant execute on function scheduling_holds_session(uuid) to {APPLICATION_ROLE}")
    op.execute(
        f"create policy scheduling_participant_all on scheduling_participant to {APPLICATION_ROLE}"
        f" using ({seen}) with check ({seen})"
    )
