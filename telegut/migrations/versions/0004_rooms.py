"""The tables of rooms: visits, seats, what happened, connections, links, tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from telegut.migrations.ground import grant

revision = "0004_rooms"
down_revision = "0003_scheduling"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    _visits()
    _seats()
    _happened()
    _connections()
    _links()
    _tickets()


def downgrade() -> None:
    """Remove them."""
    for table in ("ticket", "link", "connection", "event", "seat", "visit"):
        op.drop_table(f"rooms_{table}")


def _visits() -> None:
    op.create_table(
        "rooms_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment", sa.Uuid(), nullable=False),
        sa.Column("patient", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("panel", postgresql.JSONB(), nullable=True),
        sa.Column("first_start", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="rooms_visit_pkey"),
        sa.ForeignKeyConstraint(["patient"], ["accounts_person.id"], name="rooms_visit_patient_fkey"),
        sa.UniqueConstraint("appointment", name="rooms_one_visit_per_appointment"),
        sa.CheckConstraint("phase in ('scheduled', 'open', 'live', 'ended')", name="rooms_visit_phase_check"),
        sa.CheckConstraint(
            "outcome in ('attended', 'patient_absent', 'practitioner_absent', 'technical')",
            name="rooms_visit_outcome_check",
        ),
        sa.CheckConstraint("(phase = 'ended') = (ended_at is not null)", name="rooms_visit_ended_check"),
    )
    grant("rooms_visit")


def _seats() -> None:
    op.create_table(
        "rooms_seat",
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("host", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("knocked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("admitted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("visit", "account", name="rooms_seat_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_seat_visit_fkey"),
        sa.ForeignKeyConstraint(["account"], ["accounts_person.id"], name="rooms_seat_account_fkey"),
        sa.CheckConstraint(
            "state in ('expected', 'checking', 'waiting', 'admitted', 'inside', 'away', 'left')",
            name="rooms_seat_state_check",
        ),
    )
    op.create_index("rooms_seat_waiting_idx", "rooms_seat", ["visit"], postgresql_where=sa.text("state = 'waiting'"))
    op.create_index("rooms_seat_account_idx", "rooms_seat", ["account"])
    grant("rooms_seat")


def _happened() -> None:
    op.create_table(
        "rooms_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="rooms_event_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_event_visit_fkey"),
    )
    op.create_index("rooms_event_visit_idx", "rooms_event", ["visit", "id"])
    op.create_index(
        "rooms_event_media_once",
        "rooms_event",
        ["visit", "account", "word"],
        unique=True,
        postgresql_where=sa.text("word in ('media_flows', 'media_failed')"),
    )
    grant("rooms_event", "select, insert")


def _connections() -> None:
    op.create_table(
        "rooms_connection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("process", sa.Uuid(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="rooms_connection_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_connection_visit_fkey"),
    )
    op.create_index(
        "rooms_connection_one_per_seat",
        "rooms_connection",
        ["visit", "account"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        "rooms_connection_seen_idx", "rooms_connection", ["seen_at"], postgresql_where=sa.text("closed_at is null")
    )
    grant("rooms_connection")


def _links() -> None:
    op.create_table(
        "rooms_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="rooms_link_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_link_visit_fkey"),
        sa.ForeignKeyConstraint(["account"], ["accounts_person.id"], name="rooms_link_account_fkey"),
        sa.UniqueConstraint("digest", name="rooms_link_digest"),
        sa.UniqueConstraint("visit", "account", "generation", name="rooms_link_generation"),
    )
    op.create_index(
        "rooms_link_one_current",
        "rooms_link",
        ["visit", "account"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null"),
    )
    grant("rooms_link")


def _tickets() -> None:
    op.create_table(
        "rooms_ticket",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("session", sa.Uuid(), nullable=True),
        sa.Column("link", sa.Uuid(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="rooms_ticket_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_ticket_visit_fkey"),
        sa.ForeignKeyConstraint(["link"], ["rooms_link.id"], name="rooms_ticket_link_fkey"),
    )
    op.create_index("rooms_ticket_expires_idx", "rooms_ticket", ["expires_at"])
    grant("rooms_ticket")
