"""What people can do with a care plan as a whole, and the parts that they change. One method, one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from telegut.accounts import care, people
from telegut.accounts.people import Person
from telegut.accounts.rules import Relation
from telegut.careplan import gates, reading, shelf
from telegut.careplan.changing import Changes, speaks_for
from telegut.careplan.gates import GateAnswer
from telegut.careplan.goals import Goals
from telegut.careplan.notes.doors import NoteDoors
from telegut.careplan.signatures import Signatures
from telegut.careplan.steps import Steps
from telegut.careplan.views import Plan, shares_done
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class Look:
    """A plan, how the reader stands to it, whose it is, and whether the reader may speak for them."""

    plan: Plan
    relation: Relation
    patient: Person
    speaks: bool

    @property
    def in_team(self) -> bool:
        """Whether the reader may change the plan."""
        return self.relation is Relation.CARE_TEAM


@dataclass(frozen=True, slots=True)
class CarePlans:
    """Plans with their parts: goals, steps, signed versions, and the doors of their notes."""

    changes: Changes
    goals: Goals
    steps: Steps
    signatures: Signatures
    notes: NoteDoors

    async def read(self, caller: Caller, patient: UUID) -> Plan:
        """
        The whole plan; made on first use.

        Raises:
            NotFound: the record is not open to the caller.
        """
        return (await self.look(caller, patient)).plan

    async def look(self, caller: Caller, patient: UUID) -> Look:
        """As `read`, with what a page has to know about the reader."""
        async with self.changes.db.begin(caller) as tx:
            relation = await care.require(tx, patient)
            head = await shelf.open_plan(tx, self.changes.vault, patient, now=self.changes.now(), lock=False)
            plan = await reading.whole(tx, self.changes.vault, head, now=self.changes.now())
            found = await people.named(tx, [patient])
            await audit.record(tx, "read", "care plan", plan.id, patient=patient)
        return Look(plan, relation, found[patient], speaks_for(relation, caller, patient))

    async def my_patient(self, caller: Caller) -> UUID:
        """
        Whose plan ``/plan`` is: one's own, or that of the first person one is guardian of.

        Raises:
            NotFound: neither.
        """
        async with self.changes.db.begin(caller) as tx:
            mine = await care.patients_of(tx, caller.account) if caller.account else []
        if caller.account in mine:
            return caller.account
        if caller.is_clinician or not mine:
            raise NotFound
        return sorted(mine)[0]

    async def answer_gate(
        self, caller: Caller, patient: UUID, gate_id: str, given: GateAnswer, *, version: int | None
    ) -> Plan:
        """
        Write down the answer to a safety question; return the plan, whose steps it may stop.

        Raises:
            BothEdited: the answer is not at *version* any more (0: not answered yet).
            Invalid: a clearance that this gate does not know.
            NotFound: there is no such gate.
            OnlyTheTeam: the caller is not in the care team.
        """
        gate = gates.BY_ID.get(gate_id)
        if gate is None:
            raise NotFound
        gates.check_answer(gate, given)
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.team_opens(tx, patient)
            id = await shelf.put_answer(
                tx, self.changes.vault, head, gate_id, given, version=version, at=self.changes.now()
            )
            return await self.changes.changed(tx, head, "gate", id)

    async def shares_done(self, tx: Transaction, patient: UUID, *, since: date, until: date) -> dict[date, float]:
        """
        For each day on which the patient said how steps went: the percentage done, with ``partly`` as a half.

        For other pages and plots. Checks no rights.
        """
        head = await shelf.open_plan(tx, self.changes.vault, patient, now=self.changes.now(), lock=False)
        return shares_done(await reading.days_between(tx, self.changes.vault, head, since=since, until=until))

    async def today(self, tx: Transaction, patient: UUID) -> date:
        """The date on the patient's own wall."""
        return await reading.patients_today(tx, patient, self.changes.now())


def build_care_plans(db: Database, vault: Vault, now: Clock, settings: Settings) -> CarePlans:
    """The service, with the installation's numbers."""
    changes = Changes(db, vault, now)
    back = timedelta(days=settings.report_back_days)
    return CarePlans(changes, Goals(changes), Steps(changes, back), Signatures(changes), NoteDoors(db))
