"""Messages that wait for their moment; sealed until then, and no longer kept here once they are in the log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

scheduled = Table(
    "messaging_scheduled",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), nullable=False),
    Column("sender", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state", Text, nullable=False),  # waiting, sent, cancelled, refused
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("body", SealedColumn(), nullable=True),
    Column("send_at", Timestamp, nullable=False),
    Column("made_at", Timestamp, nullable=False),  # when these words were written
    Column("settled_at", Timestamp, nullable=True),
    Column("seq", BigInteger, nullable=True),  # of the message it became
    UniqueConstraint("conversation", "sender", "client_id", name="messaging_scheduled_once"),
    CheckConstraint("state in ('waiting', 'sent', 'cancelled', 'refused')", name="state"),
    CheckConstraint("(settled_at is null) = (state = 'waiting')", name="settled_at"),
    CheckConstraint("(body is not null) = (state in ('waiting', 'refused'))", name="body"),
    CheckConstraint("(seq is not null) = (state = 'sent')", name="seq"),
    Index("messaging_scheduled_sender_idx", "sender", "send_at"),
)
