"""Visits between rows and values: lock, load, save. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db.asked import Asked, Asker
from telegut.db.engine import Transaction
from telegut.rooms import seating
from telegut.rooms.appointments import Appointments, Facts
from telegut.rooms.events import MEDIA_FAILED, MEDIA_FLOWS, Event
from telegut.rooms.evidence import Fact
from telegut.rooms.rules.visit import Phase, Place, Seat, Visit
from telegut.rooms.sight import What, sees
from telegut.rooms.tables import happened, seats, visits


@dataclass(frozen=True, slots=True)
class Room:
    """
    A visit as it stands, with what is known around it.

    panel: what the host shows, None for nothing. fresh: it was made just now. reseated: a group's seats were brought up
    to its appointments just now. encrypted: end to end through the forwarder; None while nobody chose.
    """

    visit: Visit
    facts: Facts
    people: dict[UUID, Person]
    panel: dict[str, Any] | None
    outcome: str | None
    first_start: datetime
    fresh: bool = False
    reseated: bool = False
    encrypted: bool | None = None

    @property
    def is_group(self) -> bool:
        """Whether several patients share it."""
        return self.facts.patient is None

    def record_for(self, seat: Seat) -> UUID | None:
        """Whose record may be open beside the video for this seat; None in a group, and for who accompanies."""
        return self.facts.patient if sees(seat.role, What.RECORD) else None

    def outcome_for(self, account: UUID) -> str | None:
        """How it went for this person: in a group a patient's side has an outcome of its own."""
        patient = self.visit.last_seat(account).patient
        own = [guest.outcome for guest in self.facts.guests if guest.patient == patient]
        return own[0] if own else self.outcome

    @property
    def moved(self) -> bool:
        """Whether its time was changed after its links went out."""
        return self.facts.start != self.first_start

    @property
    def cancelled(self) -> bool:
        """Whether its appointment was cancelled."""
        return self.facts.status == "cancelled"

    def name(self, account: UUID) -> str:
        """What this person is called."""
        person = self.people.get(account)
        return person.name if person else ""


_WHO = people.people().subquery("who")
_NAMED = seats.outerjoin(_WHO, _WHO.c.id == seats.c.account)
_BY_ID = select(visits).where(visits.c.id == bindparam("visit"))

# Made ready once: whoever opens a link, joins or says anything in a visit asks these.
_VISIT = Asked(_BY_ID)
_LOCKED = Asked(_BY_ID.with_for_update(key_share=True))
_SEATS = Asked(
    select(*seats.c, _WHO.c.name, _WHO.c.zone, _WHO.c.locale, _WHO.c.roles)
    .select_from(_NAMED)
    .where(seats.c.visit == bindparam("visit"))
    .order_by(seats.c.position)
)
KEEPING = (
    update(visits)
    .where(visits.c.id == bindparam("of_visit"))
    .values({name: bindparam(f"new_{name}") for name in ("phase", "version", "started_at", "ended_at", "forwarded")})
)
_KEPT = Asked(KEEPING)
_SEAT_VALUES = tuple(column.key for column in seats.c if column.key not in {"visit", "account", "position"})
SEAT_KEEPING = (
    update(seats)
    .where(seats.c.visit == bindparam("of_visit"), seats.c.account == bindparam("of_account"))
    .values({name: bindparam(f"seat_{name}", type_=seats.c[name].type) for name in _SEAT_VALUES})
)
_SEAT_KEPT = Asked(SEAT_KEEPING)
EVENT_VALUES = ("visit", "version", "at", "word", "account", "by")
_HAPPENING = insert(happened).values({name: bindparam(name) for name in EVENT_VALUES})
_HAPPENED = Asked(_HAPPENING)
# Mostly one person does one thing.
_ONE_THING = Asked(
    _HAPPENING.add_cte(
        KEEPING.returning(visits.c.id).cte("kept"), SEAT_KEEPING.returning(seats.c.visit).cte("seat_kept")
    )
)
_MEDIA_REPORT = Asked(
    upsert(happened)
    .values({name: bindparam(name) for name in ("visit", "version", "at", "word", "account")})
    .on_conflict_do_nothing()
)


_REPORTED = Asked(
    select(happened.c.id).where(
        happened.c.visit == bindparam("visit"),
        happened.c.account == bindparam("account"),
        happened.c.word == bindparam("word"),
    )
)


async def load(
    tx: Transaction,
    appointments: Appointments,
    visit: UUID,
    *,
    opens_before: timedelta,
    now: datetime,
    lock: bool = False,
) -> Room:
    """
    The room of *visit*, made from its appointment when nobody has asked for it before.

    lock: hold it until the transaction ends, for whoever is about to change it.

    Raises:
        NotFound: no appointment has this visit.
    """
    facts = await appointments.visit_facts(tx, visit)
    query = _LOCKED if lock else _VISIT
    found = await tx.ask(query, visit=visit)
    fresh = not found and await _create(tx, facts, now)
    if not found:
        found = await tx.ask(query, visit=visit)
    rows = await tx.ask(_SEATS, visit=visit)
    reseated = facts.patient is None and seating.differs(facts, rows)
    if reseated:
        await tx.ask(_LOCKED, visit=visit)
        facts = await appointments.visit_facts(tx, visit)  # as they are now that nobody else seats anybody
        await seating.settle(tx, facts, await tx.ask(_SEATS, visit=visit), now)
        found, rows = await tx.ask(query, visit=visit), await tx.ask(_SEATS, visit=visit)
    return replace(room_of(facts, found[0], rows, opens_before), fresh=fresh, reseated=reseated)


def room_of(facts: Facts, row: Any, rows: Sequence[Any], opens_before: timedelta) -> Room:
    """The room of a visit's *row* and of its seats' *rows* in order, with their people's names."""
    built = Visit(
        id=row.id,
        opens=facts.start - opens_before,
        starts=facts.start,
        ends=facts.end,
        seats=tuple(_seat(one) for one in rows),
        phase=Phase(row.phase),
        version=row.version,
        started_at=row.started_at,
        ended_at=row.ended_at,
        forwarded=row.forwarded,
    )
    known = {
        one.account: Person(one.account, one.name, frozenset(one.roles), one.zone, one.locale)
        for one in rows
        if one.name is not None
    }
    return Room(built, facts, known, row.panel, row.outcome, row.first_start, encrypted=row.encrypted)


def _seat(row: Any) -> Seat:
    return Seat(
        row.account,
        row.role,
        row.host,
        Place(row.state),
        knocked=row.knocked,
        admitted=row.admitted,
        since=row.since,
        patient=row.patient,
        withdrawn=row.withdrawn,
        barred=row.barred,
        hand=row.hand_at,
        invited=row.invited_by,
        consent=row.consent,
        agreed=frozenset(row.agreed_by),
        refused=frozenset(row.refused_by),
        panels=row.panels,
    )


async def _create(tx: Transaction, facts: Facts, now: datetime) -> bool:
    """Two who ask first at once make one visit: the second waits for the first and finds it. Returns who made it."""
    row = {
        "id": facts.visit,
        "appointment": facts.appointment,
        "patient": facts.patient,
        "phase": Phase.SCHEDULED.value,
        "version": 1,
        "first_start": facts.start,
        "created_at": now,
    }
    made = await tx.execute(upsert(visits).values(row).on_conflict_do_nothing().returning(visits.c.id))
    if made.one_or_none() is None:
        return False
    for position, seat in enumerate(await seating.expected(tx, facts)):
        await tx.execute(insert(seats).values(visit=facts.visit, position=position, **seating.values(seat)))
    return True


async def save(tx: Transaction, before: Visit, after: Visit, events: Sequence[Event], now: datetime) -> None:
    """Write down what `step` made of a locked visit; only seats that changed are written."""
    if not events:
        return
    whole, changed, rows = written(before, after, events, now)
    if len(changed) == len(rows) == 1:
        await tx.ask(_ONE_THING, **whole, **changed[0], **rows[0])
        return
    await tx.ask(_KEPT, **whole)
    for seat in changed:
        await tx.ask(_SEAT_KEPT, of_visit=after.id, **seat)
    for one in rows:
        await tx.ask(_HAPPENED, **one)


def written(
    before: Visit, after: Visit, events: Sequence[Event], now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """What is to be written: values of `KEEPING`, of `SEAT_KEEPING` for each seat that changed, and of each event."""
    whole = {
        "of_visit": after.id,
        "new_phase": after.phase.value,
        "new_version": after.version,
        "new_started_at": after.started_at,
        "new_ended_at": after.ended_at,
        "new_forwarded": after.forwarded,
    }
    changed = [_changed(new) for old, new in zip(before.seats, after.seats, strict=True) if old != new]
    row = {"visit": after.id, "version": after.version, "at": now}
    return whole, changed, [{**row, "word": one.word, "account": one.account, "by": one.by} for one in events]


def _changed(seat: Seat) -> dict[str, Any]:
    values = seating.values(seat)
    return {"of_account": values.pop("account")} | {f"seat_{key}": value for key, value in values.items()}


async def evidence(tx: Transaction, visit: UUID) -> list[Fact]:
    """Everything that happened in *visit*, in order."""
    rows = await tx.execute(
        select(happened.c.at, happened.c.word, happened.c.account)
        .where(happened.c.visit == visit)
        .order_by(happened.c.id)
    )
    return [Fact(row.at, row.word, row.account) for row in rows]


async def add_media_report(tx: Transaction, visit: Visit, account: UUID, *, flows: bool, now: datetime) -> None:
    """Keep what a browser says of its media; each word once a person."""
    word = MEDIA_FLOWS if flows else MEDIA_FAILED
    await tx.ask(_MEDIA_REPORT, visit=visit.id, version=visit.version, at=now, word=word, account=account)


async def is_media_reported(db: Asker, visit: UUID, account: UUID, *, flows: bool) -> bool:
    """Whether a browser of *account* has said so before."""
    return bool(await db.ask(_REPORTED, visit=visit, account=account, word=MEDIA_FLOWS if flows else MEDIA_FAILED))


async def save_outcome(tx: Transaction, visit: UUID, outcome: str) -> None:
    """Keep how *visit* went."""
    await tx.execute(update(visits).where(visits.c.id == visit).values(outcome=outcome))


async def save_panel(tx: Transaction, visit: UUID, panel: dict[str, Any] | None, version: int) -> None:
    """Keep what the host shows, for whoever comes back."""
    await tx.execute(update(visits).where(visits.c.id == visit).values(panel=panel, version=version))


async def versions(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The present version of each of *ids*, to notice a change that nobody was told of."""
    rows = await tx.execute(select(visits.c.id, visits.c.version).where(visits.c.id.in_(ids)))
    return {row.id: row.version for row in rows}


async def waiting_for(tx: Transaction, host: UUID) -> list[UUID]:
    """Visits of *host* in which somebody waits."""
    mine = select(seats.c.visit).where(seats.c.account == host, seats.c.host)
    rows = await tx.execute(
        select(seats.c.visit)
        .where(seats.c.visit.in_(mine), seats.c.state == "waiting")
        .group_by(seats.c.visit)
        .order_by(func.min(seats.c.since))
    )
    return list(rows.scalars())
