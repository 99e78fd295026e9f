"""
What rooms remember: visits, seats, what happened, who is connected, links and tickets.

No clinical text lives here, and no secret: links and tickets are kept as SHA-256 digests. The times of a visit are
not here either; the appointment has them, so a moved appointment moves its room.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from telegut.db.metadata import Id, Timestamp, metadata

visits = Table(
    "rooms_visit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("appointment", Id, nullable=True),
    Column("patient", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("phase", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("started_at", Timestamp, nullable=True),
    Column("ended_at", Timestamp, nullable=True),
    Column("outcome", Text, nullable=True),
    Column("panel", JSONB, nullable=True),
    Column("forwarded", Boolean, nullable=False, server_default=false()),
    Column("encrypted", Boolean, nullable=True),
    Column("first_start", Timestamp, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    UniqueConstraint("appointment", name="rooms_one_visit_per_appointment"),
    CheckConstraint("phase in ('scheduled', 'open', 'live', 'ended')", name="phase"),
    CheckConstraint(
        "outcome in ('attended', 'patient_absent', 'practitioner_absent', 'technical')",
        name="outcome",
    ),
    CheckConstraint("(phase = 'ended') = (ended_at is not null)", name="ended"),
    CheckConstraint("(patient is null) = (appointment is null)", name="group"),
)
"""One row a visit: `telegut.rooms.rules.visit.Visit` without its seats. *panel* is what the host shows: names and ids;
*forwarded*: its media goes by our forwarder; *encrypted*: end to end then, null as the clinic's setting says;
*first_start* is when it was to begin as its links went out, so that a moved visit can say so. A group has several
patients, each with a seat, and no *patient* or *appointment* of its own."""

seats = Table(
    "rooms_seat",
    metadata,
    Column("visit", Id, ForeignKey("rooms_visit.id"), primary_key=True),
    Column("account", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("host", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("knocked", Boolean, nullable=False, server_default=false()),
    Column("admitted", Boolean, nullable=False, server_default=false()),
    Column("since", Timestamp, nullable=True),
    Column("patient", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Column("barred", Boolean, nullable=False, server_default=false()),
    Column("hand_at", Timestamp, nullable=True),
    Column("invited_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("consent", Text, nullable=True),
    Column("agreed_by", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("refused_by", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("panels", Text, nullable=True),
    CheckConstraint("consent in ('asked', 'given', 'refused')", name="consent"),
    CheckConstraint("panels in ('asked', 'given', 'refused')", name="panels"),
    CheckConstraint(
        "state in ('expected', 'checking', 'waiting', 'admitted', 'inside', 'away', 'left')",
        name="state",
    ),
)
"""*patient*: for whom a guest of a group is here; *withdrawn*: given back before the session, or the invitation ended;
*barred*: sent out for the rest of the visit; *invited_by*: the host who asked them in by a link; *agreed_by* and
*refused_by*: the patients of a group who said so to this guest; *panels*: what the patient said to showing this guest
what is shown beside the video, null while no host asked."""
Index("rooms_seat_waiting_idx", seats.c.visit, postgresql_where=text("state = 'waiting'"))
Index("rooms_seat_account_idx", seats.c.account)

happened = Table(
    "rooms_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("visit", Id, ForeignKey("rooms_visit.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("word", Text, nullable=False),
    Column("account", Id, nullable=True),
    Column("by", Id, nullable=True),
)
"""Everything that happened in a visit, appended under the visit's row lock: the evidence for its outcome."""
Index("rooms_event_visit_idx", happened.c.visit, happened.c.id)
Index(
    "rooms_event_media_once",
    happened.c.visit,
    happened.c.account,
    happened.c.word,
    unique=True,
    postgresql_where=text("word in ('media_flows', 'media_failed')"),
)

connections = Table(
    "rooms_connection",
    metadata,
    Column("id", Id, primary_key=True),
    Column("visit", Id, ForeignKey("rooms_visit.id"), nullable=False),
    Column("account", Id, nullable=False),
    Column("process", Id, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("seen_at", Timestamp, nullable=False),
    Column("closed_at", Timestamp, nullable=True),
    Column("device", Text, nullable=True),
)
"""One row a socket; its process says every few seconds that it still holds it, so a dead process is noticed.
*device*: what the page calls itself, the same over a reload; None when it did not say."""
Index(
    "rooms_connection_one_per_seat",
    connections.c.visit,
    connections.c.account,
    unique=True,
    postgresql_where=text("closed_at is null"),
)
Index("rooms_connection_seen_idx", connections.c.seen_at, postgresql_where=text("closed_at is null"))

links = Table(
    "rooms_link",
    metadata,
    Column("id", Id, primary_key=True),
    Column("visit", Id, ForeignKey("rooms_visit.id"), nullable=False),
    Column("account", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("revoked_at", Timestamp, nullable=True),
    Column("expires_at", Timestamp, nullable=True),
    UniqueConstraint("digest", name="rooms_link_digest"),
    UniqueConstraint("visit", "account", "generation", name="rooms_link_generation"),
)
"""The personal link of one person to one visit; a revoked one is followed by the next generation. Only an invited
guest's has an end: *expires_at*."""
Index(
    "rooms_link_one_current",
    links.c.visit,
    links.c.account,
    unique=True,
    postgresql_where=text("revoked_at is null"),
)

tickets = Table(
    "rooms_ticket",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("visit", Id, ForeignKey("rooms_visit.id"), nullable=False),
    Column("account", Id, nullable=False),
    Column("session", Id, nullable=True),
    Column("link", Id, ForeignKey("rooms_link.id"), nullable=True),
    Column("expires_at", Timestamp, nullable=False),
    Column("used_at", Timestamp, nullable=True),
)
"""A key to one seat for one socket, once, within seconds. Who is signed in has a session; who came by link a link."""
Index("rooms_ticket_expires_idx", tickets.c.expires_at)

checks = Table(
    "rooms_check",
    metadata,
    Column("visit", Id, ForeignKey("rooms_visit.id"), primary_key=True),
    Column("account", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("passed_at", Timestamp, nullable=False),
)
"""When somebody's own browser last said that camera and sound work for this visit."""
