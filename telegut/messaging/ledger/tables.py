"""What the reply ledger keeps: standings read from the log, promises, reasons, absences, and urgent steps."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

standing = Table(
    "messaging_standing",
    metadata,
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), primary_key=True),
    Column("patient", Id, nullable=False),
    Column("up_to", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Id, nullable=True),
    Column("since", Timestamp, nullable=True),
    Column("since_seq", BigInteger, nullable=True),
    Column("hands", JSONB, nullable=False, server_default=text("'[]'")),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("state in ('owed', 'waiting_for_patient', 'settled')", name="state"),
    CheckConstraint("(state = 'owed') = (since is not null) and (since is null) = (since_seq is null)", name="since"),
    CheckConstraint("version between 0 and up_to", name="version"),
)
"""
Where each conversation stood at number ``up_to`` of its log, from which a reader goes on: never the truth, only nearer.

``hands``: pairs of an instant and an account, or null for the team.
"""

promise = Table(
    "messaging_promise",
    metadata,
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("patient", Id, nullable=False),
    Column("since", Timestamp, nullable=False),
    Column("due", Timestamp, nullable=True),
    Column("worker", Id, nullable=True),
    Column("ended_at", Timestamp, nullable=True),
    Column("ended_by", Id, nullable=True),
    Column("ending", Text, nullable=True),
    Column("worked_s", Integer, nullable=True),
    CheckConstraint("ending in ('answered', 'waiting', 'settled')", name="ending_known"),
    CheckConstraint("(ended_at is null) = (ending is null) and (ended_at is null) = (worked_s is null)", name="ending"),
    Index("messaging_promise_since_idx", "since"),
)
"""
Every answer that was owed, from message ``seq`` on. ``due`` is what the patient was told at first and stays so;
``worker``: who had it last, null: the team; ``worked_s``: working time until it ended.
"""

handover = Table(
    "messaging_handover",
    metadata,
    Column("entry", Id, ForeignKey("messaging_entry.id"), primary_key=True),
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), nullable=False),
    Column("patient", Id, nullable=False),
    Column("author", Id, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("reason", SealedColumn(), nullable=False),
    Index("messaging_handover_conversation_idx", "conversation", "at"),
)
"""Why a conversation was handed over or put aside, for the care team only: the log, which everybody reads, has none."""

away = Table(
    "messaging_away",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("cover", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("from_day", Date, nullable=False),
    Column("until_day", Date, nullable=False),
    Column("zone", Text, nullable=False),
    Column("from_at", Timestamp, nullable=False),
    Column("until_at", Timestamp, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ended_at", Timestamp, nullable=True),
    CheckConstraint("cover <> person", name="somebody_else"),
    CheckConstraint("until_day >= from_day and until_at > from_at", name="order"),
    Index("messaging_one_away", "person", unique=True, postgresql_where=text("ended_at is null")),
    Index("messaging_away_person_idx", "person", "until_at"),
)
"""Who is away, both days included on the wall of ``zone``, and who answers meanwhile. Rows end; they stay."""

on_call = Table(
    "messaging_on_call",
    metadata,
    Column("place", SmallInteger, primary_key=True, autoincrement=False),
    Column("person", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("hours", Text, nullable=False, server_default=text("''")),
    CheckConstraint("place between 1 and 50", name="place"),
    CheckConstraint("length(hours) <= 200", name="hours"),
)
"""Who is told about urgent messages that nobody reads, in this order. ``hours`` on the clinic's wall; empty: always."""

on_call_list = Table(
    "messaging_on_call_list",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint('"only"', name="only"),
)
"""One row: how often the list was changed."""

escalation = Table(
    "messaging_escalation",
    metadata,
    Column("message", Id, ForeignKey("messaging_entry.id"), primary_key=True),
    Column("step", SmallInteger, primary_key=True, autoincrement=False),
    Column("conversation", Id, nullable=False),
    Column("patient", Id, nullable=False),
    Column("person", Id, nullable=True),
    Column("at", Timestamp, nullable=False),
    CheckConstraint("step between 1 and 100", name="step"),
)
"""Each step of an urgent message on its way to somebody who reads it; ``person`` null: the whole team was told."""
