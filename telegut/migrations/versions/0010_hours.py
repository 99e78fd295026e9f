"""Clinic holidays, limits of a day, languages, topics, follow-ups and numbers of each kind of visit."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0010_hours"
down_revision = "0009_notices"
branch_labels = None
depends_on = None

COLUMNS = (
    "alter table scheduling_policy add column max_visits_a_day smallint",
    "alter table scheduling_policy add column version integer not null default 1",
    "alter table scheduling_policy add column holidays_version integer not null default 1",
    "alter table scheduling_policy add constraint scheduling_policy_max_visits_a_day_check"
    " check (max_visits_a_day between 1 and 100)",
    "alter table scheduling_service add column own_notice_minutes integer",
    "alter table scheduling_service add column own_horizon_days integer",
    "alter table scheduling_service add column own_grid_minutes smallint",
    "alter table scheduling_service add constraint scheduling_service_own_notice_check"
    " check (own_notice_minutes between 0 and 525600)",
    "alter table scheduling_service add constraint scheduling_service_own_horizon_check"
    " check (own_horizon_days between 1 and 1830)",
    "alter table scheduling_service add constraint scheduling_service_own_grid_check"
    " check (own_grid_minutes in (5, 10, 15, 20, 30, 60))",
    "alter table scheduling_calendar add column max_visits_a_day smallint",
    "alter table scheduling_calendar add column minimum_notice_minutes integer",
    "alter table scheduling_calendar add column holidays date[] not null default '{}'",
    "alter table scheduling_calendar add constraint scheduling_calendar_max_visits_a_day_check"
    " check (max_visits_a_day between 1 and 100)",
    "alter table scheduling_calendar add constraint scheduling_calendar_minimum_notice_check"
    " check (minimum_notice_minutes between 0 and 525600)",
    "alter table scheduling_calendar_version add column max_visits_a_day smallint",
    "alter table scheduling_calendar_version add column minimum_notice_minutes integer",
    "alter table scheduling_participant add column made_at timestamptz not null default statement_timestamp()",
    "update scheduling_participant as p set made_at = a.booked_at"
    " from scheduling_appointment as a where a.id = p.appointment",
)

TABLES = {
    "scheduling_holiday": """
        day date not null,
        name text not null default '',
        constraint scheduling_holiday_pkey primary key (day),
        constraint scheduling_holiday_name_check check (length(name) <= 80)
    """,
    "scheduling_language": """
        practitioner uuid not null,
        tag text not null,
        place smallint not null default 0,
        constraint scheduling_language_pkey primary key (practitioner, tag),
        constraint scheduling_language_practitioner_fkey foreign key (practitioner) references accounts_person (id),
        constraint scheduling_language_tag_check check (tag ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$')
    """,
    "scheduling_topic": """
        id uuid not null,
        name text not null,
        place smallint not null default 0,
        version integer not null default 1,
        retired_at timestamptz,
        constraint scheduling_topic_pkey primary key (id),
        constraint scheduling_topic_name_check check (length(btrim(name)) between 1 and 80)
    """,
    "scheduling_topic_service": """
        topic uuid not null,
        service uuid not null,
        place smallint not null default 0,
        constraint scheduling_topic_service_pkey primary key (topic, service),
        constraint scheduling_topic_service_topic_fkey foreign key (topic) references scheduling_topic (id),
        constraint scheduling_topic_service_service_fkey foreign key (service) references scheduling_service (id)
    """,
    "scheduling_follow_up": """
        id uuid not null,
        patient uuid not null,
        appointment uuid not null,
        service uuid not null,
        after_weeks smallint not null,
        made_by uuid,
        made_at timestamptz not null,
        constraint scheduling_follow_up_pkey primary key (id),
        constraint scheduling_follow_up_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint scheduling_follow_up_appointment_fkey
            foreign key (appointment) references scheduling_appointment (id),
        constraint scheduling_follow_up_service_fkey foreign key (service) references scheduling_service (id),
        constraint scheduling_follow_up_made_by_fkey foreign key (made_by) references accounts_person (id),
        constraint scheduling_one_follow_up_a_visit unique (appointment),
        constraint scheduling_follow_up_after_weeks_check check (after_weeks between 1 and 52)
    """,
}

INDEXES = (
    "create index scheduling_participant_made_idx on scheduling_participant (made_at) where part <> 'patient'",
    "create unique index scheduling_topic_name_idx on scheduling_topic (lower(btrim(name))) where retired_at is null",
    "create index scheduling_follow_up_patient_idx on scheduling_follow_up (patient)",
)

# Whoever may arrange visits for the patient may know when the next one is due; it says nothing clinical.
POLICY = f"""
    create policy scheduling_follow_up_all on scheduling_follow_up for all to {APPLICATION_ROLE}
    using (scheduling_may_arrange(patient)) with check (scheduling_may_arrange(patient))
"""


def upgrade() -> None:
    """Add them; visits that are there count as made when they were booked."""
    for statement in COLUMNS:
        op.execute(statement)
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table)
    for statement in INDEXES:
        op.execute(statement)
    op.execute("alter table scheduling_follow_up enable row level security")
    op.execute(POLICY)


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
    op.execute("drop index scheduling_participant_made_idx")
    for table, columns in REMOVED.items():
        for column in columns:
            op.execute(f"alter table {table} drop column {column}")


REMOVED = {
    "scheduling_participant": ("made_at",),
    "scheduling_calendar_version": ("max_visits_a_day", "minimum_notice_minutes"),
    "scheduling_calendar": ("max_visits_a_day", "minimum_notice_minutes", "holidays"),
    "scheduling_service": ("own_notice_minutes", "own_horizon_days", "own_grid_minutes"),
    "scheduling_policy": ("max_visits_a_day", "version", "holidays_version"),
}
