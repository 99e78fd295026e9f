"""Notices: what was to be said to whom, and what became of it. No column can hold a word about anybody's health."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

notice = Table(
    "notices_notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("recipient", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Id, nullable=False),  # a conversation, message, plan, report, appointment, offer
    Column("version", Integer, nullable=False, server_default="0"),  # a revision; of messages: which time it is said
    Column("minutes_before", Integer, nullable=False, server_default="0"),  # of a reminder
    Column("channel", Text, nullable=False, server_default="mail"),
    Column("starts_at", Timestamp, nullable=True),
    Column("zone", Text, nullable=True),
    Column("expires_at", Timestamp, nullable=True),  # of an offer: not sent any more from then on
    Column("ready", Boolean, nullable=True),  # of a reminder: whether camera and sound were checked
    Column("link", SealedColumn(), nullable=True),  # a personal link is a key: sealed, and gone once it was sent
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("problem", Text, nullable=True),  # the server's code, never its words
    Column("created_at", Timestamp, nullable=False),
    Column("due_at", Timestamp, nullable=False, server_default=func.now()),  # not before
    Column("sent_with", Id, nullable=True),  # the notice whose mail says this too; its own id once it leads
    Column("settled_at", Timestamp, nullable=True),  # sent, no longer needed, or given up
    Column("seen_at", Timestamp, nullable=True),  # what it was about was seen in telegut
    CheckConstraint(
        "kind in ('message', 'urgent', 'plan', 'report', 'appointment.booked', 'appointment.moved',"
        " 'appointment.cancelled', 'appointment.reminder', 'appointment.form', 'appointment.look', 'waitlist.offer')",
        name="kind",
    ),
    CheckConstraint("channel in ('mail', 'sms', 'push')", name="channel"),
    CheckConstraint("minutes_before between 0 and 525600", name="minutes_before"),
    CheckConstraint("state in ('waiting', 'sent', 'settled', 'not_configured', 'refused')", name="state"),
    CheckConstraint("(state = 'waiting') = (settled_at is null)", name="settled_at"),
    CheckConstraint("(kind in ('message', 'urgent', 'plan', 'report')) = (starts_at is null)", name="starts_at"),
    CheckConstraint("(starts_at is null) = (zone is null)", name="zone"),
    CheckConstraint("problem is null or length(problem) <= 40", name="problem"),
    Index(
        "notices_one_for_unread",
        "recipient",
        "about",
        "channel",
        "version",
        unique=True,
        postgresql_where=text("kind = 'message' and seen_at is null"),
    ),
    Index(
        "notices_one_for_each_change",
        "recipient",
        "about",
        "kind",
        "version",
        "minutes_before",
        "channel",
        unique=True,
        postgresql_where=text("kind <> 'message'"),
    ),
    Index("notices_notice_state_idx", "state", "created_at"),
    Index("notices_notice_waiting_idx", "recipient", "channel", postgresql_where=text("state = 'waiting'")),
)

contact = Table(
    "notices_contact",
    metadata,
    Column("person", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("reminders", Text, nullable=False),
    Column("changes_by_mail", Boolean, nullable=False),
    Column("mobile", Text, nullable=True),
    Column("verified_at", Timestamp, nullable=True),
    Column("changed_at", Timestamp, nullable=False),
    CheckConstraint("reminders in ('mail', 'sms', 'both', 'none')", name="reminders"),
    CheckConstraint("mobile ~ '^[+][1-9][0-9]{6,14}$'", name="mobile"),
    CheckConstraint("verified_at is null or mobile is not null", name="verified"),
)
"""
How somebody wants to be reached; who has no row is reached as `telegut.notices.contacts.Contact` says by default.

``mobile`` is E.164 (ITU-T E.164: up to 15 digits). Text messages go to verified numbers only. ``changes_by_mail``:
whether a practitioner gets a mail with the calendar file for every booking, move and cancellation; patients always do.
"""

mobile_code = Table(
    "notices_mobile_code",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("mobile", Text, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("used_at", Timestamp, nullable=True),
    CheckConstraint("mobile ~ '^[+][1-9][0-9]{6,14}$'", name="mobile"),
    CheckConstraint("expires_at > made_at", name="expiry"),
    CheckConstraint("tries between 0 and 100", name="tries"),
    Index("notices_mobile_code_person_idx", "person", "made_at"),
)
"""A code sent to a number to see that it is somebody's own. The code itself is derived from ``id``, never kept."""
