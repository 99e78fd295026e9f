"""Versions on PostgreSQL: kept, made anew only when something differs, signed once and for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from telegut.clock import utc_now
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import NotFound
from telegut.jobs.queue import Job, jobs
from telegut.reports import tables
from telegut.reports.isolation import Reader, ReaderBroke
from telegut.reports.service import Reports
from telegut.reports.versions import service, store
from telegut.reports.versions.service import AlreadySigned, NewerVersion, Versions
from telegut.reports.versions.store import OnlyTheTeamSigns
from telegut.reports.versions.tables import version
from tests import build
from tests.build import Clinic
from tests.reports import lab
from tests.reports.test_service import SYSTEM, due, events_of, receive

READER = Reader(time_s=60, memory_bytes=512 * 1024**2)


@pytest.fixture
def reports(db: Database) -> Reports:
    return Reports(db=db, vault=build.VAULT, now=utc_now, reader=READER, tries=3)


@pytest.fixture
def versions(db: Database) -> Versions:
    return Versions(db=db, vault=build.VAULT, now=utc_now, reader=READER)


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def read(reports: Reports, clinic: Clinic, db: Database, data: bytes) -> UUID:
    received = await receive(reports, clinic, data)
    job = next(one for one in await due(db) if one.payload["report"] == str(received.id))
    await reports.interpret(job)
    return received.id


async def reread(versions: Versions, report: UUID) -> None:
    await versions.reread(Job(new_id(), service.REREAD, {"report": str(report)}, 1))


class OtherReader(Reader):
    """A reader that has learnt something: every share is of a tenth."""

    async def outcome(self, *given: Any, **more: Any) -> dict[str, Any]:
        said = await Reader.outcome(self, *given, **more)
        if said["state"] == "ready":
            for row in said["answer"]["taxa"]:
                row["percent"] /= 10
            said["answer"]["parser_version"] = "next"
        return said


async def test_every_reading_is_a_version_and_stays_one(
    reports: Reports, versions: Versions, clinic: Clinic, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await read(reports, clinic, db, lab.metaphlan_4())
    first = await reports.read(clinic.patient.caller, report)
    signed = await versions.sign(clinic.consultant.caller, report, 1)
    monkeypatch.setattr(service, "PARSER_VERSION", "next")

    await reread(
        Versions(db=db, vault=build.VAULT, now=utc_now, reader=OtherReader(time_s=60, memory_bytes=2**29)), report
    )

    now = await reports.read(clinic.patient.caller, report)
    assert first.answer is not None
    assert now.answer is not None
    assert [2, 1] == [one.number for one in now.versions]
    assert (None, clinic.consultant.id) == tuple(one.signed_by for one in now.versions)
    assert signed.signer == clinic.consultant.caller.name
    assert now.answer["taxa"][0]["percent"] == pytest.approx(first.answer["taxa"][0]["percent"] / 10)
    then = await versions.one(clinic.patient.caller, report, 1)
    assert then.report.answer == first.answer
    assert ("report.ready", {"report": str(report), "version": 3}) == (await events_of(db, clinic.patient.id))[-1]
    with pytest.raises(NewerVersion):
        await versions.sign(clinic.nutritionist.caller, report, 1)


async def test_a_new_reader_that_says_the_same_makes_no_version(
    reports: Reports, versions: Versions, clinic: Clinic, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = await read(reports, clinic, db, lab.metaphlan_4())
    refused = await read(reports, clinic, db, b"nothing of ours")
    before = len(await events_of(db, clinic.patient.id))
    monkeypatch.setattr(service, "PARSER_VERSION", "next")

    assert 2 <= await versions.order_due()
    for one in (ready, refused):
        await reread(versions, one)

    assert [1, 1] == [len((await reports.read(clinic.consultant.caller, one)).versions) for one in (ready, refused)]
    assert before == len(await events_of(db, clinic.patient.id))
    async with db.begin(SYSTEM) as tx:
        found = await tx.execute(select(tables.report.c.reread_with).where(tables.report.c.id.in_([ready, refused])))
        assert ["next", "next"] == list(found.scalars())


async def test_a_report_from_before_versions_gets_its_first(
    reports: Reports, versions: Versions, clinic: Clinic, db: Database
) -> None:
    report = await read(reports, clinic, db, lab.metaphlan_4())
    async with db.engine.begin() as owner:
        await owner.exec_driver_sql("alter table reports_version disable trigger user")
        await owner.execute(delete(version).where(version.c.report == report))
        await owner.exec_driver_sql("alter table reports_version enable trigger user")

    assert 1 <= await versions.order_due()
    async with db.begin(SYSTEM) as tx:
        ordered = await tx.execute(select(jobs.c.payload).where(jobs.c.kind == service.REREAD))
        assert 1 == [one["report"] for one in ordered.scalars()].count(str(report))
    await reread(versions, report)
    await reread(versions, report)

    stored = await reports.read(clinic.patient.caller, report)
    assert [1] == [one.number for one in stored.versions]
    assert stored.answer is not None
    assert stored.versions[0].content_hash.hex() == stored.answer["content_hash"]


class BrokenReader(Reader):
    """A reader that never comes to an end."""

    async def outcome(self, *given: Any, **more: Any) -> dict[str, Any]:
        raise ReaderBroke


async def test_a_reading_that_breaks_again_and_again_leaves_what_was_read(
    reports: Reports, clinic: Clinic, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await read(reports, clinic, db, lab.metaphlan_4())
    monkeypatch.setattr(service, "PARSER_VERSION", "next")
    broken = BrokenReader(time_s=60, memory_bytes=512 * 1024**2)
    versions = Versions(db=db, vault=build.VAULT, now=utc_now, reader=broken, tries=3)

    with pytest.raises(ReaderBroke):
        await reread(versions, report)
    await versions.reread(Job(new_id(), service.REREAD, {"report": str(report)}, 3))

    stored = await reports.read(clinic.patient.caller, report)
    assert ("ready", [1]) == (stored.state, [one.number for one in stored.versions])
    async with db.begin(SYSTEM) as tx:
        assert report not in await store.to_read_again(tx, "next", 1000)


async def test_only_the_care_team_signs_and_once(
    reports: Reports, versions: Versions, clinic: Clinic, db: Database
) -> None:
    report = await read(reports, clinic, db, lab.metaphlan_4())

    for caller in (clinic.patient.caller, clinic.guardian.caller):
        with pytest.raises(OnlyTheTeamSigns):
            await versions.sign(caller, report, 1)
    with pytest.raises(NotFound):
        await versions.sign(clinic.stranger_consultant.caller, report, 1)
    with pytest.raises(NotFound):
        await versions.sign(clinic.consultant.caller, report, 7)
    once = await versions.sign(clinic.consultant.caller, report, 1)
    assert once == await versions.sign(clinic.consultant.caller, report, 1)
    with pytest.raises(AlreadySigned):
        await versions.sign(clinic.nutritionist.caller, report, 1)
    async with db.begin(SYSTEM) as tx:
        rows = select(func.count()).where(audit.entries.c.action == "sign", audit.entries.c.object == report)
        assert 1 == await tx.scalar(rows)
    told = {"report": str(report), "version": 2, "number": 1}
    for reader in (clinic.patient, clinic.guardian, clinic.nutritionist):
        signed = [facts for type, facts in await events_of(db, reader.id) if type == "report.signed"]
        assert [told] == signed
    assert [] == await events_of(db, clinic.stranger_consultant.id)


async def test_the_database_itself_lets_nothing_of_a_version_change(
    reports: Reports, versions: Versions, clinic: Clinic, db: Database
) -> None:
    report = await read(reports, clinic, db, lab.metaphlan_4())
    mine = version.c.report == report
    stranger = {"signed_by": clinic.stranger_consultant.id, "signed_at": utc_now()}
    forbidden = [
        update(version).where(mine).values(parser_version="other"),
        update(version).where(mine).values(content_hash=b"\0" * 32),
        update(version).where(mine).values(stranger),
        delete(version).where(mine),
    ]
    await _refuses(db, forbidden)
    await versions.sign(clinic.consultant.caller, report, 1)
    await _refuses(db, [*forbidden, update(version).where(mine).values(signed_by=None, signed_at=None)])


async def _refuses(db: Database, statements: list[Any]) -> None:
    """Neither the application nor the owner of the tables may."""
    for statement in statements:
        with pytest.raises(DBAPIError):
            async with db.begin(Caller.system("a test tries")) as tx:
                await tx.execute(statement)
        with pytest.raises(DBAPIError):
            async with db.engine.begin() as owner:
                await owner.execute(statement)
