"""The rows of ``notices_notice`` that something to be said becomes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.notices.planning import Planner
from telegut.notices.rules import (
    AppointmentNotice,
    Channel,
    Kind,
    MessageNotice,
    NewsNotice,
    Notice,
    OfferNotice,
    State,
    UrgentNotice,
)
from telegut.notices.tables import notice


async def rows_of(tx: Transaction, new: Notice, planner: Planner, vault: Vault, now: datetime) -> list[dict[str, Any]]:
    """One row for each channel by which *new* goes; of what nobody wants one that is settled already."""
    row: dict[str, Any] = {"recipient": new.to, "patient": new.patient, "created_at": now}
    if isinstance(new, MessageNotice | NewsNotice):
        return await _chosen(tx, new, row | _told(new), planner, now)
    row |= {"id": new_id(), "due_at": now, "channel": new.channel.value}
    if isinstance(new, UrgentNotice):
        return [row | {"kind": Kind.URGENT.value, "about": new.message, "version": new.step}]
    key = await vault.key(tx, new.patient)
    row |= {
        "starts_at": new.start,
        "zone": new.zone,
        "link": vault.seal(notice.c.link, key, row["id"], new.link.path),
    }
    return [row | _particulars(new)]


async def _chosen(
    tx: Transaction, new: MessageNotice | NewsNotice, row: dict[str, Any], planner: Planner, now: datetime
) -> list[dict[str, Any]]:
    due = await planner.due(tx, new, now)
    if not due:  # kept, so that nobody asks again until they have read it
        return [row | {"id": new_id(), "due_at": now, "state": State.SETTLED.value, "settled_at": now}]
    return [row | {"id": new_id(), "channel": channel.value, "due_at": at} for channel, at in due.items()]


def _told(new: MessageNotice | NewsNotice) -> dict[str, Any]:
    if isinstance(new, MessageNotice):
        return {"kind": Kind.MESSAGE.value, "about": new.conversation}
    return {"kind": new.kind.value, "about": new.about, "version": new.version}


def _particulars(new: AppointmentNotice | OfferNotice) -> dict[str, Any]:
    if isinstance(new, OfferNotice):
        return {"kind": Kind.WAITLIST_OFFER.value, "about": new.offer, "expires_at": new.expires_at}
    return {
        "kind": new.kind.value,
        "about": new.appointment,
        "version": new.version,
        "minutes_before": new.minutes_before,
        "ready": new.ready,
    }


def by_mail(row: Row[Any], now: datetime) -> dict[str, Any]:
    """A message or news once more, as a mail that is due at once."""
    same = ("recipient", "patient", "kind", "about", "version", "created_at")
    copied = {name: getattr(row, name) for name in same}
    return copied | {"id": new_id(), "channel": Channel.MAIL.value, "due_at": now}
