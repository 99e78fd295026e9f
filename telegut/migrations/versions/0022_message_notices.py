"""Web push, how people want to be told, and the digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telegut.migrations.ground import APPLICATION_ROLE, grant

revision = "0022_message_notices"
down_revision = "0021_push"
branch_labels = None
depends_on = None

_APPOINTMENTS = (
    "'appointment.booked', 'appointment.moved', 'appointment.cancelled', 'appointment.reminder',"
    " 'appointment.form', 'appointment.look', 'waitlist.offer'"
)
_CHECKS = {
    "kind": f"kind in ('message', 'urgent', 'plan', 'report', {_APPOINTMENTS})",
    "starts_at": "(kind in ('message', 'urgent', 'plan', 'report')) = (starts_at is null)",
    "channel": "channel in ('mail', 'sms', 'push')",
}
_CHECKS_BEFORE = {
    "kind": f"kind in ('message', 'urgent', {_APPOINTMENTS})",
    "starts_at": "(kind in ('message', 'urgent')) = (starts_at is null)",
    "channel": "channel in ('mail', 'sms')",
}
_UNREAD = sa.text("kind = 'message' and seen_at is null")
_OWN = "person = nullif(current_setting('telegut.account', true), '')::uuid"
_SYSTEM = "current_setting('telegut.system', true) = 'on'"
_CHANNELS = "{0} <@ array['mail', 'sms', 'push']"


def upgrade() -> None:
    """
    Create them.

    A notice is telegut's own work. Choices and devices are each person's own: nobody else sees them, only the worker.
    """
    _check(_CHECKS)
    op.execute(
        "alter table notices_notice add column due_at timestamp with time zone not null default now(),"
        " add column sent_with uuid"
    )
    op.execute("update notices_notice set due_at = created_at")
    op.drop_index("notices_one_for_unread", "notices_notice")
    columns = ["recipient", "about", "channel", "version"]
    op.create_index("notices_one_for_unread", "notices_notice", columns, unique=True, postgresql_where=_UNREAD)
    waiting = sa.text("state = 'waiting'")
    op.create_index("notices_notice_waiting_idx", "notices_notice", ["recipient", "channel"], postgresql_where=waiting)
    op.drop_constraint("scheduling_reminder_channel_check", "scheduling_reminder")
    op.execute(
        f"alter table scheduling_reminder add constraint scheduling_reminder_channel_check check ({_CHECKS['channel']})"
    )
    _create_choices()
    _create_devices()


def _check(conditions: dict[str, str]) -> None:
    for name, condition in conditions.items():
        op.drop_constraint(f"notices_notice_{name}_check", "notices_notice")
        op.execute(f"alter table notices_notice add constraint notices_notice_{name}_check check ({condition})")


def _create_choices() -> None:
    channels: list[sa.Column[list[str]]] = [
        sa.Column(name, sa.ARRAY(sa.Text()), nullable=False) for name in ("message", "urgent", "plan", "report")
    ]
    op.create_table(
        "notices_choice",
        sa.Column("person", sa.Uuid(), nullable=False),
        *channels,
        sa.Column("visit_push", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("pace", sa.Text(), nullable=False),
        sa.Column("daily_at", sa.Time(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", name="notices_choice_pkey"),
        sa.ForeignKeyConstraint(["person"], ["accounts_person.id"], name="notices_choice_person_fkey"),
        *(
            sa.CheckConstraint(_CHANNELS.format(column.name), name=f"notices_choice_{column.name}_check")
            for column in channels
        ),
        sa.CheckConstraint("quiet in ('usual', 'hours', 'none')", name="notices_choice_quiet_check"),
        sa.CheckConstraint("pace in ('at_once', 'hourly', 'daily')", name="notices_choice_pace_check"),
    )
    grant("notices_choice", "select, insert, update")
    _protect_own("notices_choice")


def _create_devices() -> None:
    op.create_table(
        "notices_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="notices_device_pkey"),
        sa.ForeignKeyConstraint(["person"], ["accounts_person.id"], name="notices_device_person_fkey"),
        sa.UniqueConstraint("endpoint", name="notices_device_endpoint_key"),
        sa.CheckConstraint("length(endpoint) between 10 and 2000", name="notices_device_endpoint_check"),
        sa.CheckConstraint("octet_length(p256dh) = 65 and octet_length(auth) = 16", name="notices_device_keys_check"),
        sa.CheckConstraint("length(name) between 1 and 120", name="notices_device_name_check"),
    )
    op.create_index("notices_device_person_idx", "notices_device", ["person", "made_at"])
    grant("notices_device")
    _protect_own("notices_device")


def _protect_own(table: str) -> None:
    condition = f"{_OWN} or {_SYSTEM}"
    op.execute(f"alter table {table} enable row level security")
    op.execute(
        f"create policy {table}_own on {table} to {APPLICATION_ROLE} using ({condition}) with check ({condition})"
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("notices_device")
    op.drop_table("notices_choice")
    op.execute("delete from scheduling_reminder where channel = 'push'")
    op.drop_constraint("scheduling_reminder_channel_check", "scheduling_reminder")
    op.execute(
        "alter table scheduling_reminder add constraint scheduling_reminder_channel_check"
        f" check ({_CHECKS_BEFORE['channel']})"
    )
    op.execute("delete from notices_notice where kind in ('plan', 'report') or channel = 'push' or sent_with <> id")
    op.drop_index("notices_notice_waiting_idx", "notices_notice")
    op.drop_index("notices_one_for_unread", "notices_notice")
    op.execute("delete from notices_notice where kind = 'message' and (channel <> 'mail' or version > 0)")
    op.create_index(
        "notices_one_for_unread", "notices_notice", ["recipient", "about"], unique=True, postgresql_where=_UNREAD
    )
    op.drop_column("notices_notice", "sent_with")
    op.drop_column("notices_notice", "due_at")
    _check(_CHECKS_BEFORE)
