"""Recordings between rows and values. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, literal_column, select, update

from telegut.db.asked import Asked, Asker
from telegut.db.engine import Transaction, on_violation
from telegut.db.sealed import Vault
from telegut.rooms.recordings.rules import Ending, OneAlready, Recording, State, Word
from telegut.rooms.recordings.tables import answers, recordings

GOING = recordings.c.state != literal_column(f"'{State.ENDED.value}'")  # in the index's own words, so that it is used
_GOES_ON = Asked(select(recordings.c.id).where(recordings.c.visit == bindparam("visit"), GOING))


async def begin(
    tx: Transaction,
    vault: Vault,
    visit: UUID,
    patient: UUID,
    made: Recording,
    *,
    why: str,
    key: bytes,
    now: datetime,
    keep: timedelta,
) -> None:
    """
    Keep a recording that was asked for, with *key* sealed under the patient's.

    Raises:
        OneAlready: this visit has one that has not ended.
    """
    under = await vault.key(tx, patient)
    values = {
        "id": made.id,
        "visit": visit,
        "patient": patient,
        "asked_by": made.by,
        "why": vault.seal(recordings.c.why, under, made.id, why),
        "key": vault.seal_bytes(recordings.c.key, under, made.id, key),
        "asked_at": now,
        "keep_until": now + keep,
        "film": "none",
    }
    with on_violation(rooms_recording_one_going=OneAlready):
        await tx.execute(insert(recordings).values(state=made.state.value, **values))
    await said(tx, made.id, patient, made.by, Word.ASKED, now)


async def said(tx: Transaction, id: UUID, patient: UUID, who: UUID, word: Word, now: datetime) -> None:
    """Keep what somebody said, and when."""
    row = {"recording": id, "patient": patient, "account": who, "word": word.value, "at": now}
    await tx.execute(insert(answers).values(row))


async def going(tx: Transaction, visit: UUID, *, lock: bool = False) -> Row[Any] | None:
    """The row of the recording that goes on in *visit*."""
    query = select(recordings).where(recordings.c.visit == visit, GOING)
    return (await tx.execute(query.with_for_update() if lock else query)).one_or_none()


async def goes_on(db: Asker, visit: UUID) -> bool:
    """Whether a recording goes on in *visit*; also outside of a transaction."""
    return bool(await db.ask(_GOES_ON, visit=visit))


async def all_going(tx: Transaction) -> list[UUID]:
    """The visits in which one goes on."""
    return list((await tx.execute(select(recordings.c.visit).where(GOING))).scalars())


async def last(tx: Transaction, visit: UUID) -> Row[Any] | None:
    """The row of the last recording of *visit*."""
    query = select(recordings).where(recordings.c.visit == visit).order_by(recordings.c.asked_at.desc()).limit(1)
    return (await tx.execute(query)).one_or_none()


async def value(tx: Transaction, row: Row[Any]) -> Recording:
    """The recording of *row* with everybody's yes."""
    return Recording(
        id=row.id,
        by=row.asked_by,
        state=State(row.state),
        agreed=frozenset(await _agreed(tx, [row.id])),
        started_at=row.started_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ending=Ending(row.ending) if row.ending else None,
    )


async def _agreed(tx: Transaction, ids: Collection[UUID]) -> list[UUID]:
    yes = answers.c.word.in_([Word.ASKED.value, Word.YES.value])
    return list((await tx.execute(select(answers.c.account).where(answers.c.recording.in_(ids), yes))).scalars())


async def save(tx: Transaction, before: Recording, after: Recording) -> None:
    """Write down what `rules.step` made of a locked recording."""
    if before == after:
        return
    film = "waiting" if after.state is State.ENDED and after.started_at is not None else "none"
    await tx.execute(
        update(recordings)
        .where(recordings.c.id == after.id)
        .values(
            state=after.state.value,
            started_at=after.started_at,
            ended_at=after.ended_at,
            ended_by=after.ended_by,
            ending=after.ending.value if after.ending else None,
            film=film,
        )
    )


async def waiting_films(tx: Transaction, older: timedelta) -> list[UUID]:
    """Recordings that ended a while ago by the database's clock, and whose films are not made yet."""
    due = (recordings.c.film == "waiting") & (recordings.c.ended_at < func.now() - older)
    return list((await tx.execute(select(recordings.c.id).where(due))).scalars())
