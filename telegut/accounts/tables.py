"""People, what they may do, who cares for whom, and who is signed in. No clinical text lives here."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import CITEXT

from telegut.db.metadata import Id, Timestamp, metadata

person = Table(
    "accounts_person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", CITEXT, nullable=False),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("locale", Text, nullable=False, server_default="en"),
    Column("password", Text, nullable=True),  # an argon2 hash; null: nobody signs in with a password
    Column("otp_secret", LargeBinary, nullable=True),  # sealed under the root key; null: no second factor
    Column("otp_counter", BigInteger, nullable=True),  # the last time step whose code was used up
    Column("created_at", Timestamp, nullable=False),
    Column("disabled_at", Timestamp, nullable=True),
    UniqueConstraint("email", name="accounts_one_person_per_email"),
    CheckConstraint("length(btrim(name)) between 1 and 200", name="name"),
    CheckConstraint("length(email::text) between 3 and 254", name="email"),
)
"""Everybody with an account. ``email`` compares without regard to case."""

role = Table(
    "accounts_role",
    metadata,
    Column("person", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    CheckConstraint(
        "role in"
        " ('patient', 'guardian', 'consultant', 'nutritionist', 'interpreter', 'coordinator', 'admin', 'auditor')",
        name="known",
    ),
)

patient = Table(
    "accounts_patient",
    metadata,
    Column("person", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("minor", Boolean, nullable=False, server_default=text("false")),
    Column("care_version", Integer, nullable=False, server_default=text("1")),
)
"""One row for each patient. ``care_version`` counts changes of the care team; a writer locks this row first."""

care = Table(
    "accounts_care",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("member", Id, nullable=False),
    Column("role", Text, nullable=False),
    Column("since", Timestamp, nullable=False),
    Column("until", Timestamp, nullable=True),  # null: still in the team
    Column("ends_at", Timestamp, nullable=True),  # of a cover: when they leave by themselves
    Column("cover_for", Id, nullable=True),  # of a cover: for whom; null: for the whole team
    ForeignKeyConstraint(
        ["member", "role"], ["accounts_role.person", "accounts_role.role"], name="accounts_care_member_has_the_role"
    ),
    CheckConstraint("role in ('consultant', 'nutritionist')", name="role"),
    CheckConstraint("member <> patient", name="somebody_else"),
    CheckConstraint("until is null or until >= since", name="order"),
    CheckConstraint("cover_for is null or ends_at is not null", name="cover"),
    Index("accounts_care_one_current", "patient", "member", unique=True, postgresql_where=text("until is null")),
    Index("accounts_care_by_member", "member", postgresql_where=text("until is null")),
    Index("accounts_care_ending_idx", "ends_at", postgresql_where=text("until is null and ends_at is not null")),
)
"""Who is, and who was, in whose care team. Rows end; they are never deleted."""

guardian = Table(
    "accounts_guardian",
    metadata,
    Column("id", Id, primary_key=True),
    Column("guardian", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("scope", Text, nullable=False, server_default="act"),
    Column("since", Timestamp, nullable=False),
    Column("until", Timestamp, nullable=True),
    CheckConstraint("scope in ('act', 'read')", name="scope"),
    CheckConstraint("guardian <> patient", name="somebody_else"),
    CheckConstraint("until is null or until >= since", name="order"),
    Index("accounts_guardian_one_current", "patient", "guardian", unique=True, postgresql_where=text("until is null")),
    Index("accounts_guardian_by_guardian", "guardian", postgresql_where=text("until is null")),
)
"""Who acts for whom: ``act`` reads and writes, ``read`` only reads."""

session = Table(
    "accounts_session",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),  # SHA-256 of the token, which is itself kept nowhere
    Column("device", Text, nullable=False, server_default=""),
    Column("created_at", Timestamp, nullable=False),
    Column("seen_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("idle_s", Integer, nullable=True),  # null: no idle time-out
    Column("ended_at", Timestamp, nullable=True),
    UniqueConstraint("secret_hash", name="accounts_session_secret"),
    CheckConstraint("kind in ('browser', 'token')", name="kind"),
    CheckConstraint("length(device) <= 120", name="device"),
    Index("accounts_session_open", "person", postgresql_where=text("ended_at is null")),
)
"""One row for each sign-in, of a browser (cookie) or a program (bearer token)."""

attempt = Table(
    "accounts_attempt",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # SHA-256 of the account's e-mail or the address: neither is kept
    Column("failures", Integer, nullable=False),
    Column("last_at", Timestamp, nullable=False),
    Column("next_at", Timestamp, nullable=False),
)
"""Sign-ins that did not succeed, by account and by address, shared by all processes."""
