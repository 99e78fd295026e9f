"""Gathers what the pages that cross domains show, from the services below. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from telegut.accounts import care, people
from telegut.accounts.patients import Patient, Patients
from telegut.accounts.people import Person
from telegut.careplan.rules import Acceptance, StepStatus
from telegut.careplan.service import CarePlans
from telegut.careplan.views import Plan, Step
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.errors import NotFound
from telegut.home import rules
from telegut.home.views import Listed, NextVisit, PatientRecord, ReportLine, Thread, Today, Trend, Yesterday
from telegut.messaging.inbox import Conversation
from telegut.messaging.ledger.service import ReplyLedger
from telegut.messaging.service import Messaging
from telegut.outcomes.service import Outcomes, Series
from telegut.reports.orders.service import Orders
from telegut.reports.service import Reports
from telegut.reports.standing import standing
from telegut.rooms.entry import Entry
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.rules import Status
from telegut.scheduling.service import Scheduling
from telegut.web import plots
from telegut.web.times import day

CARE = "care"
"""The kind of conversation that is the place of a patient and their care team."""
VISITS_AHEAD = 200
"""Visits of one practitioner's patients that the list looks through for the next ones."""
REPORTS_SHOWN = 10
ACCESSES_SHOWN = 50
MEASURES_SHOWN = ("mood", "gut", "sleep", "gad-7", "steps")
"""What the first pages draw, in this order; the page of outcomes has everything."""


@dataclass(frozen=True, slots=True)
class Home:
    """Today, the list of patients, the record. opens_before: how long before its start a room opens."""

    db: Database
    now: Clock
    opens_before: timedelta
    patients: Patients
    scheduling: Scheduling
    entry: Entry
    messaging: Messaging
    ledger: ReplyLedger
    plans: CarePlans
    reports: Reports
    orders: Orders
    outcomes: Outcomes

    async def subjects(self, caller: Caller) -> list[Patient]:
        """Whose today the caller looks after: their own first, then those they act for."""
        mine = await self.patients.known_to(caller, after=None)
        return sorted(mine, key=lambda one: (one.id != caller.account, one.name, one.id))

    async def today(self, caller: Caller, wanted: UUID | None) -> Today:
        """
        The today of *wanted*, or of the first whom the caller looks after.

        Raises:
            NotFound: there is nobody, or not that one.
        """
        subjects = await self.subjects(caller)
        patient = next((one for one in subjects if wanted in (None, one.id)), None)
        if patient is None:
            raise NotFound
        plan = await self.plans.read(caller, patient.id)
        async with self.db.begin(caller) as tx:
            team = await care.team(tx, patient.id)
        return Today(
            patient=patient,
            day=plan.today,
            greeting=rules.greeting(self.now(), caller.zone),
            visit=await self.next_visit(caller, patient.id),
            yesterday=await self._yesterday(caller, patient.id, plan.today - timedelta(days=1)),
            steps=tuple(step for step in plan.steps if step.runs),
            asked=_asked(plan),
            tests=tuple(await self.orders.waiting(caller, patient.id)),
            thread=await self.thread(caller, patient.id),
            team=tuple(team),
            trends=await self.trends(caller, patient.id),
            others=tuple(one for one in subjects if one.id != patient.id),
        )

    async def listed(self, caller: Caller) -> list[Listed]:
        """The patients in the caller's care, by name, with what is next and what waits."""
        mine = await self.patients.known_to(caller, after=None)
        ahead = await self._ahead(caller, Filter(since=self.now(), status=Status.BOOKED), VISITS_AHEAD)
        starts: dict[UUID, datetime] = {}
        for one in ahead:
            starts.setdefault(one.patient, one.start)
        threads = {one.patient: one for one in await self.messaging.conversations(caller) if one.kind == CARE}
        listed = [_listed(patient, starts.get(patient.id), threads.get(patient.id)) for patient in mine]
        return sorted(listed, key=lambda one: (one.patient.name.casefold(), one.patient.id))

    async def record(self, caller: Caller, patient: UUID) -> PatientRecord:
        """
        Everything about one patient, for the care team.

        Raises:
            NotFound: the record is not open to the caller.
        """
        cover = await self.patients.one(caller, patient)
        if not cover.relation.reads:
            raise NotFound
        async with self.db.begin(caller) as tx:
            team = await care.team(tx, patient)
        return PatientRecord(
            cover=cover,
            team=tuple(team),
            visit=await self.next_visit(caller, patient),
            reports=tuple(await self._reports(caller, patient)),
            plan=await self.plans.read(caller, patient),
            thread=await self.thread(caller, patient),
            trends=await self.trends(caller, patient),
            accesses=tuple((await self.patients.accesses(caller, patient, before=None))[:ACCESSES_SHOWN]),
        )

    async def next_visit(self, caller: Caller, patient: UUID) -> NextVisit | None:
        """The visit of *patient* that is under way or comes next."""
        now = self.now()
        ahead = await self._ahead(caller, Filter(since=now, patient=patient, status=Status.BOOKED), 1)
        if not ahead:
            return None
        (one,) = ahead
        async with self.db.begin(caller) as tx:
            known = await people.named(tx, one.practitioners)
        return NextVisit(
            appointment=one.id,
            start=one.start,
            end=one.end,
            zone=one.zone,
            service=one.service_name,
            people=tuple(_named(known, one.practitioners)),
            timing=rules.timing(one.start, now=now, opens_before=self.opens_before, zone=caller.zone),
            link=await self._link(caller, one),
        )

    async def thread(self, caller: Caller, patient: UUID) -> Thread | None:
        """The conversation of *patient* with their care team, if the caller takes part in it."""
        for one in await self.messaging.conversations(caller):
            if one.patient == patient and one.kind == CARE:
                turns = await self.ledger.turns(caller, [one.id])
                return _thread(caller, one, turns[one.id].due if one.id in turns else None)
        return None

    async def trends(self, caller: Caller, patient: UUID) -> tuple[Trend, ...]:
        """How the patient's measures went; those without any value are left out."""
        found = [await self.outcomes.series(caller, patient, measure) for measure in MEASURES_SHOWN]
        days = [one for series in found for one, _ in series.values]
        if not days:
            return ()
        return tuple(_trend(series, caller.zone, max(days)) for series in found if series.values)

    async def _yesterday(self, caller: Caller, patient: UUID, then: date) -> Yesterday:
        async with self.db.begin(caller) as tx:
            entry = await self.outcomes.last_entry(tx, patient, then)
            if entry is not None:
                await audit.record(tx, "read", "diary", entry.id, patient=patient)
        return Yesterday(day=then, felt=entry.felt if entry else None)

    async def _ahead(self, caller: Caller, wanted: Filter, limit: int) -> Sequence[Appointment]:
        return await self.scheduling.appointments(caller, wanted, limit=limit)

    async def _link(self, caller: Caller, one: Appointment) -> str:
        if caller.account not in one.people:
            return ""
        return await self.entry.link_for(caller, one.visit)

    async def _reports(self, caller: Caller, patient: UUID) -> list[ReportLine]:
        return [
            ReportLine(
                id=one.id,
                stands=standing(one.state, one.problem, for_team=True).words,
                uploaded_at=one.uploaded_at,
                collected=rules.day_of(one.metadata.get("collected_at")),
            )
            for one in await self.reports.list_of(caller, patient, limit=REPORTS_SHOWN)
        ]


def _trend(series: Series, zone: str, until: date) -> Trend:
    measure = series.measure
    texts = {one: day(one, zone) for one, _ in series.values}
    span = plots.axis(texts, until)
    drawn = plots.trend(series.values, low=measure.low, high=measure.high, day_text=texts, span=span)
    return Trend(title=measure.title, unit=measure.unit, plot=drawn)


def _asked(plan: Plan) -> tuple[Step, ...]:
    """Steps that wait for the patient's answer."""
    return tuple(
        step for step in plan.steps if step.status is StepStatus.ACTIVE and step.acceptance is Acceptance.ASKED
    )


def _named(known: dict[UUID, Person], ids: Sequence[UUID]) -> list[tuple[str, str]]:
    """Names with the role in which these people see patients."""
    return [
        (known[one].name, "consultant" if "consultant" in known[one].roles else "nutritionist")
        for one in ids
        if one in known
    ]


def _listed(patient: Patient, start: datetime | None, thread: Conversation | None) -> Listed:
    return Listed(
        patient=patient,
        next_start=start,
        unread=thread.unread if thread else 0,
        waits_for_team=bool(thread and thread.waits_for_team),
    )


def _thread(caller: Caller, one: Conversation, answer_due: datetime | None) -> Thread:
    last = one.last
    return Thread(
        conversation=one.id,
        unread=one.unread,
        last_from=one.name_of(last.sender) if last else "",
        last_words=rules.excerpt(last.body) if last and last.body is not None else None,
        last_at=last.sent_at if last else None,
        mine=bool(last and last.sender == caller.account),
        waits_for_team=one.waits_for_team,
        answer_due=answer_due,
    )
