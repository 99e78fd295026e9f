"""What the message writer asks of the database, in one question instead of four."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE

revision = "0024_stream"
down_revision = "0023_scheduling_terms"
branch_labels = None
depends_on = None

# Locks the conversations in sorted order; then says who takes part in them, who of those may write and see there as of
# now, and whether the log holds any of the sends already (lines number the senders, each in a conversation). plpgsql
# and volatile: every statement inside sees what was committed before it began, so what is read after the locks is true
# for as long as they are held. Rights are those of messaging_writers and accounts_may_see, for many people at once; a
# side thread of the team is seen by the team alone.
GROUND = """
create function messaging_ground(
    conversations uuid[], senders uuid[], lines integer[], client_ids text[],
    out ids uuid[], out patients uuid[], out ends bigint[],
    out places uuid[], out accounts uuid[], out writing boolean[], out seeing boolean[],
    out known boolean
)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
    kinds text[];
begin
    select array_agg(c.id), array_agg(c.patient), array_agg(c.last_seq), array_agg(c.kind)
    into ids, patients, ends, kinds
    from (
        select id, patient, last_seq, kind from messaging_conversation
        where id = any(conversations) order by id for no key update
    ) as c;
    select array_agg(m.conversation), array_agg(m.account), array_agg(own or cares or acts), array_agg(
        case when c.kind = 'team' then cares and not own else own or cares or guards end
    )
    into places, accounts, writing, seeing
    from unnest(ids, kinds) as c (id, kind)
    join messaging_member as m on m.conversation = c.id and m.until is null
    cross join lateral (
        select m.patient = m.account as own,
            exists (
                select from accounts_care as a where a.patient = m.patient and a.member = m.account and a.until is null
            ) as cares,
            exists (
                select from accounts_guardian as g
                where g.patient = m.patient and g.guardian = m.account and g.until is null and g.scope = 'act'
            ) as acts,
            exists (
                select from accounts_guardian as g
                where g.patient = m.patient and g.guardian = m.account and g.until is null
            ) as guards
    ) as rights;
    known := exists (
        select from unnest(lines, client_ids) as sent (line, client_id)
        join messaging_entry as e on e.conversation = conversations[sent.line] and e.sender = senders[sent.line]
            and e.client_id = sent.client_id
    );
end
$$
"""
SIGNATURE = "messaging_ground(uuid[], uuid[], integer[], text[])"


def upgrade() -> None:
    """Create it."""
    op.execute(GROUND)
    op.execute(f"revoke execute on function {SIGNATURE} from public")
    op.execute(f"grant execute on function {SIGNATURE} to {APPLICATION_ROLE}")


def downgrade() -> None:
    """Remove it."""
    op.execute(f"drop function {SIGNATURE}")
