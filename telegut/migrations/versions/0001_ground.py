"""Extensions, the application's role, and the tables of the ground floor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0001_ground"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what every other step stands on."""
    for extension in ("btree_gist", "pg_trgm", "citext", "unaccent"):
        op.execute(f"create extension if not exists {extension}")
    _role()
    _keys_and_audit()
    _idempotency_and_jobs()
    _mailboxes()


def _role() -> None:
    # Roles belong to the whole cluster: two databases may be migrated at once.
    op.execute(
        f"""do $$ begin
            create role {APPLICATION_ROLE} nologin;
        exception when duplicate_object or unique_violation then null; end $$"""
    )
    op.execute(
        f"""do $$ begin
            execute format('grant {APPLICATION_ROLE} to %I', current_user);
        exception when unique_violation or invalid_grant_operation then null; end $$"""
    )
    op.execute(f"grant usage on schema public to {APPLICATION_ROLE}")


def _keys_and_audit() -> None:
    op.create_table(
        "db_patient_key",
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("root", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("patient", name="db_patient_key_pkey"),
    )
    grant("db_patient_key", "select, insert, update")
    op.create_table(
        "db_audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=True),
        sa.Column("session", sa.Uuid(), nullable=True),
        sa.Column("visit", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="db_audit_pkey"),
    )
    op.create_index("db_audit_patient_at_idx", "db_audit", ["patient", "at"])
    # Nobody changes or removes what was written down.
    grant("db_audit", "select, insert")


def _idempotency_and_jobs() -> None:
    op.create_table(
        "web_idempotency",
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account", "target", "key", name="web_idempotency_pkey"),
    )
    op.create_index("web_idempotency_created_at_idx", "web_idempotency", ["created_at"])
    grant("web_idempotency")
    op.create_table(
        "jobs_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="jobs_job_pkey"),
        sa.UniqueConstraint("kind", "unique_key", name="jobs_job_kind_unique_key_key"),
    )
    op.create_index(
        "jobs_job_due_idx",
        "jobs_job",
        ["run_at"],
        postgresql_where=sa.text("done_at is null and parked_at is null"),
    )
    grant("jobs_job")


def _mailboxes() -> None:
    op.create_table(
        "realtime_epoch",
        sa.Column("only", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("epoch", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("only", name="realtime_epoch_pkey"),
        sa.CheckConstraint('"only"', name=op.f("realtime_epoch_only_check")),
    )
    op.execute("insert into realtime_epoch default values")
    grant("realtime_epoch", "select, update")
    op.create_table(
        "realtime_mailbox",
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kept_from", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("account", name="realtime_mailbox_pkey"),
    )
    grant("realtime_mailbox")
    op.create_table(
        "realtime_item",
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("account", "seq", name="realtime_item_pkey"),
    )
    op.create_index("realtime_item_at_idx", "realtime_item", ["at"])
    grant("realtime_item")


def downgrade() -> None:
    """Remove the ground floor; the role stays, since other databases may use it."""
    for table in (
        "realtime_item",
        "realtime_mailbox",
        "realtime_epoch",
        "jobs_job",
        "web_idempotency",
        "db_audit",
        "db_patient_key",
    ):
        op.drop_table(table)
