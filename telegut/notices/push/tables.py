"""Devices that take push messages (RFC 8030): where to, and the keys that only they can open with (RFC 8291)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint

from telegut.db.metadata import Id, Timestamp, metadata

device = Table(
    "notices_device",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", LargeBinary, nullable=False),
    Column("auth", LargeBinary, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("used_at", Timestamp, nullable=True),
    UniqueConstraint("endpoint"),
    CheckConstraint("length(endpoint) between 10 and 2000", name="endpoint"),
    CheckConstraint("octet_length(p256dh) = 65 and octet_length(auth) = 16", name="keys"),
    CheckConstraint("length(name) between 1 and 120", name="name"),
    Index("notices_device_person_idx", "person", "made_at"),
)
"""
One browser of one person; another person who signs in there and turns push on takes it over.

``endpoint`` alone lets nobody send: push services take messages for it only with our VAPID signature (RFC 8292).
"""
