"""What people can do with questionnaires and the diary. One method, one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.careplan.service import CarePlans
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import FieldError, Invalid
from telegut.outcomes import events, tables
from telegut.outcomes.instruments import MEASURE_BY_ID, MEASURES, Measure
from telegut.outcomes.rules import (
    Felt,
    Score,
    check_answers,
    check_day,
    check_felt,
    check_span,
    instrument,
    newest_of_each_day,
    score,
)
from telegut.realtime import outbox
from telegut.realtime.events import Event
from telegut.settings import Settings

SERIES_DAYS = timedelta(days=90)
"""How far back a series goes unless asked otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answered questionnaire with its score."""

    id: UUID
    instrument: str
    version: int
    day: date
    answers: Mapping[str, int]
    score: Score
    answered_at: datetime
    answered_by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the diary."""

    id: UUID
    day: date
    felt: Felt
    written_at: datetime
    written_by: UUID | None


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one measure by day, sorted; days without one are absent."""

    measure: Measure
    values: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything measured about *patient*, up to *today* in their zone; *entries* are the diary, the newest first."""

    patient: Person
    today: date
    series: tuple[Series, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Outcomes:
    """
    Questionnaires, diary, series.

    report_back: how long ago a day may be that somebody still writes about. longest: span of one series.
    """

    db: Database
    vault: Vault
    now: Clock
    plans: CarePlans
    report_back: timedelta
    longest: timedelta

    async def respond(
        self,
        caller: Caller,
        patient: UUID,
        asked: str,
        answers: Mapping[str, int | None],
        *,
        version: int | None = None,
        day: date | None = None,
    ) -> Response:
        """
        Keep the answers to a questionnaire, scored here.

        Raises:
            Invalid: no such questionnaire, item or scale value; nothing answered; a day that cannot be.
            NotFound, Refused: the record is not the caller's to write in.
        """
        chosen = instrument(asked, version)
        given = check_answers(chosen, answers)
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient, write=True)
            when = await self._day(tx, patient, day)
            response = Response(
                id=new_id(),
                instrument=chosen.id,
                version=chosen.version,
                day=when,
                answers=given,
                score=score(chosen, given),
                answered_at=self.now(),
                answered_by=caller.account,
            )
            await self._keep_response(tx, patient, response)
            facts = {"response": str(response.id), "instrument": chosen.id}
            await self._tell(tx, events.RESPONSE, patient, facts)
            await audit.record(tx, "write", "response", response.id, patient=patient)
        return response

    async def responses(self, caller: Caller, patient: UUID, *, since: date, until: date) -> list[Response]:
        """The answered questionnaires of a span of days, the newest first."""
        check_span(since, until, longest=self.longest)
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            found = await self._responses(tx, patient, tables.response.c.day.between(since, until))
            await audit.record(tx, "read", "responses", None, patient=patient)
        return list(reversed(found))

    async def write(self, caller: Caller, patient: UUID, felt: Felt, *, day: date | None = None) -> Entry:
        """
        Write down how a day was (today, unless *day* says another). A second look at a day stands beside the first.

        Raises:
            Invalid: it says nothing, is off the scale, or the day cannot be.
            NotFound, Refused: the record is not the caller's to write in.
        """
        check_felt(felt)
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient, write=True)
            when = await self._day(tx, patient, day)
            entry = Entry(id=new_id(), day=when, felt=felt, written_at=self.now(), written_by=caller.account)
            await self._keep_entry(tx, patient, entry)
            await self._tell(tx, events.DIARY, patient, {"entry": str(entry.id), "day": when.isoformat()})
            await audit.record(tx, "write", "diary", entry.id, patient=patient)
        return entry

    async def diary(self, caller: Caller, patient: UUID, *, since: date, until: date) -> list[Entry]:
        """The diary of a span of days, the newest first."""
        check_span(since, until, longest=self.longest)
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            found = await self._entries(tx, patient, since, until)
            await audit.record(tx, "read", "diary", None, patient=patient)
        return list(reversed(found))

    async def series(
        self, caller: Caller, patient: UUID, measure: str, *, since: date | None = None, until: date | None = None
    ) -> Series:
        """
        One measure over time; the last 90 days unless asked otherwise.

        Raises:
            Invalid: no such measure, or a span that cannot be.
        """
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            until = until or await self.plans.today(tx, patient)
            found = await self.series_in(tx, patient, measure, since=since or until - SERIES_DAYS, until=until)
            await audit.record(tx, "read", "series", None, patient=patient)
        return found

    async def overview(self, caller: Caller, patient: UUID) -> Overview:
        """Every measure and the diary of the last 90 days."""
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            today = await self.plans.today(tx, patient)
            since = today - SERIES_DAYS
            series = [await self.series_in(tx, patient, one.id, since=since, until=today) for one in MEASURES]
            entries = await self._entries(tx, patient, since, today)
            found = await people.named(tx, [patient])
            await audit.record(tx, "read", "scores", None, patient=patient)
        return Overview(found[patient], today, tuple(series), tuple(reversed(entries)))

    async def series_in(self, tx: Transaction, patient: UUID, measure: str, *, since: date, until: date) -> Series:
        """
        As `series`, within a transaction and for other pages. Checks no rights.

        Raises:
            Invalid: no such measure, or a span that cannot be.
        """
        check_span(since, until, longest=self.longest)
        chosen = MEASURE_BY_ID.get(measure)
        if chosen is None:
            raise Invalid(errors=[FieldError("measure", "There is no such measure.")])
        if chosen.diary is not None:
            values = await self._felt_values(tx, patient, chosen.diary, since, until)
        elif chosen.instrument is not None:
            values = await self._scored_values(tx, patient, chosen, since, until)
        else:
            values = list((await self.plans.shares_done(tx, patient, since=since, until=until)).items())
        return Series(chosen, tuple(newest_of_each_day(values)))

    async def last_entry(self, tx: Transaction, patient: UUID, day: date) -> Entry | None:
        """What was last written about *day*; for other pages. Checks no rights."""
        found = await self._entries(tx, patient, day, day)
        return found[-1] if found else None

    async def _day(self, tx: Transaction, patient: UUID, day: date | None) -> date:
        today = await self.plans.today(tx, patient)
        if day is not None:
            check_day(day, today=today, back=self.report_back)
        return day or today

    async def _felt_values(
        self, tx: Transaction, patient: UUID, name: str, since: date, until: date
    ) -> list[tuple[date, float]]:
        entries = await self._entries(tx, patient, since, until)
        values = ((entry.day, getattr(entry.felt, name)) for entry in entries)
        return [(day, float(value)) for day, value in values if value is not None]

    async def _scored_values(
        self, tx: Transaction, patient: UUID, measure: Measure, since: date, until: date
    ) -> list[tuple[date, float]]:
        assert measure.instrument is not None
        columns = tables.response.c
        wanted = (columns.instrument == measure.instrument.id) & columns.day.between(since, until)
        found = []
        for response in await self._responses(tx, patient, wanted):
            value = response.answers.get(measure.item) if measure.item else response.score.total
            if value is not None:
                found.append((response.day, float(value)))
        return found

    async def _keep_response(self, tx: Transaction, patient: UUID, response: Response) -> None:
        key = await self.vault.key(tx, patient)
        clear = json.dumps({"answers": dict(response.answers), "total": response.score.total})
        await tx.execute(
            insert(tables.response).values(
                id=response.id,
                patient=patient,
                instrument=response.instrument,
                instrument_version=response.version,
                day=response.day,
                content=self.vault.seal(tables.response.c.content, key, response.id, clear),
                answered_at=response.answered_at,
                answered_by=response.answered_by,
            )
        )

    async def _keep_entry(self, tx: Transaction, patient: UUID, entry: Entry) -> None:
        key = await self.vault.key(tx, patient)
        clear = json.dumps(asdict(entry.felt), ensure_ascii=False)
        await tx.execute(
            insert(tables.entry).values(
                id=entry.id,
                patient=patient,
                day=entry.day,
                content=self.vault.seal(tables.entry.c.content, key, entry.id, clear),
                written_at=entry.written_at,
                written_by=entry.written_by,
            )
        )

    async def _responses(self, tx: Transaction, patient: UUID, wanted: ColumnElement[bool]) -> list[Response]:
        columns, key = tables.response.c, await self.vault.key(tx, patient)
        rows = await tx.execute(
            select(tables.response)
            .where(columns.patient == patient, wanted)
            .order_by(columns.day, columns.answered_at, columns.id)
        )
        return [
            self._response(json.loads(self.vault.open(columns.content, key, row.id, row.content)), row) for row in rows
        ]

    def _response(self, content: dict[str, Any], row: Any) -> Response:
        asked = instrument(row.instrument)
        answers = {id: int(value) for id, value in content["answers"].items()}
        # A score is the one that was given then, not what today's data would make of it.
        scored = score(asked, answers)
        total = content["total"]
        return Response(
            id=row.id,
            instrument=row.instrument,
            version=row.instrument_version,
            day=row.day,
            answers=answers,
            score=Score(total, scored.band if scored.total == total else None, scored.missing),
            answered_at=row.answered_at,
            answered_by=row.answered_by,
        )

    async def _entries(self, tx: Transaction, patient: UUID, since: date, until: date) -> list[Entry]:
        columns, key = tables.entry.c, await self.vault.key(tx, patient)
        rows = await tx.execute(
            select(tables.entry)
            .where(columns.patient == patient, columns.day.between(since, until))
            .order_by(columns.day, columns.written_at, columns.id)
        )
        return [
            Entry(
                id=row.id,
                day=row.day,
                felt=Felt(**json.loads(self.vault.open(columns.content, key, row.id, row.content))),
                written_at=row.written_at,
                written_by=row.written_by,
            )
            for row in rows
        ]

    async def _tell(self, tx: Transaction, type: str, patient: UUID, facts: dict[str, Any]) -> None:
        await outbox.append(tx, Event(type, patient=patient, facts=facts), to=await care.circle(tx, patient))


def build_outcomes(db: Database, vault: Vault, now: Clock, plans: CarePlans, settings: Settings) -> Outcomes:
    """The service, with the installation's numbers."""
    return Outcomes(
        db,
        vault,
        now,
        plans,
        report_back=timedelta(days=settings.report_back_days),
        longest=timedelta(days=settings.series_days),
    )
