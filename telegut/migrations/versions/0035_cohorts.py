"""Comparison groups, their figures, and which one a report was compared with."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import grant, protect

revision = "0035_cohorts"
down_revision = "0034_encryption"
branch_labels = None
depends_on = None

COHORT = """
create table reports_cohort (
    id uuid constraint reports_cohort_pkey primary key,
    name text not null,
    version integer not null constraint reports_cohort_version_check check (version >= 1),
    state text not null constraint reports_cohort_state_check check (state in ('draft', 'approved', 'withdrawn')),
    people integer not null constraint reports_cohort_people_check check (people >= 5),
    about jsonb not null,
    findings jsonb not null,
    figures bytea not null,
    file_hash bytea not null,
    figures_hash bytea not null,
    loaded_at timestamptz not null,
    loaded_by uuid not null,
    approved_at timestamptz,
    approved_by uuid,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    withdrawn_why text,
    constraint reports_cohort_name_version unique (name, version),
    constraint reports_cohort_hashes_check
        check (octet_length(file_hash) = 32 and octet_length(figures_hash) = 32),
    constraint reports_cohort_approved_check
        check ((state = 'draft') = (approved_at is null) and (approved_at is null) = (approved_by is null)),
    constraint reports_cohort_two_people_check check (approved_by <> loaded_by),
    constraint reports_cohort_withdrawn_check
        check ((state = 'withdrawn') = (withdrawn_at is not null)
            and num_nonnulls(withdrawn_at, withdrawn_by, withdrawn_why) in (0, 3))
)
"""

# A draft may be approved or thrown away; an approved one may be withdrawn; nothing else of a row ever changes.
STAYS = """
create function reports_cohort_stays() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'DELETE' then
        if old.state <> 'draft' then
            raise exception 'a comparison group that was approved stays' using errcode = 'restrict_violation';
        end if;
        return old;
    end if;
    if (old.state, new.state) not in (('draft', 'approved'), ('approved', 'withdrawn'))
        or row(new.id, new.name, new.version, new.people, new.about, new.findings, new.figures, new.file_hash,
               new.figures_hash, new.loaded_at, new.loaded_by)
           is distinct from row(old.id, old.name, old.version, old.people, old.about, old.findings, old.figures,
               old.file_hash, old.figures_hash, old.loaded_at, old.loaded_by)
        or old.state = 'approved' and (new.approved_at, new.approved_by) <> (old.approved_at, old.approved_by)
    then
        raise exception 'a comparison group never changes' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""

COMPARED = """
create table reports_compared (
    report uuid not null constraint reports_compared_report_fkey references reports_report,
    report_version integer not null,
    patient uuid not null,
    cohort text not null,
    cohort_version integer not null,
    since timestamptz not null,
    constraint reports_compared_pkey primary key (report, report_version, cohort),
    constraint reports_compared_versions_check check (report_version >= 1 and cohort_version >= 1)
)
"""


def upgrade() -> None:
    """Make them."""
    op.execute(COHORT)
    grant(
        "reports_cohort",
        "select, insert, delete, update (state, approved_at, approved_by, withdrawn_at, withdrawn_by, withdrawn_why)",
    )
    op.execute(STAYS)
    op.execute("revoke execute on function reports_cohort_stays() from public")
    op.execute(
        "create trigger reports_cohort_stays before update or delete on reports_cohort"
        " for each row execute function reports_cohort_stays()"
    )
    op.execute(COMPARED)
    grant("reports_compared", "select, insert")
    protect("reports_compared")


def downgrade() -> None:
    """Remove them."""
    op.execute("drop table reports_compared")
    op.execute("drop table reports_cohort")
    op.execute("drop function reports_cohort_stays()")
