"""
What is known of a file. Its bytes lie in the store, under the random ids that ``object`` and ``thumbnail`` name.

``key`` is the file's own key, sealed under the patient's; name, details and bytes are sealed under it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Table, Text, func, text
from sqlalchemy import UniqueConstraint as Unique

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

upload = Table(
    "messaging_upload",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=True),  # null: for nobody yet
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), nullable=True),
    Column("message", Id, ForeignKey("messaging_entry.id"), nullable=True),  # null: not sent
    Column("position", SmallInteger, nullable=True),
    Column("state", Text, nullable=False),
    Column("problem", Text, nullable=True),  # a stable word
    Column("key", SealedColumn(), nullable=False),
    Column("name", SealedColumn(), nullable=False),
    Column("details", SealedColumn(), nullable=True),
    Column("object", Id, nullable=True),  # as it came while pending, as it was made anew when clean
    Column("thumbnail", Id, nullable=True),
    Column("size_bytes", BigInteger, nullable=False),  # of what lies under object and thumbnail, in clear
    Column("received_bytes", BigInteger, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("checked_at", Timestamp, nullable=True),
    Column("sent_at", Timestamp, nullable=True),
    Unique("message", "position", name="messaging_upload_position"),
    CheckConstraint("state in ('pending', 'clean', 'refused')", name="state"),
    CheckConstraint("(state = 'refused') = (problem is not null)", name="problem"),
    CheckConstraint(
        "(state = 'clean') = (details is not null) and (state = 'refused') = (object is null)", name="details"
    ),
    CheckConstraint("(message is null) = (position is null) and (message is null) = (sent_at is null)", name="message"),
    CheckConstraint(
        "message is null or state = 'clean' and patient is not null and conversation is not null", name="sent"
    ),
    CheckConstraint("conversation is null or patient is not null", name="conversation"),
    Index("messaging_upload_owner_idx", "owner", "created_at"),
    Index("messaging_upload_patient_idx", "patient"),
    Index("messaging_upload_unsent_idx", "created_at", postgresql_where=text("message is null")),
)
