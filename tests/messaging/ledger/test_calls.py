"""The banner of urgent messages: for the team alone, until somebody reads or takes one."""

from __future__ import annotations

from telegut.db.engine import Database
from telegut.settings import Settings
from tests.messaging.ledger.places import Place, place

OLDER = "update messaging_entry set at = at - interval '6 minutes' where conversation = $1"


async def _escalated(db: Database, url: str, settings: Settings) -> tuple[Place, int]:
    here = await place(db, url, settings)
    seq = await here.say(here.clinic.patient, "It hurts", urgent=True)
    assert () == await here.services.calls.waiting(here.clinic.consultant.caller)
    await here.sql(OLDER)
    assert 1 == await here.services.escalations.look()
    return here, seq


async def test_the_team_is_told_and_nobody_else_until_somebody_reads(
    db: Database, database_url: str, settings: Settings
) -> None:
    here, seq = await _escalated(db, database_url, settings)
    clinic, calls = here.clinic, here.services.calls
    (call,) = await calls.waiting(clinic.nutritionist.caller)
    outside = [await calls.waiting(one.caller) for one in (clinic.stranger_consultant, clinic.admin)]
    await here.messaging.read(clinic.consultant.caller, here.conversation, seq)

    assert (here.conversation, clinic.patient.name, 1) == (call.conversation, call.patient_name, call.step)
    assert await here.version() == call.version
    assert [(), ()] == outside
    assert () == await calls.waiting(clinic.nutritionist.caller)


async def test_it_ends_for_everybody_once_somebody_takes_it(
    db: Database, database_url: str, settings: Settings
) -> None:
    here, _ = await _escalated(db, database_url, settings)
    (call,) = await here.services.calls.waiting(here.clinic.nutritionist.caller)
    await here.ledger.claim(here.clinic.nutritionist.caller, here.conversation, call.version)

    assert () == await here.services.calls.waiting(here.clinic.consultant.caller)
