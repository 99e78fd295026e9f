"""Reports on PostgreSQL: kept first, read later, read once, and open to nobody else."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from telegut.clock import utc_now
from telegut.db import audit
from telegut.db.caller import Caller, VisitScope
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.db.sealed import Tampered
from telegut.errors import Invalid, NotFound, TooLarge
from telegut.jobs.queue import Job, jobs
from telegut.realtime.tables import item
from telegut.reports import tables
from telegut.reports.anchors import has_finding
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.reading import PARSER_VERSION
from telegut.reports.formats.refusals import UnknownSample
from telegut.reports.isolation import Reader, ReaderBroke
from telegut.reports.service import Handed, Received, Reports
from telegut.reports.states import NothingToChoose
from tests import build
from tests.build import Clinic
from tests.reports import lab

KNOWN = {"same_file", "same_sample", "reprocessed", "same_collection"}
SYSTEM = Caller.system("a test looks")


@pytest.fixture
def reports(db: Database) -> Reports:
    limits = Limits(file_bytes=100_000)
    reader = Reader(time_s=60, memory_bytes=512 * 1024**2, limits=limits)
    return Reports(db=db, vault=build.VAULT, now=utc_now, reader=reader, tries=3)


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


def handed(data: bytes, name: str = "profile.tsv") -> list[Handed]:
    return [Handed(name, data)]


async def receive(reports: Reports, clinic: Clinic, data: bytes, **metadata: Any) -> Received:
    return await reports.receive(clinic.consultant.caller, clinic.patient.id, handed(data), metadata)


async def due(db: Database) -> list[Job]:
    """Jobs as a worker would find them."""
    async with db.begin(SYSTEM) as tx:
        rows = await tx.execute(select(jobs).where(jobs.c.kind == "reports.interpret").order_by(jobs.c.id))
        return [Job(row.id, row.kind, row.payload, 1) for row in rows]


async def events_of(db: Database, account: UUID) -> list[tuple[str, dict[str, Any]]]:
    async with db.begin(SYSTEM) as tx:
        rows = await tx.execute(select(item.c.type, item.c.facts).where(item.c.account == account).order_by(item.c.seq))
        return [(row.type, row.facts) for row in rows]


async def test_bytes_are_kept_with_their_hash_before_anything_is_read(
    reports: Reports, clinic: Clinic, db: Database
) -> None:
    data = lab.metaphlan_4()

    received = await receive(reports, clinic, data)
    stored = await reports.read(clinic.patient.caller, received.id)
    [original] = await reports.originals(clinic.patient.caller, received.id)

    assert ("received", None) == (stored.state, stored.findings)
    assert hashlib.sha256(data).digest() == stored.files[0].sha256
    assert data == original.content
    assert [{"report": str(received.id), "version": 1}] == [job.payload for job in await due(db)]


async def test_what_is_stored_is_sealed(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4(), medicines="sertraline")
    await reports.interpret((await due(db))[0])

    async with db.begin(SYSTEM) as tx:
        report = (await tx.execute(select(tables.report).where(tables.report.c.id == received.id))).one()
        file = (await tx.execute(select(tables.file).where(tables.file.c.report == received.id))).one()
    clear = b"".join(bytes(value) for value in [*report, *file] if isinstance(value, bytes))
    assert not [word for word in (b"sertraline", b"Bacteroides", b"profile.tsv", b"mpa_v") if word in clear]


async def test_only_a_group_that_is_in_the_report_can_be_pointed_at(
    reports: Reports, clinic: Clinic, db: Database
) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    asked = ("Bacteroides", "bacteroides", "NoSuchGenus", "<script>", "")

    async def there() -> list[bool]:
        async with db.begin(clinic.patient.caller) as tx:
            return [await has_finding(tx, build.VAULT, clinic.patient.id, received.id, name) for name in asked]

    before = await there()
    await reports.interpret((await due(db))[0])

    assert [False] * 5 == before
    assert [True, True, False, False, False] == await there()
    async with db.begin(clinic.stranger_consultant.caller) as tx:
        assert not await has_finding(tx, build.VAULT, clinic.patient.id, received.id, "Bacteroides")


async def test_the_worker_reads_it_and_tells_everybody_by_ids_alone(
    reports: Reports, clinic: Clinic, db: Database
) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    await reports.interpret((await due(db))[0])
    stored = await reports.read(clinic.patient.caller, received.id)

    assert ("ready", 2, PARSER_VERSION) == (stored.state, stored.version, stored.parser_version)
    assert stored.answer is not None
    assert "metaphlan-4" == stored.answer["format"]
    expected = [
        ("report.received", {"report": str(received.id), "version": 1}),
        ("report.ready", {"report": str(received.id), "version": 2}),
    ]
    for one in (clinic.patient, clinic.guardian, clinic.consultant, clinic.nutritionist):
        assert expected == await events_of(db, one.id)
    assert [] == await events_of(db, clinic.stranger_consultant.id)


async def test_reading_twice_and_at_once_has_one_effect(reports: Reports, clinic: Clinic, db: Database) -> None:
    await receive(reports, clinic, lab.metaphlan_4())
    [job] = await due(db)

    await asyncio.gather(*(reports.interpret(job) for _ in range(4)))
    await reports.interpret(job)

    assert ["report.received", "report.ready"] == [type for type, _ in await events_of(db, clinic.patient.id)]


async def test_a_worker_that_dies_between_receiving_and_reading_loses_nothing(
    reports: Reports, clinic: Clinic, db: Database
) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    [job] = await due(db)
    first = asyncio.create_task(reports.interpret(job))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert "received" == (await reports.read(clinic.patient.caller, received.id)).state

    await reports.interpret((await due(db))[0])

    assert "ready" == (await reports.read(clinic.patient.caller, received.id)).state


async def test_an_interrupted_reading_is_tried_again_and_in_the_end_refused(
    reports: Reports, clinic: Clinic, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    [job] = await due(db)

    async def breaks(*_: object) -> dict[str, Any]:
        raise ReaderBroke

    monkeypatch.setattr(Reader, "outcome", breaks)
    with pytest.raises(ReaderBroke):
        await reports.interpret(job)
    assert "received" == (await reports.read(clinic.patient.caller, received.id)).state

    await reports.interpret(Job(job.id, job.kind, job.payload, attempts=3))

    stored = await reports.read(clinic.patient.caller, received.id)
    assert ("refused", "reader_broke") == (stored.state, (stored.problem or {})["code"])


async def test_a_refusal_is_kept_with_its_reason(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, b"# Pathway\tS1_Abundance\nUNMAPPED\t5\n")
    await reports.interpret((await due(db))[0])
    stored = await reports.read(clinic.consultant.caller, received.id)

    assert ("refused", "pathways_not_taxa") == (stored.state, (stored.problem or {})["code"])
    assert 1 == len(await reports.originals(clinic.consultant.caller, received.id))


async def test_an_empty_file_is_kept_and_refused(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, b"")
    await reports.interpret((await due(db))[0])

    stored = await reports.read(clinic.consultant.caller, received.id)
    assert ("refused", "empty_file") == (stored.state, (stored.problem or {})["code"])


async def test_a_person_chooses_among_several_samples(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, lab.merged())
    await reports.interpret((await due(db))[0])
    waiting = await reports.read(clinic.patient.caller, received.id)
    assert ("choose_sample", ["stool_1", "mouth_1"]) == (waiting.state, waiting.samples)

    with pytest.raises(UnknownSample):
        await reports.choose(clinic.patient.caller, received.id, "mouth_2")
    chosen = await reports.choose(clinic.patient.caller, received.id, "stool_1")
    assert ("received", 3) == (chosen.state, chosen.version)
    for job in await due(db):
        await reports.interpret(job)

    stored = await reports.read(clinic.patient.caller, received.id)
    assert stored.answer is not None
    assert ("ready", "stool_1") == (stored.state, stored.answer["sample"])
    with pytest.raises(NothingToChoose):
        await reports.choose(clinic.patient.caller, received.id, "stool_1")


async def test_of_two_who_choose_at_once_one_is_told(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, lab.merged())
    await reports.interpret((await due(db))[0])

    said = await asyncio.gather(
        *(
            reports.choose(who.caller, received.id, sample)
            for who, sample in [(clinic.consultant, "stool_1"), (clinic.patient, "mouth_1")] * 4
        ),
        return_exceptions=True,
    )

    assert 1 == sum(isinstance(one, Received) for one in said)
    assert 7 == sum(isinstance(one, NothingToChoose) for one in said)


async def test_a_sample_named_at_once_needs_no_question(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await reports.receive(
        clinic.patient.caller, clinic.patient.id, handed(lab.merged()), {}, sample="mouth_1"
    )
    await reports.interpret((await due(db))[0])

    stored = await reports.read(clinic.patient.caller, received.id)
    assert stored.answer is not None
    assert ["one_organism", "oral_or_skin", "another_place"] == [one["code"] for one in stored.answer["warnings"]]


async def test_the_same_file_and_the_same_sample_are_remarked(reports: Reports, clinic: Clinic, db: Database) -> None:
    named = lab.metaphlan_4(header=lab.HEADER_4.replace("Metaphlan_Analysis", "ERR1"))
    other = lab.metaphlan_4(lab.STOOL[:8], header=lab.HEADER_4.replace("Metaphlan_Analysis", "ERR1"))
    found = []
    again = lab.kraken(lab.gut())
    older = named.replace(b"mpa_vJun23_CHOCOPhlAnSGB_202403", b"mpa_v30_CHOCOPhlAn_201901")
    for data in (named, named, other, older, again):
        received = await receive(reports, clinic, data)
        await reports.interpret((await due(db))[-1])
        answer = (await reports.read(clinic.patient.caller, received.id)).answer
        assert answer is not None
        found.append([one["code"] for one in answer["warnings"] if one["code"] in KNOWN])

    assert [[], ["same_file"], ["same_sample"], ["reprocessed"], []] == found


async def test_a_refused_file_is_listed_for_the_team_and_for_whoever_handed_it_in(
    reports: Reports, clinic: Clinic, db: Database
) -> None:
    bad = handed(b"a letter, not a table\n")
    theirs = await reports.receive(clinic.consultant.caller, clinic.patient.id, bad, {})
    mine = await reports.receive(clinic.patient.caller, clinic.patient.id, bad, {})
    good = await receive(reports, clinic, lab.metaphlan_4())
    for job in await due(db):
        await reports.interpret(job)

    listed = {
        who.role: {one.id for one in await reports.list_of(who.caller, clinic.patient.id)}
        for who in (clinic.patient, clinic.guardian, clinic.consultant, clinic.nutritionist)
    }
    guest = Caller(account=None, scope=VisitScope(visit=new_id(), patient=clinic.patient.id, admitted=True))

    everything = {theirs.id, mine.id, good.id}
    assert {
        "patient": {mine.id, good.id},
        "guardian": {good.id},
        "consultant": everything,
        "nutritionist": everything,
    } == listed
    assert [good.id] == [one.id for one in await reports.list_of(guest, clinic.patient.id)]


async def test_who_handed_it_in_decides_whether_the_patient_brought_it(reports: Reports, clinic: Clinic) -> None:
    found = []
    for who in (clinic.patient, clinic.guardian, clinic.consultant):
        received = await reports.receive(who.caller, clinic.patient.id, handed(lab.metaphlan_4()), {})
        found.append((await reports.read(clinic.consultant.caller, received.id)).from_family)
    listed = [one.from_family for one in await reports.list_of(clinic.consultant.caller, clinic.patient.id)]

    assert [True, True, False] == found
    assert found == listed[::-1]


async def test_nobody_else_gets_in(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    others = [clinic.stranger_patient, clinic.stranger_consultant, clinic.coordinator, clinic.admin, clinic.auditor]
    for other in others:
        for attempt in (
            reports.read(other.caller, received.id),
            reports.originals(other.caller, received.id),
            reports.list_of(other.caller, clinic.patient.id),
            reports.choose(other.caller, received.id, "x"),
            reports.receive(other.caller, clinic.patient.id, handed(b"x"), {}),
        ):
            with pytest.raises(NotFound):
                await attempt


@pytest.mark.parametrize("admitted", [True, False])
async def test_a_personal_link_opens_the_panel_only_once_admitted(
    reports: Reports, clinic: Clinic, db: Database, admitted: bool
) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    scope = VisitScope(visit=new_id(), patient=clinic.patient.id, admitted=admitted)
    guest = Caller(account=clinic.patient.id, scope=scope)

    if admitted:
        assert received.id == (await reports.read(guest, received.id)).id
    else:
        with pytest.raises(NotFound):
            await reports.read(guest, received.id)


async def test_every_reading_and_writing_is_written_down(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    await reports.interpret((await due(db))[0])
    await reports.read(clinic.nutritionist.caller, received.id)
    await reports.originals(clinic.patient.caller, received.id)
    await reports.list_of(clinic.guardian.caller, clinic.patient.id)

    async with db.begin(SYSTEM) as tx:
        entries = audit.entries
        rows = await tx.execute(
            select(entries.c.account, entries.c.action, entries.c.what)
            .where(entries.c.patient == clinic.patient.id, entries.c.what.like("%report%"))
            .order_by(entries.c.at)
        )
        written = [tuple(row) for row in rows]
    assert [
        (clinic.consultant.id, "write", "report"),
        (None, "write", "report findings"),
        (clinic.nutritionist.id, "read", "report"),
        (clinic.patient.id, "read", "original report file"),
        (clinic.guardian.id, "read", "reports"),
    ] == written


async def test_what_was_changed_in_the_database_is_not_shown(reports: Reports, clinic: Clinic, db: Database) -> None:
    received = await receive(reports, clinic, lab.metaphlan_4())
    async with db.engine.begin() as connection:  # as somebody with the owner's rights on the database
        await connection.execute(update(tables.file).values(sha256=bytes(32)))

    with pytest.raises(Tampered):
        await reports.originals(clinic.patient.caller, received.id)
    with pytest.raises(Tampered):
        await reports.interpret((await due(db))[0])


@pytest.mark.parametrize(("files", "refusal"), [
    ([], Invalid),
    ([Handed("a", b"x")] * 5, Invalid),
    ([Handed("a", bytes(100_001))], TooLarge),
])  # fmt: skip
async def test_no_file_too_many_and_too_large_are_refused_and_nothing_is_kept(
    reports: Reports, clinic: Clinic, db: Database, files: list[Handed], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await reports.receive(clinic.patient.caller, clinic.patient.id, files, {})

    async with db.begin(SYSTEM) as tx:
        assert 0 == await tx.scalar(select(func.count()).select_from(tables.report))


async def test_the_list_comes_newest_first_in_pages(reports: Reports, clinic: Clinic) -> None:
    made = [(await receive(reports, clinic, lab.metaphlan_4())).id for _ in range(3)]

    first = await reports.list_of(clinic.patient.caller, clinic.patient.id, limit=2)
    rest = await reports.list_of(clinic.patient.caller, clinic.patient.id, before=first[-1].id, limit=2)

    assert list(reversed(made)) == [one.id for one in [*first, *rest]]


async def test_a_packed_file_is_kept_packed(reports: Reports, clinic: Clinic, db: Database) -> None:
    packed = gzip.compress(lab.kraken(lab.gut()))
    received = await receive(reports, clinic, packed)
    await reports.interpret((await due(db))[0])

    [original] = await reports.originals(clinic.patient.caller, received.id)
    assert packed == original.content
    assert "ready" == (await reports.read(clinic.patient.caller, received.id)).state
