"""Private calendar feeds and busy times from elsewhere."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0015_calendar_feeds"
down_revision = "0014_reminders"
branch_labels = None
depends_on = None

TABLES = {
    "scheduling_calendar_key": """
        id uuid not null,
        person uuid not null,
        opens text not null,
        name text not null,
        shows text not null default 'nothing',
        digest bytea not null,
        made_at timestamptz not null default now(),
        used_at timestamptz,
        revoked_at timestamptz,
        constraint scheduling_calendar_key_pkey primary key (id),
        constraint scheduling_one_key_per_digest unique (digest),
        constraint scheduling_calendar_key_person_fkey foreign key (person) references accounts_person (id),
        constraint scheduling_calendar_key_opens_check check (opens in ('feed', 'caldav')),
        constraint scheduling_calendar_key_name_check check (length(btrim(name)) between 1 and 60),
        constraint scheduling_calendar_key_shows_check check (shows in ('nothing', 'initials')),
        constraint scheduling_calendar_key_digest_check check (length(digest) = 32)
    """,
    "scheduling_busy_source": """
        id uuid not null,
        practitioner uuid not null,
        kind text not null,
        name text not null,
        host text not null,
        address bytea not null,
        made_at timestamptz not null default now(),
        tried_at timestamptz,
        read_at timestamptz,
        covers_until timestamptz,
        failing_since timestamptz,
        failure text,
        etag text,
        modified text,
        constraint scheduling_busy_source_pkey primary key (id),
        constraint scheduling_busy_source_practitioner_fkey
            foreign key (practitioner) references scheduling_calendar (practitioner),
        constraint scheduling_busy_source_kind_check check (kind in ('ics', 'caldav')),
        constraint scheduling_busy_source_name_check check (length(btrim(name)) between 1 and 60),
        constraint scheduling_busy_source_failure_check check ((failure is null) = (failing_since is null))
    """,
    "scheduling_busy": """
        source uuid not null,
        practitioner uuid not null,
        during tstzrange not null,
        constraint scheduling_busy_source_fkey
            foreign key (source) references scheduling_busy_source (id) on delete cascade,
        constraint scheduling_busy_during_check check (
            not isempty(during) and not lower_inf(during) and not upper_inf(during)
            and lower_inc(during) and not upper_inc(during))
    """,
}

INDEXES = (
    "create index scheduling_calendar_key_person_idx on scheduling_calendar_key (person) where revoked_at is null",
    "create index scheduling_busy_source_practitioner_idx on scheduling_busy_source (practitioner)",
    "create index scheduling_busy_source_idx on scheduling_busy (source)",
    "create index scheduling_busy_during_idx on scheduling_busy using gist (practitioner, during)",
)

OWN = "= nullif(current_setting('telegut.account', true), '')::uuid or current_setting('telegut.system', true) = 'on'"
POLICIES = {"scheduling_calendar_key": f"person {OWN}", "scheduling_busy_source": f"practitioner {OWN}"}
"""Keys and addresses exist for their owner alone. Busy times have no words; everybody who books may meet them."""


def upgrade() -> None:
    """Create them."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
    for statement in INDEXES:
        op.execute(statement)
    grant("scheduling_calendar_key", "select, insert, update")
    grant("scheduling_busy_source")
    grant("scheduling_busy", "select, insert, delete")
    for table, condition in POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy {table}_own on {table} to {APPLICATION_ROLE} using ({condition}) with check ({condition})"
        )


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
