"""Orders of tests: made by the care team, described by whoever knows, answered by a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import Conflict, FieldError, Invalid, Refused
from telegut.evidence.findings_in_words import refused
from telegut.notices import Kind, news
from telegut.realtime import outbox
from telegut.reports.described import not_yet
from telegut.reports.orders import events, rules, store
from telegut.reports.orders.rules import Profession, State
from telegut.reports.orders.store import Order, Waiting
from telegut.reports.protocols import service as protocols


class OrderChanged(Conflict):
    """Somebody else has just changed this order. Please look at it again."""


class OrderOver(Conflict):
    """This order was cancelled, or a report has come for it."""


class NotDescribed(Conflict):
    """The form before the sample is not complete yet."""


@dataclass(frozen=True, slots=True)
class Orders:
    """The service."""

    db: Database
    vault: Vault
    now: Clock

    async def order(self, caller: Caller, patient: UUID, protocol: UUID, reason: str, profession: Profession) -> Order:
        """
        Order a test by the newest version of *protocol*; the patient is told that there is something for them.

        Raises:
            Invalid: no reason, or one that is tied to what another sample showed.
            Refused: a patient or guardian; tests are ordered by the care team.
            NotFound: no such patient or protocol. ProtocolRetired: no new sample is taken by it.
        """
        if not reason.strip():
            raise Invalid(errors=[FieldError("reason", "is needed: which question should the result answer?")])
        if errors := refused([("reason", reason)]):
            raise Invalid(errors=errors)
        async with self.db.begin(caller) as tx:
            if await care.require(tx, patient, write=True) is not Relation.CARE_TEAM and not caller.is_system:
                raise Refused("A test is ordered by the care team. A report that you have can be handed in.")
            newest = await protocols.current(tx, protocol)
            key = await self.vault.key(tx, patient)
            version, now = newest.version, self.now()
            made = await store.put(
                tx,
                self.vault,
                key,
                protocol=protocol,
                version=version,
                reason=reason.strip(),
                profession=profession,
                at=now,
            )
            await audit.record(tx, "write", "test order", made, patient=patient)
            await news.tell(tx, Kind.REPORT, patient, made, 1)
            return await self._told(tx, key, made)

    async def all_of(self, caller: Caller, patient: UUID) -> list[Order]:
        """
        The patient's, the newest first.

        Raises:
            NotFound: the record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            await audit.record(tx, "read", "test orders", None, patient=patient)
            return await store.all_of(tx, self.vault, await self.vault.key(tx, patient))

    async def read(self, caller: Caller, id: UUID) -> Order:
        """
        One order.

        Raises:
            NotFound: there is none, or its record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            patient = await store.patient_of(tx, id)
            await care.require(tx, patient)
            await audit.record(tx, "read", "test order", id, patient=patient)
            return await store.one(tx, self.vault, await self.vault.key(tx, patient), id)

    async def waiting(self, caller: Caller, patient: UUID) -> list[Waiting]:
        """
        Those that wait for the form before the sample, or for the sample; without their questions and answers.

        Raises:
            NotFound: the record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            return await store.waiting(tx, patient)

    async def describe(self, caller: Caller, id: UUID, version: int, details: Mapping[str, Any]) -> Order:
        """
        Keep what the form before the sample says, complete or not; complete, the order is *described*.

        Raises:
            Invalid: a day that has not come. OrderOver, OrderChanged: see there. NotFound, Refused: as for records.
        """
        _check_days(details, self)
        return await self._move(caller, id, version, lambda now: (rules.after_details(now.state, {**details}), details))

    async def taken(self, caller: Caller, id: UUID, version: int, said: Mapping[str, Any]) -> Order:
        """
        The sample was taken: *said* holds ``collected_at`` and perhaps ``stool_form``.

        Raises:
            NotDescribed: the form before it is not complete. Invalid, OrderOver, OrderChanged, NotFound: as above.
        """
        _check_days(said, self)

        def step(now: Order) -> tuple[State, Mapping[str, Any]]:
            if now.state == "ordered":
                raise NotDescribed(current={"open": rules.open_details(now.details)})
            return "taken", {**now.details, **said}

        return await self._move(caller, id, version, step)

    async def cancel(self, caller: Caller, id: UUID, version: int) -> Order:
        """
        No sample is taken. The order stays readable.

        Raises:
            OrderOver, OrderChanged, NotFound, Refused: as above.
        """
        return await self._move(caller, id, version, lambda now: ("cancelled", now.details))

    async def _move(self, caller: Caller, id: UUID, version: int, step: Any) -> Order:
        async with self.db.begin(caller) as tx:
            patient = await store.patient_of(tx, id)
            await care.require(tx, patient, write=True)
            key = await self.vault.key(tx, patient)
            now = await store.one(tx, self.vault, key, id)
            if now.state not in rules.OPEN:
                raise OrderOver
            state, details = step(now)
            changed = await store.move(tx, self.vault, key, replace(now, version=version), state, details=details)
            if changed is None:
                raise OrderChanged(current={"id": str(id), "state": now.state, "version": now.version})
            await audit.record(tx, "write", "test order", id, patient=patient)
            return await self._told(tx, key, id)

    async def _told(self, tx: Transaction, key: PatientKey, id: UUID) -> Order:
        made = await store.one(tx, self.vault, key, id)
        event = events.changed(id, made.state, made.version, patient=made.patient)
        await outbox.append(tx, event, to=await care.circle(tx, made.patient))
        return made


def _check_days(said: Mapping[str, Any], orders: Orders) -> None:
    if ahead := not_yet(said, orders.now()):
        text = "This day has not come yet. Please check it."
        raise Invalid(errors=[FieldError(name, text) for name in ahead])
