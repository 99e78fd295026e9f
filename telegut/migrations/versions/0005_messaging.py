"""The tables of messaging, and who may write in a conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant, protect

revision = "0005_messaging"
down_revision = "0004_rooms"
branch_labels = None
depends_on = None

# Asked by the message writer, which commits for many senders in one transaction and so cannot be one of them. Of the
# pairs given, those that take part in the conversation and are the patient, a guardian who acts, or in the care team at
# this moment. plpgsql, because it keeps its plan for the life of the writer's connection.
WRITERS = """
create function messaging_writers(conversations uuid[], accounts uuid[]) returns table (conversation uuid, account uuid)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select m.conversation, m.account
    from unnest(conversations, accounts) as wanted (conversation, account)
    join messaging_member as m
        on m.conversation = wanted.conversation and m.account = wanted.account and m.until is null
    where m.patient = m.account
        or exists (
            select from accounts_care as c where c.patient = m.patient and c.member = m.account and c.until is null
        )
        or exists (
            select from accounts_guardian as g
            where g.patient = m.patient and g.guardian = m.account and g.until is null and g.scope = 'act'
        );
end
$$
"""


def upgrade() -> None:
    """Create them."""
    _conversations()
    _members()
    _entries()
    op.execute(WRITERS)


def _conversations() -> None:
    op.create_table(
        "messaging_conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_message_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="messaging_conversation_pkey"),
        sa.ForeignKeyConstraint(["patient"], ["accounts_patient.person"], name="messaging_conversation_patient_fkey"),
        sa.CheckConstraint("kind in ('care', 'topic')", name="messaging_conversation_kind_check"),
        sa.CheckConstraint("(kind = 'topic') = (subject is not null)", name="messaging_conversation_subject_check"),
        sa.CheckConstraint("last_message_seq between 0 and last_seq", name="messaging_conversation_last_seq_check"),
    )
    op.create_index(
        "messaging_one_care_conversation",
        "messaging_conversation",
        ["patient"],
        unique=True,
        postgresql_where=sa.text("kind = 'care'"),
    )
    op.create_index("messaging_conversation_patient_idx", "messaging_conversation", ["patient"])
    op.create_index("messaging_conversation_last_message_at_idx", "messaging_conversation", ["last_message_at"])
    grant("messaging_conversation", "select, insert, update")
    protect("messaging_conversation")


def _members() -> None:
    op.create_table(
        "messaging_member",
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_up_to", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("conversation", "account", name="messaging_member_pkey"),
        sa.ForeignKeyConstraint(
            ["conversation"], ["messaging_conversation.id"], name="messaging_member_conversation_fkey"
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts_person.id"], name="messaging_member_account_fkey"),
        sa.CheckConstraint("read_up_to >= 0", name="messaging_member_read_up_to_check"),
    )
    op.create_index(
        "messaging_member_account_idx", "messaging_member", ["account"], postgresql_where=sa.text("until is null")
    )
    grant("messaging_member", "select, insert, update")
    protect("messaging_member")


def _entries() -> None:
    op.create_table(
        "messaging_entry",
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("sender", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("up_to", sa.BigInteger(), nullable=True),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "seq", name="messaging_entry_pkey"),
        sa.ForeignKeyConstraint(
            ["conversation"], ["messaging_conversation.id"], name="messaging_entry_conversation_fkey"
        ),
        sa.UniqueConstraint("id", name="messaging_entry_id_key"),
        sa.UniqueConstraint("conversation", "sender", "client_id", name="messaging_one_send"),
        sa.CheckConstraint(
            "type in ('message.sent', 'message.edited', 'message.retracted', 'read', 'member.added',"
            " 'member.removed', 'assigned')",
            name="messaging_entry_type_check",
        ),
        sa.CheckConstraint("seq >= 1", name="messaging_entry_seq_check"),
        sa.CheckConstraint(
            "(body is not null) = (type in ('message.sent', 'message.edited'))", name="messaging_entry_body_check"
        ),
        sa.CheckConstraint(
            "(type = 'message.sent') = (client_id is not null) and (client_id is null or sender is not null)",
            name="messaging_entry_client_id_check",
        ),
        sa.CheckConstraint("(about is null) = (type = 'message.sent')", name="messaging_entry_about_check"),
        sa.CheckConstraint("(up_to is not null) = (type = 'read')", name="messaging_entry_up_to_check"),
    )
    op.create_index(
        "messaging_retracted_once",
        "messaging_entry",
        ["about"],
        unique=True,
        postgresql_where=sa.text("type = 'message.retracted'"),
    )
    op.create_index(
        "messaging_entry_edits_idx",
        "messaging_entry",
        ["about", "seq"],
        postgresql_where=sa.text("type = 'message.edited'"),
    )
    # Nothing in the log is changed or removed.
    grant("messaging_entry", "select, insert")
    protect("messaging_entry")


def downgrade() -> None:
    """Remove them."""
    op.execute("drop function messaging_writers(uuid[], uuid[])")
    for table in ("messaging_entry", "messaging_member", "messaging_conversation"):
        op.drop_table(table)
