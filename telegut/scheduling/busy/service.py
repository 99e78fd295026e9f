"""Calendars elsewhere that keep a practitioner's time free: named by their owner, read by the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, literal_column, select

from telegut.accounts import people
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.errors import Refused, Unauthenticated
from telegut.jobs import queue
from telegut.scheduling import calendars, catalogue, zones
from telegut.scheduling.busy import remote, sources
from telegut.scheduling.busy.fetching import Fetcher
from telegut.scheduling.busy.isolation import Expander
from telegut.scheduling.busy.remote import Address
from telegut.scheduling.busy.rules import Failure, Kind, Unreadable, checked_address
from telegut.scheduling.busy.sources import Sealing, Source
from telegut.scheduling.busy.tables import busy
from telegut.scheduling.calendar import Sender
from telegut.scheduling.feeds.rules import checked_name
from telegut.scheduling.tables import participant
from telegut.settings import Settings

READ = "scheduling.busy_read"
"""The job that reads one source; payload ``source``."""
_SPARE = timedelta(days=7)
"""How much further than the horizon is read, so that a file that has not changed serves for some days."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A visit (or group session) that stands in time that is busy elsewhere by now. It stays."""

    appointment: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many sources one practitioner may have, how often each is read, and how long its times outlive it."""

    sources: int
    every: timedelta
    keep_for: timedelta


@dataclass(slots=True)
class BusyElsewhere:
    """Calendars elsewhere. Reading them never happens in a transaction, and takes no lock of a booking."""

    db: Database
    sealing: Sealing
    fetcher: Fetcher
    expander: Expander
    numbers: Numbers

    # --- for their owner

    async def mine(self, caller: Caller) -> list[tuple[Source, int]]:
        """The caller's sources, each with how many busy times it gave."""
        async with self.db.begin(caller) as tx:
            found = await sources.of(tx, _account(caller))
            counts = await sources.count(tx, [one.id for one in found])
            return [(one, counts.get(one.id, 0)) for one in found]

    async def add(self, caller: Caller, kind: Kind, name: str, url: str, user: str, password: str) -> Source:
        """
        Name a calendar of one's own; it is read as soon as the worker comes to it.

        Raises:
            Refused: the caller takes no visits. Invalid: the name or the address. TooManySources: see there.
        """
        checked = checked_address(url, on_loopback=self.fetcher.on_loopback)
        address = Address(kind, checked, user.strip(), password)
        async with self.db.begin(caller) as tx:
            if not await catalogue.providers(tx, {_account(caller)}):
                raise Refused("You take no visits here, so there is nothing to keep free.")
            made = await sources.add(
                tx, self.sealing, _account(caller), checked_name(name), address, at_most=self.numbers.sources
            )
            await audit.record(tx, "make", "busy_source", made.id, patient=None)
            await queue.enqueue(tx, READ, {"source": str(made.id)}, unique=f"{made.id} first")
            return made

    async def remove(self, caller: Caller, source: UUID) -> None:
        """
        Forget a calendar; its time is free at once.

        Raises:
            NotFound: it is none of the caller's.
        """
        async with self.db.begin(caller) as tx:
            await sources.remove(tx, _account(caller), source)
            await audit.record(tx, "remove", "busy_source", source, patient=None)

    async def conflicts(self, caller: Caller) -> list[Conflict]:
        """The caller's booked visits ahead that stand in time which is busy elsewhere by now."""
        met = (
            select(
                func.coalesce(participant.c.appointment, participant.c.group_session).label("what"),
                func.lower(participant.c.visit).label("start"),
                func.upper(participant.c.visit).label("end"),
            )
            .join(busy, busy.c.practitioner == participant.c.person)
            .where(
                participant.c.person == _account(caller),
                participant.c.part != "patient",
                participant.c.hold.is_(None),
                participant.c.active,
                participant.c.visit.op("&&")(busy.c.during),
                func.upper(participant.c.visit) > func.statement_timestamp(),
            )
            .distinct()
            .order_by(literal_column("start"))
            .limit(100)
        )
        async with self.db.begin(caller) as tx:
            return [Conflict(row.what, row.start, row.end) for row in await tx.execute(met)]

    # --- for the worker

    async def look_round(self) -> None:
        """Have every source read whose time has come, each by itself: a slow one holds up no other."""
        async with self.db.begin(Caller.system("calendars")) as tx:
            await sources.expire(tx, self.numbers.keep_for)
            for source, tried_at in await sources.due(tx, self.numbers.every):
                since = tried_at.isoformat() if tried_at else "first"
                await queue.enqueue(tx, READ, {"source": str(source)}, unique=f"{source} {since}")

    async def read(self, source: UUID) -> None:
        """Fetch one source and keep its times; what goes wrong is written down for its owner."""
        async with self.db.begin(Caller.system("calendars")) as tx:
            begun = await sources.begin(tx, self.sealing, source)
            if begun is None:
                return
            one, address = begun
            span = await self._span(tx, one)
        try:
            await self._read(one, address, span)
        except Unreadable as exc:
            await self._failed(one, exc.failure)

    async def _span(self, tx: Transaction, source: Source) -> _Span:
        policy, now = await catalogue.clinic_policy(tx)
        hours = await calendars.availability(tx, source.practitioner)
        mail = await people.mail_address(tx, source.practitioner)
        first = now - timedelta(days=1)
        return _Span(first, now + policy.horizon, now + policy.horizon + _SPARE, hours.zone, mail or "")

    async def _read(self, source: Source, address: Address, span: _Span) -> None:
        enough = source.covers_until is not None and source.covers_until >= span.horizon
        known = source.known if enough else remote.Known()
        found = await remote.read(self.fetcher, address, known, span.first, span.last)
        if found.files is None:
            async with self.db.begin(Caller.system("calendars")) as tx:
                return await sources.unchanged(tx, source)
        times = await self.expander.times(
            found.files,
            first=zones.seconds(span.first),
            last=zones.seconds(span.last),
            zone=span.zone,
            own=[one for one in (span.mail, address.user) if one],
        )
        async with self.db.begin(Caller.system("calendars")) as tx:
            return await sources.keep(tx, source, times, found.known, span.last)

    async def _failed(self, source: Source, failure: Failure) -> None:
        async with self.db.begin(Caller.system("calendars")) as tx:
            await sources.failed(tx, source, failure)


@dataclass(frozen=True, slots=True)
class _Span:
    """What is read: from *first* to *last*, which is further than the *horizon*; in whose zone, and as whom."""

    first: datetime
    horizon: datetime
    last: datetime
    zone: str
    mail: str


def _account(caller: Caller) -> UUID:
    if caller.account is None:
        raise Unauthenticated
    return caller.account


def build_busy(db: Database, vault: Vault, settings: Settings) -> BusyElsewhere:
    """Calendars elsewhere with the numbers of *settings*."""
    return BusyElsewhere(
        db,
        Sealing(vault),
        Fetcher(settings.busy_fetch_s, settings.busy_bytes, settings.busy_on_loopback),
        Expander(
            settings.busy_reader_s,
            settings.busy_reader_memory_bytes,
            settings.busy_events,
            Sender(settings.clinic_name, settings.origin).host,
        ),
        Numbers(
            settings.busy_sources,
            timedelta(seconds=settings.busy_every_s),
            timedelta(seconds=settings.busy_keep_s),
        ),
    )


__all__: Sequence[str] = ("READ", "BusyElsewhere", "Conflict", "build_busy")
