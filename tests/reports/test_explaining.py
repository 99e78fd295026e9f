"""Reports that need a person: a table that is explained, a document that is typed; on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.errors import Invalid, NotFound
from telegut.reports.confirming import NamesNotKnown
from telegut.reports.isolation import Reader
from telegut.reports.mapping.service import DescriptionChanged, LaboratoryTables, NothingToExplain, Said
from telegut.reports.service import Handed, Reports
from telegut.reports.typed.rules import Line
from telegut.reports.typed.service import LookedAlready, NothingToType, OwnTyping, Typing
from tests import build
from tests.build import Clinic
from tests.reports import own_tables as own
from tests.reports.test_service import due

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
LINES = [Line("Bacteroides", "genus", 31.5), Line("Bacteroides uniformis", "species", 20.0), Line("Dorea", "genus", 2)]


@pytest.fixture
def reports(db: Database) -> Reports:
    return Reports(db=db, vault=build.VAULT, now=utc_now, reader=Reader(time_s=60, memory_bytes=512 * 1024**2), tries=3)


@pytest.fixture
def tables(db: Database, reports: Reports) -> LaboratoryTables:
    return LaboratoryTables(db, build.VAULT, utc_now, reports)


@pytest.fixture
def typing(db: Database, reports: Reports) -> Typing:
    return Typing(db, build.VAULT, utc_now, reports)


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def read(reports: Reports, db: Database) -> None:
    for job in await due(db):
        await reports.interpret(job)


async def handed_in(reports: Reports, clinic: Clinic, db: Database, data: bytes) -> UUID:
    received = await reports.receive(clinic.patient.caller, clinic.patient.id, [Handed("x", data)], {})
    await read(reports, db)
    return received.id


async def test_a_table_is_explained_read_and_its_description_offered_the_next_time(
    reports: Reports, tables: LaboratoryTables, clinic: Clinic, db: Database
) -> None:
    team = clinic.nutritionist.caller
    first = await handed_in(reports, clinic, db, own.GERMAN)
    unread = await tables.unread(team, first)
    assert [] == unread.fitting

    said = Said(mapping=own.GERMAN_MAPPING, laboratory="Labor Beispiel")
    await tables.explain(team, first, unread.report.version, said)
    await read(reports, db)

    ready = await reports.read(clinic.patient.caller, first)
    assert "ready" == ready.state
    assert ready.told is not None
    assert ("columns", "Labor Beispiel, version 1", clinic.nutritionist.id) == (
        ready.told.kind, ready.told.name, ready.told.by,
    )  # fmt: skip
    with pytest.raises(NothingToExplain):
        await tables.explain(team, first, ready.version, said)

    second = await handed_in(reports, clinic, db, own.GERMAN)
    again = await tables.unread(team, second)
    assert "refused" == again.report.state, "offered, and never applied by itself"
    [offered] = again.fitting
    better = Said(
        mapping=replace(own.GERMAN_MAPPING, nested=False), description=offered.id, description_number=offered.number
    )
    await tables.explain(team, second, again.report.version, better)
    await read(reports, db)
    failed = await tables.unread(team, second)
    assert "damaged_file" == (failed.report.problem or {})["code"], "and it can be said better"

    [newest] = await tables.all(team)
    assert (offered.id, 2) == (newest.id, newest.number)
    with pytest.raises(DescriptionChanged):
        await tables.explain(team, second, failed.report.version, better)
    await tables.offer(team, newest.id, 2, offered=False)
    assert [] == (await tables.unread(team, second)).fitting
    kept = await reports.read(clinic.patient.caller, first)
    assert kept.told is not None
    assert "Labor Beispiel, version 1" == kept.told.name


async def test_of_several_samples_a_person_chooses_after_the_columns_were_explained(
    reports: Reports, tables: LaboratoryTables, clinic: Clinic, db: Database
) -> None:
    report = await handed_in(reports, clinic, db, own.WIDE)
    unread = await tables.unread(clinic.consultant.caller, report)
    await tables.explain(clinic.consultant.caller, report, unread.report.version, Said(mapping=own.WIDE_MAPPING))
    await read(reports, db)
    assert "choose_sample" == (await reports.read(clinic.patient.caller, report)).state

    await reports.choose(clinic.patient.caller, report, "P-2")
    await read(reports, db)
    ready = await reports.read(clinic.patient.caller, report)
    assert ("P-2", 20.0) == ((ready.answer or {})["sample"], (ready.answer or {})["taxa"][0]["percent"])
    assert [] == await tables.all(clinic.consultant.caller), "for this file alone"


async def test_what_does_not_fit_is_said_and_nothing_happens(
    reports: Reports, tables: LaboratoryTables, clinic: Clinic, db: Database
) -> None:
    report = await handed_in(reports, clinic, db, own.GERMAN)
    wrong = replace(own.GERMAN_MAPPING, value="Menge")

    with pytest.raises(Invalid) as refused:
        await tables.preview(clinic.consultant.caller, report, wrong)
    assert "value" == refused.value.errors[0].field
    with pytest.raises(NotFound):
        await tables.unread(clinic.stranger_consultant.caller, report)
    assert 40.25 == (await tables.preview(clinic.consultant.caller, report, own.GERMAN_MAPPING)).lines[3].amount


async def test_a_document_is_typed_and_looked_at_by_somebody_else(
    reports: Reports, typing: Typing, clinic: Clinic, db: Database
) -> None:
    report = await handed_in(reports, clinic, db, PDF)
    document = await typing.document(clinic.consultant.caller, report)
    assert (PDF, ()) == ((await reports.originals(clinic.patient.caller, report))[0].content, document.lines)

    await typing.type(clinic.consultant.caller, report, document.report.version, LINES)
    await read(reports, db)
    ready = await reports.read(clinic.patient.caller, report)
    said = ready.answer or {}
    assert ("typed-by-hand", {"database": None, "pipeline": None, "region": None}) == (said["format"], said["method"])
    assert "typed_by_hand" in [one["code"] for one in said["warnings"]]
    assert ready.told is not None
    assert ("typed", clinic.consultant.id, None) == (ready.told.kind, ready.told.by, ready.told.looked_at)

    with pytest.raises(OwnTyping):
        await typing.look(clinic.consultant.caller, report, 1)
    looked = await typing.look(clinic.nutritionist.caller, report, 1)
    assert clinic.nutritionist.id == looked.looked_by
    with pytest.raises(LookedAlready):
        await typing.look(clinic.nutritionist.caller, report, 1)

    await typing.type(clinic.nutritionist.caller, report, ready.version, [*LINES, Line("Blautia", "genus", 3)])
    await read(reports, db)
    corrected = await typing.document(clinic.consultant.caller, report)
    assert corrected.told is not None
    assert (4, 2, None) == (len(corrected.lines), corrected.told.number, corrected.told.looked_by)
    with pytest.raises(NothingToType):
        await typing.look(clinic.consultant.caller, report, 1)
    with pytest.raises(NothingToType):
        await typing.type(clinic.consultant.caller, report, ready.version, LINES)


async def test_only_documents_are_typed_and_only_what_fits_into_one_whole(
    reports: Reports, typing: Typing, clinic: Clinic, db: Database
) -> None:
    table = await handed_in(reports, clinic, db, own.GERMAN)

    with pytest.raises(NothingToType):
        await typing.document(clinic.consultant.caller, table)
    with pytest.raises(Invalid) as refused:
        await typing.type(clinic.consultant.caller, table, 1, [*LINES, Line("dorea", "genus", 80)])
    assert {"rows.3.name", "rows"} == {one.field for one in refused.value.errors}


async def test_names_that_are_not_known_are_asked_once_and_kept_with_the_laboratory(
    reports: Reports, tables: LaboratoryTables, clinic: Clinic, db: Database
) -> None:
    team = clinic.nutritionist.caller
    data = own.GERMAN_TEXT.encode() + b"Nowhereia;Gattung;8\nZonulin;Gattung;2\n"
    first = await handed_in(reports, clinic, db, data)
    assert ("Nowhereia", "Zonulin") == (await tables.preview(team, first, own.GERMAN_MAPPING)).asked
    with pytest.raises(NamesNotKnown) as refused:
        await tables.explain(team, first, 1, Said(mapping=own.GERMAN_MAPPING))
    assert ["Nowhereia", "Zonulin"] == [one["name"] for one in refused.value.extension["unknown_names"]]

    said = Said(mapping=own.GERMAN_MAPPING, laboratory="Labor", confirmed=("Nowhereia",), leave_out=True)
    await tables.explain(team, first, (await tables.unread(team, first)).report.version, said)
    await read(reports, db)
    ready = await reports.read(clinic.patient.caller, first)
    names = {row["name"] for row in (ready.answer or {})["taxa"]}
    assert (True, False) == ("Nowhereia" in names, "Zonulin" in names)
    assert "names_left_out" in {one["code"] for one in (ready.answer or {})["warnings"]}
    assert ready.told is not None
    assert [(("Nowhereia",), clinic.nutritionist.id)] == [(one.names, one.by) for one in ready.told.confirmed]

    second = await handed_in(reports, clinic, db, data.replace(b"Zonulin", b"Roseburia intestinalis"))
    unread = await tables.unread(clinic.consultant.caller, second)
    [kept] = unread.fitting
    again = Said(mapping=kept.mapping, description=kept.id, description_number=kept.number)
    await tables.explain(clinic.consultant.caller, second, unread.report.version, again)
    await read(reports, db)
    told = (await reports.read(clinic.patient.caller, second)).told
    assert told is not None
    assert (clinic.consultant.id, clinic.nutritionist.id) == (told.by, told.confirmed[0].by), "by whoever said so first"
    [still] = await tables.all(team)
    assert (1, ["Nowhereia"]) == (still.number, [one.name for one in still.confirmed])


async def test_a_typed_name_that_is_not_known_needs_the_word_of_whoever_types_it(
    reports: Reports, typing: Typing, clinic: Clinic, db: Database
) -> None:
    report = await handed_in(reports, clinic, db, PDF)
    lines = [*LINES, Line("Zonulin", "genus", 3), Line("Nowhereia", "genus", 4)]
    with pytest.raises(NamesNotKnown) as refused:
        await typing.type(clinic.consultant.caller, report, 2, lines)
    assert ["rows.3.confirmed", "rows.4.confirmed"] == [one.field for one in refused.value.errors]

    confirmed = [replace(one, confirmed=True) for one in (*LINES, lines[-1])]
    version = (await typing.document(clinic.consultant.caller, report)).report.version
    await typing.type(clinic.consultant.caller, report, version, confirmed)
    await read(reports, db)
    ready = await reports.read(clinic.patient.caller, report)
    assert ready.told is not None
    assert [(("Nowhereia",), clinic.consultant.id)] == [(one.names, one.by) for one in ready.told.confirmed]
    assert "Nowhereia" in {row["name"] for row in (ready.answer or {})["taxa"]}
