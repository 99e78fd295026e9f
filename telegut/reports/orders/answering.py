"""What a report inherits when it is handed in: from the order that it answers, and from the clinic's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from telegut.accounts import care, people
from telegut.db.engine import Transaction
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import FieldError, Invalid
from telegut.realtime import outbox
from telegut.reports.orders import events, rules, store
from telegut.reports.orders.service import OrderChanged, OrderOver
from telegut.reports.orders.store import Order
from telegut.reports.protocols import service as protocols
from telegut.reports.protocols.rules import inherit
from telegut.reports.protocols.service import Protocol


async def inherited(
    tx: Transaction, vault: Vault, key: PatientKey, report: UUID, said: Mapping[str, Any]
) -> dict[str, Any]:
    """
    *said* (a report's metadata), filled from the order and the protocol that it names; the order is answered by it.

    Raises:
        Invalid: no such order of this patient. OrderOver: it is cancelled or answered. OrderChanged: just now.
        NotFound: no such protocol.
    """
    filled = dict(said)
    if (order := said.get("test_order")) is not None:
        answered = await _answer(tx, vault, key, UUID(order), report)
        filled = inherit(filled, {**rules.filling(answered.details), **await _by_whom(tx, answered)}, source="order")
        return _by_protocol(filled, await protocols.at(tx, answered.protocol, answered.protocol_version))
    if (protocol := said.get("protocol")) is not None:
        return _by_protocol(filled, await protocols.current(tx, UUID(protocol)))
    return filled


async def _answer(tx: Transaction, vault: Vault, key: PatientKey, id: UUID, report: UUID) -> Order:
    known = {one.id: one for one in await store.all_of(tx, vault, key)}
    if (order := known.get(id)) is None:
        raise Invalid(errors=[FieldError("test_order", "is not an order for this patient")])
    if not order.waits:
        raise OrderOver
    version = await store.move(tx, vault, key, order, "reported", report=report)
    if version is None:
        raise OrderChanged
    event = events.changed(id, "reported", version, patient=key.patient)
    await outbox.append(tx, event, to=await care.circle(tx, key.patient))
    return order


async def _by_whom(tx: Transaction, order: Order) -> dict[str, Any]:
    names = await people.named(tx, [order.ordered_by])
    name = names[order.ordered_by].name if order.ordered_by in names else None
    return {"ordered_by": name, "ordered_by_profession": order.profession, "reason": order.reason}


def _by_protocol(said: Mapping[str, Any], protocol: Protocol) -> dict[str, Any]:
    filled = inherit(said, protocol.said.states, source="protocol")
    group = {"group": str(protocol.said.group)} if protocol.said.group is not None else {}
    return {
        **filled,
        **group,
        "protocol": {"id": str(protocol.id), "version": protocol.version, "name": protocol.said.name},
    }
