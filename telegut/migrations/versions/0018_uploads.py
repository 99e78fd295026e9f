"""Files that are sent with messages; their bytes are in a store beside the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0018_uploads"
down_revision = "0017_intake"
branch_labels = None
depends_on = None

# A file that is not for anybody yet is its owner's alone; from then on it belongs to the patient's record.
POLICY = f"""
create policy messaging_upload_care on messaging_upload to {APPLICATION_ROLE}
using (case when patient is null
    then owner::text = current_setting('telegut.account', true) or current_setting('telegut.system', true) = 'on'
    else accounts_may_see(patient) end)
with check (case when patient is null
    then owner::text = current_setting('telegut.account', true) or current_setting('telegut.system', true) = 'on'
    else accounts_may_see(patient) end)
"""


def upgrade() -> None:
    """Create the table; an entry of the log says how many files it has."""
    op.add_column(
        "messaging_entry", sa.Column("attachments", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_check_constraint(
        "messaging_entry_attachments_check",
        "messaging_entry",
        "attachments = 0 or attachments > 0 and type = 'message.sent'",
    )
    _uploads()
    op.execute("alter table messaging_upload enable row level security")
    op.execute(POLICY)
    grant("messaging_upload")


def _uploads() -> None:
    op.create_table(
        "messaging_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=True),
        sa.Column("conversation", sa.Uuid(), nullable=True),
        sa.Column("message", sa.Uuid(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("object", sa.Uuid(), nullable=True),
        sa.Column("thumbnail", sa.Uuid(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="messaging_upload_pkey"),
        sa.ForeignKeyConstraint(["owner"], ["accounts_person.id"], name="messaging_upload_owner_fkey"),
        sa.ForeignKeyConstraint(["patient"], ["accounts_patient.person"], name="messaging_upload_patient_fkey"),
        sa.ForeignKeyConstraint(
            ["conversation"], ["messaging_conversation.id"], name="messaging_upload_conversation_fkey"
        ),
        sa.ForeignKeyConstraint(["message"], ["messaging_entry.id"], name="messaging_upload_message_fkey"),
        sa.UniqueConstraint("message", "position", name="messaging_upload_position"),
        sa.CheckConstraint("state in ('pending', 'clean', 'refused')", name="messaging_upload_state_check"),
        sa.CheckConstraint("(state = 'refused') = (problem is not null)", name="messaging_upload_problem_check"),
        sa.CheckConstraint(
            "(state = 'clean') = (details is not null) and (state = 'refused') = (object is null)",
            name="messaging_upload_details_check",
        ),
        sa.CheckConstraint(
            "(message is null) = (position is null) and (message is null) = (sent_at is null)",
            name="messaging_upload_message_check",
        ),
        sa.CheckConstraint(
            "message is null or state = 'clean' and patient is not null and conversation is not null",
            name="messaging_upload_sent_check",
        ),
        sa.CheckConstraint("conversation is null or patient is not null", name="messaging_upload_conversation_check"),
    )
    op.create_index("messaging_upload_owner_idx", "messaging_upload", ["owner", "created_at"])
    op.create_index("messaging_upload_patient_idx", "messaging_upload", ["patient"])
    op.create_index(
        "messaging_upload_unsent_idx", "messaging_upload", ["created_at"], postgresql_where=sa.text("message is null")
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("messaging_upload")
    op.drop_constraint("messaging_entry_attachments_check", "messaging_entry")
    op.drop_column("messaging_entry", "attachments")
