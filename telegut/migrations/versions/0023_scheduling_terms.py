"""Seats of group sessions that are kept for somebody who waits for one."""

from __future__ import annotations

from alembic import op

revision = "0023_scheduling_terms"
down_revision = "0022_message_notices"
branch_labels = None
depends_on = None

STATEMENTS = [
    "alter table scheduling_hold"
    " add column group_session uuid,"
    " add constraint scheduling_hold_group_session_fkey"
    " foreign key (group_session) references scheduling_group_session (id),"
    " add constraint scheduling_hold_seat_check"
    " check (group_session is null or (kind = 'offer' and patient is not null))",
    "create index scheduling_hold_group_session_idx on scheduling_hold (group_session)"
    " where appointment is null and released_at is null",
    # A seat that is kept counts as taken until its hold has ended: as an appointment, which is counted as every seat
    # is, or given back. Like scheduling_count_seats of 0012.
    """
    create function scheduling_count_kept_seats() returns trigger
    language plpgsql
    as $$
    declare
        before integer := 0;
        after integer := 0;
    begin
        if tg_op = 'UPDATE' and old.appointment is null and old.released_at is null then
            before := 1;
        end if;
        if new.appointment is null and new.released_at is null then
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
    create trigger scheduling_count_kept_seats after insert or update of appointment, released_at on scheduling_hold
    for each row when (new.group_session is not null) execute function scheduling_count_kept_seats()
    """,
]


def upgrade() -> None:
    """Keep seats."""
    for statement in STATEMENTS:
        op.execute(statement)
