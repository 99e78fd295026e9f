"""What booking at speed needs."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE

revision = "0011_booking"
down_revision = "0010_hours"
branch_labels = None
depends_on = None

INDEXES = (
    "create index scheduling_participant_expiring_idx on scheduling_participant (person) where expires_at is not null",
    "create index scheduling_appointment_ahead_idx on scheduling_appointment (patient, start_at)"
    " where status = 'booked'",
)

# With the rights of the migration's owner, as scheduling_may_arrange in 0003: below row-level security PostgreSQL may
# not look into an index for what a policy has not allowed yet, and would ask the policy about every row that somebody
# ever had. These ask once for each person, and say when somebody is taken and nothing else. Their plans are kept for as
# long as a connection lives, which may have begun with empty tables: so they may not be plans that read a table whole.
FUNCTIONS = {
    "scheduling_times(uuid[], timestamptz[], timestamptz[])": """
    create function scheduling_times(people uuid[], since timestamptz[], until timestamptz[])
    returns table (
        person uuid, opens bigint, closes bigint, begins bigint, ends bigint, hold uuid, appointment uuid
    )
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp set enable_seqscan = off
    as $$
        select p.person,
            extract(epoch from lower(p.during))::bigint, extract(epoch from upper(p.during))::bigint,
            extract(epoch from lower(p.visit))::bigint, extract(epoch from upper(p.visit))::bigint,
            p.hold, p.appointment
        from unnest($1, $2, $3) as span (person, since, until)
        join public.scheduling_participant as p
            on p.person = span.person and p.active and p.during && tstzrange(span.since, span.until)
        where (p.expires_at is null or p.expires_at > statement_timestamp())
            and (p.part <> 'patient' or current_setting('telegut.system', true) = 'on' or p.person in (
                select one from unnest($1) as one where public.scheduling_may_arrange(one)))
    $$
    """,
    "scheduling_ahead(uuid[], timestamptz)": """
    create function scheduling_ahead(patients uuid[], since timestamptz)
    returns table (patient uuid, visits bigint)
    language sql stable security definer
    set search_path = pg_catalog, public, pg_temp set enable_seqscan = off
    as $$
        select one, count(a.patient)
        from unnest($1) as one
        join public.scheduling_appointment as a on a.patient = one and a.status = 'booked' and a.start_at > $2
        where current_setting('telegut.system', true) = 'on' or public.scheduling_may_arrange(one)
        group by one
    $$
    """,
}


def upgrade() -> None:
    """Create them."""
    for statement in INDEXES:
        op.execute(statement)
    for name, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"revoke execute on function {name} from public")
        op.execute(f"grant execute on function {name} to {APPLICATION_ROLE}")


def downgrade() -> None:
    """Remove them."""
    for name in FUNCTIONS:
        op.execute(f"drop function {name}")
    op.execute("drop index scheduling_appointment_ahead_idx")
    op.execute("drop index scheduling_participant_expiring_idx")
