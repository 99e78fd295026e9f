"""Every interpretation of a report is kept, and a signed one never changes; consent to research is a row of its own."""

from __future__ import annotations

from alembic import op

from telegut.migrations.ground import grant, protect

revision = "0038_report_versions"
down_revision = "0037_evidence"
branch_labels = None
depends_on = None

VERSION = """
create table reports_version (
    id uuid constraint reports_version_pkey primary key,
    patient uuid not null,
    report uuid not null constraint reports_version_report_fkey references reports_report,
    number integer not null constraint reports_version_number_check check (number >= 1),
    parser_version text not null,
    findings bytea not null,
    content_hash bytea not null constraint reports_version_content_hash_check check (octet_length(content_hash) = 32),
    interpreted_at timestamptz not null,
    signed_by uuid,
    signed_at timestamptz,
    constraint reports_version_once unique (report, number),
    constraint reports_version_signed_check check ((signed_by is null) = (signed_at is null))
)
"""

# A person of the care team of that moment signs, once; nothing else of a row can ever change.
KEEPS_ITS_WORD = """
create function reports_version_keeps_its_word() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.signed_by is not null then
            raise exception 'an interpretation is signed after it was made' using errcode = 'restrict_violation';
        end if;
        return new;
    end if;
    if tg_op = 'DELETE' or old.signed_by is not null
        or row(new.id, new.patient, new.report, new.number, new.parser_version, new.findings, new.content_hash,
               new.interpreted_at)
           is distinct from row(old.id, old.patient, old.report, old.number, old.parser_version, old.findings,
               old.content_hash, old.interpreted_at)
    then
        raise exception 'an interpretation never changes' using errcode = 'restrict_violation';
    end if;
    if new.signed_by is not null and not exists (
        select from public.accounts_care as c
        where c.patient = new.patient and c.member = new.signed_by and c.until is null
    ) then
        raise exception 'only the care team signs' using errcode = 'check_violation',
            constraint = 'reports_version_signer_is_of_the_team';
    end if;
    return new;
end $$
"""

CONSENT = """
create table reports_research_consent (
    id uuid constraint reports_research_consent_pkey primary key,
    patient uuid not null constraint reports_research_consent_patient_fkey references accounts_patient (person),
    number integer not null constraint reports_research_consent_number_check check (number >= 1),
    given boolean not null,
    words text not null,
    decided_at timestamptz not null,
    decided_by uuid not null,
    constraint reports_research_consent_once unique (patient, number)
)
"""


def upgrade() -> None:
    """Make them."""
    op.execute(VERSION)
    op.execute("create index reports_version_patient_idx on reports_version (patient)")
    grant("reports_version", "select, insert, update (signed_by, signed_at)")
    protect("reports_version")
    op.execute(KEEPS_ITS_WORD)
    op.execute("revoke execute on function reports_version_keeps_its_word() from public")
    op.execute(
        "create trigger reports_version_keeps_its_word before insert or update or delete on reports_version"
        " for each row execute function reports_version_keeps_its_word()"
    )
    op.execute("alter table reports_report add column reread_with text")
    op.execute(CONSENT)
    grant("reports_research_consent", "select, insert")
    protect("reports_research_consent")


def downgrade() -> None:
    """Remove them."""
    op.execute("drop table reports_research_consent")
    op.execute("alter table reports_report drop column reread_with")
    op.execute("drop table reports_version")
    op.execute("drop function reports_version_keeps_its_word()")
