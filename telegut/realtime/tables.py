"""Mailboxes: a gap-free counter per account, and what happened under each number."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Table, Text, func, text, true
from sqlalchemy.dialects.postgresql import JSONB

from telegut.db.metadata import Id, Timestamp, metadata

epoch = Table(
    "realtime_epoch",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=true()),
    Column("epoch", Id, nullable=False, server_default=text("gen_random_uuid()")),
    CheckConstraint("only", name="only"),
)

mailbox = Table(
    "realtime_mailbox",
    metadata,
    Column("account", Id, primary_key=True),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    Column("acknowledged", BigInteger, nullable=False, server_default="0"),
    Column("kept_from", BigInteger, nullable=False, server_default="1"),
)

item = Table(
    "realtime_item",
    metadata,
    Column("account", Id, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Timestamp, nullable=False, server_default=func.now()),
    Column("type", Text, nullable=False),
    Column("patient", Id, nullable=True),
    Column("facts", JSONB, nullable=False),
)
Index("realtime_item_at_idx", item.c.at, postgresql_using="brin", postgresql_with={"pages_per_range": 16})
