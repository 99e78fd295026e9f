"""What opens somebody's visits to their calendar program: digests of secrets, never the secrets."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from telegut.db.metadata import Id, Timestamp, metadata

calendar_key = Table(
    "scheduling_calendar_key",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("opens", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("shows", Text, nullable=False, server_default="nothing"),
    Column("digest", LargeBinary, nullable=False),
    Column("made_at", Timestamp, nullable=False, server_default=func.now()),
    Column("used_at", Timestamp, nullable=True),
    Column("revoked_at", Timestamp, nullable=True),
    UniqueConstraint("digest", name="scheduling_one_key_per_digest"),
    CheckConstraint("opens in ('feed', 'caldav')", name="opens"),
    CheckConstraint("length(btrim(name)) between 1 and 60", name="name"),
    CheckConstraint("shows in ('nothing', 'initials')", name="shows"),
    CheckConstraint("length(digest) = 32", name="digest"),
    Index("scheduling_calendar_key_person_idx", "person", postgresql_where=text("revoked_at is null")),
)
"""One row for each feed (``opens`` the address with the secret in it) and each app password of CalDAV."""
