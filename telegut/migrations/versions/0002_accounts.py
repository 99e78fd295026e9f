"""The tables of accounts, and who may see a patient's rows."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0002_accounts"
down_revision = "0001_ground"
branch_labels = None
depends_on = None

TABLES = {
    "accounts_person": """
        id uuid not null,
        email citext not null,
        name text not null,
        zone text not null,
        locale text not null default 'en',
        password text,
        otp_secret bytea,
        otp_counter bigint,
        created_at timestamptz not null,
        disabled_at timestamptz,
        constraint accounts_person_pkey primary key (id),
        constraint accounts_one_person_per_email unique (email),
        constraint accounts_person_name_check check (length(btrim(name)) between 1 and 200),
        constraint accounts_person_email_check check (length(email::text) between 3 and 254)
    """,
    "accounts_role": """
        person uuid not null,
        role text not null,
        constraint accounts_role_pkey primary key (person, role),
        constraint accounts_role_person_fkey foreign key (person) references accounts_person (id),
        constraint accounts_role_known_check check (
            role in ('patient', 'guardian', 'consultant', 'nutritionist', 'coordinator', 'admin', 'auditor'))
    """,
    "accounts_patient": """
        person uuid not null,
        minor boolean not null default false,
        care_version integer not null default 1,
        constraint accounts_patient_pkey primary key (person),
        constraint accounts_patient_person_fkey foreign key (person) references accounts_person (id)
    """,
    "accounts_care": """
        id uuid not null,
        patient uuid not null,
        member uuid not null,
        role text not null,
        since timestamptz not null,
        until timestamptz,
        constraint accounts_care_pkey primary key (id),
        constraint accounts_care_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint accounts_care_member_has_the_role
            foreign key (member, role) references accounts_role (person, role),
        constraint accounts_care_role_check check (role in ('consultant', 'nutritionist')),
        constraint accounts_care_somebody_else_check check (member <> patient),
        constraint accounts_care_order_check check (until is null or until >= since)
    """,
    "accounts_guardian": """
        id uuid not null,
        guardian uuid not null,
        patient uuid not null,
        scope text not null default 'act',
        since timestamptz not null,
        until timestamptz,
        constraint accounts_guardian_pkey primary key (id),
        constraint accounts_guardian_guardian_fkey foreign key (guardian) references accounts_person (id),
        constraint accounts_guardian_patient_fkey foreign key (patient) references accounts_patient (person),
        constraint accounts_guardian_scope_check check (scope in ('act', 'read')),
        constraint accounts_guardian_somebody_else_check check (guardian <> patient),
        constraint accounts_guardian_order_check check (until is null or until >= since)
    """,
    "accounts_session": """
        id uuid not null,
        person uuid not null,
        kind text not null,
        secret_hash bytea not null,
        device text not null default '',
        created_at timestamptz not null,
        seen_at timestamptz not null,
        expires_at timestamptz not null,
        idle_s integer,
        ended_at timestamptz,
        constraint accounts_session_pkey primary key (id),
        constraint accounts_session_secret unique (secret_hash),
        constraint accounts_session_person_fkey foreign key (person) references accounts_person (id),
        constraint accounts_session_kind_check check (kind in ('browser', 'token')),
        constraint accounts_session_device_check check (length(device) <= 120)
    """,
    "accounts_attempt": """
        key bytea not null,
        failures integer not null,
        last_at timestamptz not null,
        next_at timestamptz not null,
        constraint accounts_attempt_pkey primary key (key)
    """,
}

INDEXES = (
    "create unique index accounts_care_one_current on accounts_care (patient, member) where until is null",
    "create index accounts_care_by_member on accounts_care (member) where until is null",
    "create unique index accounts_guardian_one_current on accounts_guardian (patient, guardian) where until is null",
    "create index accounts_guardian_by_guardian on accounts_guardian (guardian) where until is null",
    "create index accounts_session_open on accounts_session (person) where ended_at is null",
)

# Runs with the rights of the migration's owner, so that a policy can look into the care team whatever the caller
# may see; hence the fixed search_path. Not strict and not parallel: the answer depends on the transaction's settings.
MAY_SEE = """
create function accounts_may_see(patient uuid) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    me uuid;
begin
    if current_setting('telegut.system', true) = 'on' then
        return true;
    end if;
    if current_setting('telegut.scope_patient', true) = $1::text then
        return true;
    end if;
    me := nullif(current_setting('telegut.account', true), '')::uuid;
    if me is null then
        return false;
    end if;
    return me = $1
        or exists (select from public.accounts_care as c where c.patient = $1 and c.member = me and c.until is null)
        or exists (
            select from public.accounts_guardian as g where g.patient = $1 and g.guardian = me and g.until is null
        );
end
$$
"""


def upgrade() -> None:
    """Create them, and let the application use them. People and care teams are ended, never deleted."""
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, "select, insert, update")
    for statement in INDEXES:
        op.execute(statement)
    op.execute("grant delete on accounts_role, accounts_attempt, accounts_session to " + APPLICATION_ROLE)
    op.execute(MAY_SEE)
    op.execute("revoke execute on function accounts_may_see(uuid) from public")
    op.execute(f"grant execute on function accounts_may_see(uuid) to {APPLICATION_ROLE}")


def downgrade() -> None:
    """Remove them."""
    op.execute("drop function accounts_may_see(uuid)")
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
