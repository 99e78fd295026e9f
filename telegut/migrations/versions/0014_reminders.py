"""Reminders, their answers, and text messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import grant

revision = "0014_reminders"
down_revision = "0013_waitlist"
branch_labels = None
depends_on = None

_KINDS_BEFORE = "kind in ('message', 'appointment.booked', 'appointment.moved', 'appointment.cancelled')"
_KINDS = (
    "kind in ('message', 'appointment.booked', 'appointment.moved', 'appointment.cancelled',"
    " 'appointment.reminder', 'appointment.form', 'appointment.look', 'waitlist.offer')"
)
_ONE_CHANGE = ["recipient", "about", "kind", "version"]
_IS_CHANGE = sa.text("kind <> 'message'")
_MOBILE = "mobile ~ '^[+][1-9][0-9]{6,14}$'"


def upgrade() -> None:
    """
    Create them.

    None of it is protected by care: reminders and notices are telegut's own work, without clinical content, and how
    somebody is reached is between them and telegut.
    """
    _widen_notices()
    _create_contacts()
    _create_reminders()
    _create_checks()


def _widen_notices() -> None:
    op.add_column("notices_notice", sa.Column("minutes_before", sa.Integer(), server_default="0", nullable=False))
    op.add_column("notices_notice", sa.Column("channel", sa.Text(), server_default="mail", nullable=False))
    op.add_column("notices_notice", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notices_notice", sa.Column("ready", sa.Boolean(), nullable=True))
    op.drop_constraint("notices_notice_kind_check", "notices_notice")
    op.execute(f"alter table notices_notice add constraint notices_notice_kind_check check ({_KINDS})")
    op.execute(
        "alter table notices_notice add constraint notices_notice_channel_check check (channel in ('mail', 'sms')),"
        " add constraint notices_notice_minutes_before_check check (minutes_before between 0 and 525600)"
    )
    op.drop_index("notices_one_for_each_change", "notices_notice")
    op.create_index(
        "notices_one_for_each_change",
        "notices_notice",
        [*_ONE_CHANGE, "minutes_before", "channel"],
        unique=True,
        postgresql_where=_IS_CHANGE,
    )


def _create_contacts() -> None:
    op.create_table(
        "notices_contact",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("reminders", sa.Text(), nullable=False),
        sa.Column("changes_by_mail", sa.Boolean(), nullable=False),
        sa.Column("mobile", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", name="notices_contact_pkey"),
        sa.ForeignKeyConstraint(["person"], ["accounts_person.id"], name="notices_contact_person_fkey"),
        sa.CheckConstraint("reminders in ('mail', 'sms', 'both', 'none')", name="notices_contact_reminders_check"),
        sa.CheckConstraint(_MOBILE, name="notices_contact_mobile_check"),
        sa.CheckConstraint("verified_at is null or mobile is not null", name="notices_contact_verified_check"),
    )
    op.create_table(
        "notices_mobile_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("mobile", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="notices_mobile_code_pkey"),
        sa.ForeignKeyConstraint(["person"], ["accounts_person.id"], name="notices_mobile_code_person_fkey"),
        sa.CheckConstraint(_MOBILE, name="notices_mobile_code_mobile_check"),
        sa.CheckConstraint("expires_at > made_at", name="notices_mobile_code_expiry_check"),
        sa.CheckConstraint("tries between 0 and 100", name="notices_mobile_code_tries_check"),
    )
    op.create_index("notices_mobile_code_person_idx", "notices_mobile_code", ["person", "made_at"])
    grant("notices_contact", "select, insert, update")
    grant("notices_mobile_code", "select, insert, update, delete")


def _create_reminders() -> None:
    op.add_column(
        "scheduling_policy",
        sa.Column("reminder_minutes", sa.ARRAY(sa.Integer()), server_default=sa.text("'{1440,60}'"), nullable=False),
    )
    op.execute(
        "alter table scheduling_policy add constraint scheduling_policy_reminders_check"
        " check (cardinality(reminder_minutes) <= 5 and 5 <= all (reminder_minutes)"
        " and 20160 >= all (reminder_minutes))"
    )
    op.create_table(
        "scheduling_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="scheduling_reminder_pkey"),
        sa.ForeignKeyConstraint(
            ["appointment"], ["scheduling_appointment.id"], name="scheduling_reminder_appointment_fkey"
        ),
        sa.ForeignKeyConstraint(["recipient"], ["accounts_person.id"], name="scheduling_reminder_recipient_fkey"),
        sa.UniqueConstraint(
            "appointment", "revision", "minutes_before", "recipient", "channel", name="scheduling_reminder_once"
        ),
        sa.CheckConstraint("revision >= 1", name="scheduling_reminder_revision_check"),
        sa.CheckConstraint("minutes_before between 5 and 20160", name="scheduling_reminder_minutes_before_check"),
        sa.CheckConstraint("channel in ('mail', 'sms')", name="scheduling_reminder_channel_check"),
        sa.CheckConstraint(
            "state in ('waiting', 'sent', 'passed', 'stale', 'over', 'superseded', 'unwanted')",
            name="scheduling_reminder_state_check",
        ),
        sa.CheckConstraint("(state = 'waiting') = (settled_at is null)", name="scheduling_reminder_settled_at_check"),
    )
    op.create_index(
        "scheduling_reminder_due_idx",
        "scheduling_reminder",
        ["due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    grant("scheduling_reminder", "select, insert, update")
    op.add_column("scheduling_appointment", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("scheduling_appointment", sa.Column("confirmed_by", sa.Uuid(), nullable=True))
    op.add_column("scheduling_appointment", sa.Column("confirmed_sequence", sa.Integer(), nullable=True))
    op.execute(
        "alter table scheduling_appointment add constraint scheduling_appointment_confirmed_check"
        " check (num_nonnulls(confirmed_at, confirmed_by, confirmed_sequence) in (0, 3))"
    )
    op.create_foreign_key(
        "scheduling_appointment_confirmed_by_fkey",
        "scheduling_appointment",
        "accounts_person",
        ["confirmed_by"],
        ["id"],
    )


def _create_checks() -> None:
    op.create_table(
        "rooms_check",
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("visit", "account", name="rooms_check_pkey"),
        sa.ForeignKeyConstraint(["visit"], ["rooms_visit.id"], name="rooms_check_visit_fkey"),
        sa.ForeignKeyConstraint(["account"], ["accounts_person.id"], name="rooms_check_account_fkey"),
    )
    grant("rooms_check", "select, insert, update")


def downgrade() -> None:
    """Remove them."""
    op.drop_table("rooms_check")
    op.drop_column("scheduling_appointment", "confirmed_sequence")
    op.drop_column("scheduling_appointment", "confirmed_by")
    op.drop_column("scheduling_appointment", "confirmed_at")
    op.drop_table("scheduling_reminder")
    op.drop_column("scheduling_policy", "reminder_minutes")
    op.drop_table("notices_mobile_code")
    op.drop_table("notices_contact")
    op.execute("delete from notices_notice where channel <> 'mail' or not (" + _KINDS_BEFORE + ")")
    op.drop_index("notices_one_for_each_change", "notices_notice")
    op.create_index(
        "notices_one_for_each_change", "notices_notice", _ONE_CHANGE, unique=True, postgresql_where=_IS_CHANGE
    )
    op.drop_constraint("notices_notice_kind_check", "notices_notice")
    op.execute(f"alter table notices_notice add constraint notices_notice_kind_check check ({_KINDS_BEFORE})")
    for column in ("ready", "expires_at", "channel", "minutes_before"):
        op.drop_column("notices_notice", column)
