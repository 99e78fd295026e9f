"""
Conversations, who takes part, and the log.

``messaging_entry`` is written once and never changed: edits, retractions, read markers and members are entries of
their own. Retention alone takes words out of it, by a function of the database.
Whoever adds an entry locks the conversation's row first, so numbers commit in order and without a gap.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

conversation = Table(
    "messaging_conversation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("kind", Text, nullable=False),  # care: the one place of a patient and their team; topic; team
    Column("subject", SealedColumn(), nullable=True),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("last_message_seq", BigInteger, nullable=False, server_default="0"),
    Column("last_message_at", Timestamp, nullable=True),
    Column("created_at", Timestamp, nullable=False),
    Column("created_by", Id, nullable=True),  # null: made by telegut
    CheckConstraint("kind in ('care', 'topic', 'team')", name="kind"),
    CheckConstraint("(kind <> 'care') = (subject is not null)", name="subject"),
    CheckConstraint("last_message_seq between 0 and last_seq", name="last_seq"),
    Index("messaging_one_care_conversation", "patient", unique=True, postgresql_where=text("kind = 'care'")),
    Index("messaging_conversation_patient_idx", "patient"),
)

member = Table(
    "messaging_member",
    metadata,
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), primary_key=True),
    Column("account", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("patient", Id, nullable=False),
    Column("since", Timestamp, nullable=False),
    Column("until", Timestamp, nullable=True),  # null: takes part
    Column("read_up_to", BigInteger, nullable=False, server_default="0"),
    Column("cover_for", Id, nullable=True),  # of who came along into a topic: for whom they stand in
    CheckConstraint("read_up_to >= 0", name="read_up_to"),
    Index("messaging_member_account_idx", "account", postgresql_where=text("until is null")),
)

entry = Table(
    "messaging_entry",
    metadata,
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("patient", Id, nullable=False),
    Column("type", Text, nullable=False),
    Column("sender", Id, nullable=True),  # null: telegut
    Column("client_id", Text, nullable=True),
    Column("about", Id, nullable=True),  # the message edited or retracted, the account added, removed or reading
    Column("up_to", BigInteger, nullable=True),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("body", SealedColumn(), nullable=True),
    Column("attachments", SmallInteger, nullable=False, server_default=text("0")),  # how many; see uploads/
    Column("at", Timestamp, nullable=False),
    Column("extras", SealedColumn(), nullable=True),  # see `telegut.messaging.extras`
    Column("purged_at", Timestamp, nullable=True),  # when its words were removed, see `telegut.messaging.retention`
    UniqueConstraint("id", name="messaging_entry_id_key"),
    UniqueConstraint("conversation", "sender", "client_id", name="messaging_one_send"),
    CheckConstraint(
        "type in ('message.sent', 'message.edited', 'message.retracted', 'read', 'member.added', 'member.removed',"
        " 'assigned', 'unassigned', 'waiting', 'settled')",
        name="type",
    ),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint(
        "(body is not null) = (type in ('message.sent', 'message.edited') and purged_at is null)", name="body"
    ),
    CheckConstraint("extras is null or type = 'message.sent' and body is not null", name="extras"),
    CheckConstraint(
        "(type = 'message.sent') = (client_id is not null) and (client_id is null or sender is not null)",
        name="client_id",
    ),
    CheckConstraint("(about is null) = (type = 'message.sent')", name="about"),
    CheckConstraint("(up_to is not null) = (type = 'read')", name="up_to"),
    CheckConstraint("attachments = 0 or attachments > 0 and type = 'message.sent'", name="attachments"),
    Index("messaging_entry_urgent_idx", "at", postgresql_where=text("urgent")),
    Index("messaging_retracted_once", "about", unique=True, postgresql_where=text("type = 'message.retracted'")),
    Index("messaging_entry_at_idx", "at", postgresql_using="brin", postgresql_with={"pages_per_range": 16}),
    Index(
        "messaging_entry_edits_idx",
        "about",
        "seq",
        postgresql_where=text("type = 'message.edited'"),
    ),
)
