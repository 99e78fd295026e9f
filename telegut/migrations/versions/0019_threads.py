"""Side threads, mentions, citations, saved replies, scheduled messages, search, retention."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant, protect

revision = "0019_threads"
down_revision = "0018_uploads"
branch_labels = None
depends_on = None

# A side thread of the care team does not exist for anybody else, in SQL either: not for the patient, whose rows these
# otherwise are, nor for somebody who came by a personal link.
TEAM_MAY_SEE = """
create function messaging_team_may_see(patient uuid) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    me uuid;
begin
    if current_setting('telegut.system', true) = 'on' then
        return true;
    end if;
    if coalesce(current_setting('telegut.scope_patient', true), '') <> '' then
        return false;
    end if;
    me := nullif(current_setting('telegut.account', true), '')::uuid;
    return me is distinct from $1
        and exists (select from public.accounts_care as c where c.patient = $1 and c.member = me and c.until is null);
end
$$
"""
# Who takes part in a side thread is in the care team; never the patient, never somebody who acts for them.
TEAM_MEMBERS = """
create function messaging_check_team_member() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    about record;
begin
    select kind, patient into about from public.messaging_conversation where id = new.conversation;
    if about.kind = 'team' and new.until is null and (
        new.account = about.patient
        or exists (
            select from public.accounts_guardian as g
            where g.patient = about.patient and g.guardian = new.account and g.until is null
        )
        or not exists (
            select from public.accounts_care as c
            where c.patient = about.patient and c.member = new.account and c.until is null
        )
    ) then
        raise exception 'a side thread is the care team''s alone'
            using errcode = 'check_violation', constraint = 'messaging_member_of_the_team', table = 'messaging_member';
    end if;
    return new;
end
$$
"""
KIND_STAYS = """
create function messaging_kind_stays() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    raise exception 'a conversation stays of its kind, and its patient''s'
        using errcode = 'check_violation', constraint = 'messaging_kind_stays', table = 'messaging_conversation';
end
$$
"""
# The one way by which words leave the log: the application may only add to it. It takes no date and no patient: the
# clinic's policy and the database's clock say what is old, and a legal hold beats both. What was removed is in the
# audit, in the same transaction. The rows stay, so that numbers have no gap.
PURGE = """
create function messaging_purge(at_most integer) returns table (conversation uuid, patient uuid, removed bigint)
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with policy as (
        select now() - make_interval(years => keep_years) as before
        from public.messaging_retention where keep_years is not null
    ), old as (
        select e.conversation, e.seq
        from public.messaging_entry as e, policy
        where e.body is not null and e.at < policy.before
            and not exists (
                select from public.messaging_hold as h where h.patient = e.patient and h.lifted_at is null
            )
        order by e.at limit at_most
        for update of e skip locked
    ), emptied as (
        update public.messaging_entry as e set body = null, extras = null, purged_at = now()
        from old where e.conversation = old.conversation and e.seq = old.seq
        returning e.conversation, e.patient, e.id, e.seq, e.type, e.about
    ), forgotten as (
        delete from public.messaging_token as t using emptied as e
        where t.conversation = e.conversation and t.seq = e.seq
    ), counted as (
        select e.conversation, e.patient, count(*) as removed from emptied as e group by e.conversation, e.patient
    ), written as (
        insert into public.db_audit (id, actor, patient, action, what, object, request_id)
        select gen_random_uuid(), 'telegut: retention', patient, 'purge', 'conversation', conversation, 'retention'
        from counted
    )
    select c.conversation, c.patient, c.removed from counted as c;
end
$$
"""
# Erasure destroys a patient's key. While a record is held for a court, it cannot.
HOLD_KEEPS = """
create function messaging_hold_keeps_key() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if exists (select from public.messaging_hold where patient = old.patient and lifted_at is null) then
        raise exception 'the record is held'
            using errcode = 'check_violation', constraint = 'messaging_hold_keeps_key', table = 'db_patient_key';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$
"""
FUNCTIONS = {
    "messaging_team_may_see(uuid)": TEAM_MAY_SEE,
    "messaging_check_team_member()": TEAM_MEMBERS,
    "messaging_kind_stays()": KIND_STAYS,
    "messaging_purge(integer)": PURGE,
    "messaging_hold_keeps_key()": HOLD_KEEPS,
}
CALLED = ("messaging_team_may_see(uuid)", "messaging_purge(integer)")
"""Functions that the application calls by itself."""
TRIGGERS = (
    "create trigger messaging_member_of_the_team before insert or update of conversation, account, until"
    " on messaging_member for each row execute function messaging_check_team_member()",
    "create trigger messaging_kind_stays before update of kind, patient, id on messaging_conversation"
    " for each row execute function messaging_kind_stays()",
    "create trigger messaging_hold_keeps_key before update of wrapped on db_patient_key"
    " for each row when (old.wrapped is not null and new.wrapped is null)"
    " execute function messaging_hold_keeps_key()",
)

TABLES = {
    "messaging_scheduled": """
        id uuid constraint messaging_scheduled_pkey primary key,
        patient uuid not null constraint messaging_scheduled_patient_fkey references accounts_patient (person),
        conversation uuid not null
            constraint messaging_scheduled_conversation_fkey references messaging_conversation (id),
        sender uuid not null constraint messaging_scheduled_sender_fkey references accounts_person (id),
        client_id text not null,
        version integer not null default 1,
        state text not null,
        urgent boolean not null default false,
        body bytea,
        send_at timestamptz not null,
        made_at timestamptz not null,
        settled_at timestamptz,
        seq bigint,
        constraint messaging_scheduled_once unique (conversation, sender, client_id),
        constraint messaging_scheduled_state_check
            check (state in ('waiting', 'sent', 'cancelled', 'refused')),
        constraint messaging_scheduled_settled_at_check check ((settled_at is null) = (state = 'waiting')),
        constraint messaging_scheduled_body_check check ((body is not null) = (state in ('waiting', 'refused'))),
        constraint messaging_scheduled_seq_check check ((seq is not null) = (state = 'sent'))
    """,
    "messaging_saved_reply": """
        id uuid constraint messaging_saved_reply_pkey primary key,
        owner uuid constraint messaging_saved_reply_owner_fkey references accounts_person (id),
        title text not null,
        body text not null,
        version integer not null default 1,
        changed_at timestamptz not null,
        changed_by uuid not null
    """,
    "messaging_token": """
        conversation uuid not null constraint messaging_token_conversation_fkey references messaging_conversation (id),
        token bytea not null,
        seq bigint not null,
        patient uuid not null,
        constraint messaging_token_pkey primary key (conversation, token, seq)
    """,
    "messaging_indexed": """
        conversation uuid constraint messaging_indexed_pkey primary key
            constraint messaging_indexed_conversation_fkey references messaging_conversation (id),
        patient uuid not null,
        up_to bigint not null default 0
    """,
    "messaging_retention": """
        id integer constraint messaging_retention_pkey primary key,
        keep_years integer,
        version integer not null default 1,
        changed_at timestamptz,
        changed_by uuid,
        constraint messaging_retention_one_check check (id = 1),
        constraint messaging_retention_keep_years_check check (keep_years between 1 and 100)
    """,
    "messaging_hold": """
        id uuid constraint messaging_hold_pkey primary key,
        patient uuid not null constraint messaging_hold_patient_fkey references accounts_patient (person),
        reason bytea not null,
        placed_at timestamptz not null,
        placed_by uuid not null,
        lifted_at timestamptz,
        lifted_by uuid,
        lift_reason bytea,
        constraint messaging_hold_lifted_check
            check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason is null))
    """,
}
RIGHTS = {
    "messaging_scheduled": "select, insert, update",
    "messaging_saved_reply": "select, insert, update, delete",
    "messaging_token": "select, insert, delete",
    "messaging_indexed": "select, insert, update",
    "messaging_retention": "select, update",
    "messaging_hold": "select, insert, update",
}
PROTECTED = ("messaging_scheduled", "messaging_token", "messaging_indexed")
INDEXES = (
    "create index messaging_scheduled_sender_idx on messaging_scheduled (sender, send_at)",
    "create index messaging_saved_reply_owner_idx on messaging_saved_reply (owner)",
    "create index messaging_token_seq_idx on messaging_token (conversation, seq)",
    "create unique index messaging_one_hold on messaging_hold (patient) where lifted_at is null",
    "create index messaging_entry_at_idx on messaging_entry (at) where body is not null",
)


def upgrade() -> None:
    """Create them."""
    _log()
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
        grant(table, RIGHTS[table])
    for index in INDEXES:
        op.execute(index)
    for table in PROTECTED:
        protect(table)
    op.execute("insert into messaging_retention (id) values (1)")
    for name, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"revoke execute on function {name} from public")
    for name in CALLED:
        op.execute(f"grant execute on function {name} to {APPLICATION_ROLE}")
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.execute(
        f"create policy messaging_conversation_team on messaging_conversation as restrictive to {APPLICATION_ROLE} "
        "using (kind <> 'team' or messaging_team_may_see(patient))"
    )


def _log() -> None:
    """What a message carries beside its words; kinds of conversations; entries whose words were removed."""
    op.execute("alter table messaging_entry add column extras bytea, add column purged_at timestamptz")
    _replace_check("messaging_conversation", "kind", "kind in ('care', 'topic', 'team')")
    _replace_check("messaging_conversation", "subject", "(kind <> 'care') = (subject is not null)")
    _replace_check(
        "messaging_entry",
        "body",
        "(body is not null) = (type in ('message.sent', 'message.edited') and purged_at is null)",
    )
    op.execute(
        "alter table messaging_entry add constraint messaging_entry_extras_check"
        " check (extras is null or type = 'message.sent' and body is not null)"
    )


def _replace_check(table: str, name: str, condition: str) -> None:
    op.execute(f"alter table {table} drop constraint {table}_{name}_check")
    op.execute(f"alter table {table} add constraint {table}_{name}_check check ({condition})")


def downgrade() -> None:
    """Remove them; fails while there are side threads or removed words, which the former schema cannot hold."""
    op.execute("drop policy messaging_conversation_team on messaging_conversation")
    op.execute("drop trigger messaging_hold_keeps_key on db_patient_key")
    op.execute("drop trigger messaging_kind_stays on messaging_conversation")
    op.execute("drop trigger messaging_member_of_the_team on messaging_member")
    for name in FUNCTIONS:
        op.execute(f"drop function {name}")
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
    op.execute("alter table messaging_entry drop constraint messaging_entry_extras_check")
    _replace_check("messaging_conversation", "kind", "kind in ('care', 'topic')")
    _replace_check("messaging_conversation", "subject", "(kind = 'topic') = (subject is not null)")
    _replace_check("messaging_entry", "body", "(body is not null) = (type in ('message.sent', 'message.edited'))")
    op.execute("drop index messaging_entry_at_idx")
    op.execute("alter table messaging_entry drop column extras, drop column purged_at")
