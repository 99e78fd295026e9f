"""Exports on PostgreSQL: who gets what, and research only while the patient agrees."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from telegut.clock import utc_now
from telegut.db import audit
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import NotFound, Refused
from telegut.reports.exchange.consent.rules import WORDS_VERSION, NoConsent, NotYours, OtherWords
from telegut.reports.exchange.consent.service import Consents, agreeing
from telegut.reports.exchange.consent.tables import research_consent
from telegut.reports.exchange.service import Exchange, NotReadYet
from telegut.reports.service import Reports
from tests import build
from tests.build import Clinic
from tests.reports import lab
from tests.reports.test_service import SYSTEM, receive
from tests.reports.versions.test_service import READER, read


@pytest.fixture
def reports(db: Database) -> Reports:
    return Reports(db=db, vault=build.VAULT, now=utc_now, reader=READER, tries=3)


@pytest.fixture
def exchange(db: Database) -> Exchange:
    return Exchange(db, build.VAULT, utc_now, "https://clinic.example/fhir/R4")


@pytest.fixture
def consents(db: Database) -> Consents:
    return Consents(db, utc_now)


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def test_research_only_while_the_patient_agrees(
    reports: Reports, exchange: Exchange, consents: Consents, clinic: Clinic, db: Database
) -> None:
    report = await read(reports, clinic, db, lab.metaphlan_4())
    team, patient = clinic.consultant.caller, clinic.patient.id

    with pytest.raises(NoConsent):
        await exchange.research(team, report)
    for caller in (team, clinic.nutritionist.caller):
        with pytest.raises(NotYours):
            await consents.decide(caller, patient, given=True, words=WORDS_VERSION)
    with pytest.raises(NotFound):
        await consents.decide(clinic.stranger_consultant.caller, patient, given=True, words=WORDS_VERSION)
    with pytest.raises(OtherWords):
        await consents.decide(clinic.patient.caller, patient, given=True, words="0")

    earlier = {"id": new_id(), "patient": patient, "number": 1, "given": True, "words": "1", "decided_by": patient}
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(insert(research_consent).values(**earlier, decided_at=utc_now()))
        assert set() == await agreeing(tx, {patient}), "earlier words spoke of researchers alone"
    given = await consents.decide(clinic.patient.caller, patient, given=True, words=WORDS_VERSION)
    assert given == await consents.decide(clinic.guardian.caller, patient, given=True, words=WORDS_VERSION)
    first = await exchange.research(team, report)
    assert first["subject"] == (await exchange.research(clinic.nutritionist.caller, report))["subject"]
    assert str(patient) not in str(first)
    with pytest.raises(Refused):
        await exchange.research(clinic.patient.caller, report)

    async with db.begin(SYSTEM) as tx:
        assert {patient} == await agreeing(tx, {patient})
    taken_back = await consents.decide(clinic.guardian.caller, patient, given=False, words=WORDS_VERSION)
    assert (3, False) == (taken_back.number, taken_back.given)
    with pytest.raises(NoConsent):
        await exchange.research(team, report)
    async with db.begin(SYSTEM) as tx:
        acts = await tx.execute(
            select(audit.entries.c.action)
            .where(
                audit.entries.c.patient == patient,
                audit.entries.c.what.in_(["research consent", "report for research"]),
            )
            .order_by(audit.entries.c.id)
        )
        assert ["consent", "export", "export", "withdraw"] == [one for one in acts.scalars() if one != "read"]


async def test_what_was_not_read_is_not_exported_and_strangers_get_nothing(
    reports: Reports, exchange: Exchange, clinic: Clinic, db: Database
) -> None:
    waiting = await receive(reports, clinic, lab.metaphlan_4())
    ready = await read(reports, clinic, db, lab.metaphlan_4())

    with pytest.raises(NotReadYet):
        await exchange.bundle(clinic.patient.caller, waiting.id, None)
    with pytest.raises(NotReadYet):
        await exchange.table(clinic.patient.caller, waiting.id)
    for call in (
        exchange.bundle(clinic.stranger_consultant.caller, ready, None),
        exchange.table(clinic.stranger_consultant.caller, ready),
        exchange.resource(clinic.patient.caller, "Observation", f"{ready}.9999", ready, None),
    ):
        with pytest.raises(NotFound):
            await call
    bundle = await exchange.bundle(clinic.patient.caller, ready, None)
    [whose] = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient"]
    assert str(clinic.patient.id) == whose["id"]
    assert whose["name"][0]["text"]
    found = await exchange.resource(clinic.patient.caller, "Observation", f"{ready}.1", ready, None)
    assert ("Observation", f"{ready}.1") == (found["resourceType"], found["id"])
