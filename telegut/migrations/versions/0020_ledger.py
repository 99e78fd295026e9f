"""Who owes the next answer, and who covers for whom."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant, protect

revision = "0020_ledger"
down_revision = "0019_threads"
branch_labels = None
depends_on = None

TABLES = {
    "messaging_standing": """
        conversation uuid not null,
        patient uuid not null,
        up_to bigint not null,
        version bigint not null,
        state text not null,
        owner uuid,
        since timestamptz,
        since_seq bigint,
        hands jsonb not null default '[]',
        urgent boolean not null default false,
        constraint messaging_standing_pkey primary key (conversation),
        constraint messaging_standing_conversation_fkey
            foreign key (conversation) references messaging_conversation (id),
        constraint messaging_standing_state_check check (state in ('owed', 'waiting_for_patient', 'settled')),
        constraint messaging_standing_since_check
            check ((state = 'owed') = (since is not null) and (since is null) = (since_seq is null)),
        constraint messaging_standing_version_check check (version between 0 and up_to)
    """,
    "messaging_promise": """
        conversation uuid not null,
        seq bigint not null,
        patient uuid not null,
        since timestamptz not null,
        due timestamptz,
        worker uuid,
        ended_at timestamptz,
        ended_by uuid,
        ending text,
        worked_s integer,
        constraint messaging_promise_pkey primary key (conversation, seq),
        constraint messaging_promise_conversation_fkey
            foreign key (conversation) references messaging_conversation (id),
        constraint messaging_promise_ending_known_check check (ending in ('answered', 'waiting', 'settled')),
        constraint messaging_promise_ending_check
            check ((ended_at is null) = (ending is null) and (ended_at is null) = (worked_s is null))
    """,
    "messaging_handover": """
        entry uuid not null,
        conversation uuid not null,
        patient uuid not null,
        author uuid not null,
        at timestamptz not null,
        reason bytea not null,
        constraint messaging_handover_pkey primary key (entry),
        constraint messaging_handover_entry_fkey foreign key (entry) references messaging_entry (id),
        constraint messaging_handover_conversation_fkey
            foreign key (conversation) references messaging_conversation (id)
    """,
    "messaging_away": """
        id uuid not null,
        person uuid not null,
        cover uuid not null,
        from_day date not null,
        until_day date not null,
        zone text not null,
        from_at timestamptz not null,
        until_at timestamptz not null,
        version integer not null,
        ended_at timestamptz,
        constraint messaging_away_pkey primary key (id),
        constraint messaging_away_person_fkey foreign key (person) references accounts_person (id),
        constraint messaging_away_cover_fkey foreign key (cover) references accounts_person (id),
        constraint messaging_away_somebody_else_check check (cover <> person),
        constraint messaging_away_order_check check (until_day >= from_day and until_at > from_at)
    """,
    "messaging_on_call": """
        place smallint not null,
        person uuid not null,
        hours text not null default '',
        constraint messaging_on_call_pkey primary key (place),
        constraint messaging_on_call_person_fkey foreign key (person) references accounts_person (id),
        constraint messaging_on_call_place_check check (place between 1 and 50),
        constraint messaging_on_call_hours_check check (length(hours) <= 200)
    """,
    "messaging_on_call_list": """
        "only" boolean not null default true,
        version integer not null default 1,
        constraint messaging_on_call_list_pkey primary key ("only"),
        constraint messaging_on_call_list_only_check check ("only")
    """,
    "messaging_escalation": """
        message uuid not null,
        step smallint not null,
        conversation uuid not null,
        patient uuid not null,
        person uuid,
        at timestamptz not null,
        constraint messaging_escalation_pkey primary key (message, step),
        constraint messaging_escalation_message_fkey foreign key (message) references messaging_entry (id),
        constraint messaging_escalation_step_check check (step between 1 and 100)
    """,
}

INDEXES = (
    "create index messaging_promise_since_idx on messaging_promise (since)",
    "create index messaging_handover_conversation_idx on messaging_handover (conversation, at)",
    "create unique index messaging_one_away on messaging_away (person) where ended_at is null",
    "create index messaging_away_person_idx on messaging_away (person, until_at)",
    "create index messaging_entry_urgent_idx on messaging_entry (at) where urgent",
    "create index accounts_care_ending_idx on accounts_care (ends_at) where until is null and ends_at is not null",
)

# The patient's side may see everything of their record except what the team says about its own work.
TEAM_ONLY = f"""
create policy messaging_handover_team on messaging_handover to {APPLICATION_ROLE}
using (messaging_team_may_see(patient)) with check (messaging_team_may_see(patient))
"""

ENTRY_TYPES = (
    "'message.sent', 'message.edited', 'message.retracted', 'read', 'member.added', 'member.removed', 'assigned',"
    " 'unassigned', 'waiting', 'settled'"
)
KINDS = (
    "'message', 'urgent', 'appointment.booked', 'appointment.moved', 'appointment.cancelled', 'appointment.reminder',"
    " 'appointment.form', 'appointment.look', 'waitlist.offer'"
)


def upgrade() -> None:
    """Create the tables; a membership of a care team may have an end; the log and the notices know more words."""
    op.execute("alter table accounts_care add column cover_for uuid, add column ends_at timestamptz")
    op.execute(
        "alter table accounts_care add constraint accounts_care_cover_check"
        " check (cover_for is null or ends_at is not null)"
    )
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
    for statement in INDEXES:
        op.execute(statement)
    _rights()
    op.execute("insert into messaging_on_call_list default values")
    _words()


def _rights() -> None:
    for table in ("messaging_standing", "messaging_promise"):
        grant(table, "select, insert, update")
        protect(table)
    grant("messaging_escalation", "select, insert")
    protect("messaging_escalation")
    grant("messaging_handover", "select, insert")
    op.execute("alter table messaging_handover enable row level security")
    op.execute(TEAM_ONLY)
    grant("messaging_away", "select, insert, update")
    grant("messaging_on_call", "select, insert, delete")
    grant("messaging_on_call_list", "select, update")


def _words() -> None:
    _check("messaging_entry", "messaging_entry_type_check", f"type in ({ENTRY_TYPES})")
    _check("notices_notice", "notices_notice_kind_check", f"kind in ({KINDS})")
    _check("notices_notice", "notices_notice_starts_at_check", "(kind in ('message', 'urgent')) = (starts_at is null)")


def _check(table: str, name: str, rule: str) -> None:
    op.execute(f"alter table {table} drop constraint {name}")
    op.execute(f"alter table {table} add constraint {name} check ({rule})")


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
    op.execute("drop index messaging_entry_urgent_idx")
    op.execute("alter table accounts_care drop column cover_for, drop column ends_at")
