"""Words leave after the clinic's years, never while a record is held, and each time somebody can read that they did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.messaging.retention.service import AlreadyHeld, AlreadyLifted, PolicyChanged, Retention
from telegut.messaging.search.service import Search
from telegut.settings import Settings
from tests import build
from tests.messaging.places import place
from tests.messaging.test_handlers import Caller, Client

YEAR = timedelta(days=365.25)


async def _audited(db: Database, action: str) -> int:
    async with db.begin(build.BUILDER) as tx:
        return int(await tx.scalar(text(f"select count(*) from db_audit where action = '{action}'")))


async def test_old_words_are_removed_and_the_log_keeps_its_numbers(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    admin = here.clinic.admin.caller
    retention = Retention(db, build.VAULT, utc_now, batch=100)
    search = Search(db, build.VAULT, page=10, batch=1_000)
    long_ago = replace(here.messaging, now=lambda: utc_now() - 11 * YEAR)
    await long_ago.post(here.clinic.patient.caller, here.conversation, "a1", "Old herons")
    await here.messaging.post(here.clinic.patient.caller, here.conversation, "a2", "New herons")
    await search.catch_up()

    assert 0 == await retention.purge()
    policy = await retention.set_policy(admin, 10, version=1)
    with pytest.raises(PolicyChanged):
        await retention.set_policy(admin, 5, version=1)
    hold = await retention.place(admin, here.clinic.patient.id, "A court has asked")
    with pytest.raises(AlreadyHeld):
        await retention.place(admin, here.clinic.patient.id, "Again")
    assert 0 == await retention.purge()
    await retention.lift(admin, hold.id, "The court has decided")
    with pytest.raises(AlreadyLifted):
        await retention.lift(admin, hold.id, "Again")
    purged = (await retention.purge(), await retention.purge())

    log = await here.log()
    found = await search.find(here.clinic.consultant.caller, here.clinic.patient.id, "herons", after=None)
    held = [(one.reason, one.lift_reason) for one in await retention.holds(admin)]
    assert ((10, 2), (1, 0)) == ((policy.keep_years, policy.version), purged)
    assert list(range(1, len(log) + 1)) == [one["seq"] for one in log]
    assert [(None, True), ("New herons", False)] == [
        (one["body"], "purged_at" in one) for one in log if one["type"] == "message.sent"
    ]
    assert ["New herons"] == [one.snippet for one in found.hits]
    assert [("A court has asked", "The court has decided")] == held
    assert (1, 1, 1) == (await _audited(db, "purge"), await _audited(db, "hold"), await _audited(db, "lift hold"))
    assert (await here.messaging.conversations(here.clinic.patient.caller))[0].last is not None


async def test_a_held_record_is_not_erased_and_nobody_else_removes_words(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    retention = Retention(db, build.VAULT, utc_now, batch=100)
    patient = here.clinic.patient.id
    hold = await retention.place(here.clinic.admin.caller, patient, "A court has asked")
    erase = text(f"update db_patient_key set wrapped = null, destroyed_at = now() where patient = '{patient}'")

    with pytest.raises(Exception, match="the record is held"):
        async with db.begin(build.BUILDER) as tx:
            await tx.execute(erase)
    with pytest.raises(Exception, match="permission denied"):
        async with db.begin(build.BUILDER) as tx:
            await tx.execute(text("update messaging_entry set body = null, purged_at = now()"))
    await retention.lift(here.clinic.admin.caller, hold.id, "It is over")
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(erase)

    # Another process, which has no open key: reasons are gone with the key.
    again = replace(retention, vault=Vault(build.ROOT_KEY))
    assert [""] == [one.reason for one in await again.holds(here.clinic.admin.caller)]


async def test_saved_replies_and_the_years_over_http(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    mine, other, admin = (Caller(client, one) for one in (clinic.consultant, clinic.nutritionist, clinic.admin))
    path = "/api/v1/saved-replies"
    own = await mine.post(path, {"title": "Hello", "body": "Dear {first_name}, see you {visit_time}."})
    shared = await mine.post(path, {"title": "Oats", "body": "Eat oats.", "shared": True})
    problem = await mine.post(path, {"title": "No", "body": "{diagnosis}"}, 422)
    filled = await mine.get(f"{path}/{own['id']}/filled?patient={clinic.patient.id}")
    await mine.get(f"{path}/{own['id']}/filled?patient={clinic.stranger_patient.id}", 404)

    assert ([own, shared], [shared]) == ((await mine.get(path))["items"], (await other.get(path))["items"])
    assert ["body"] == [one["field"] for one in problem["errors"]]
    assert {"body": "Dear Lena, see you {visit_time}.", "open": ["visit_time"]} == filled
    assert {"keep_years": None, "version": 1} == await admin.get("/api/v1/retention")
    await mine.get("/api/v1/retention", 403)

    async def changed(who: Caller, reply: str, status: int) -> None:
        body = {"version": 1, "body": "Eat rye."}
        async with client.patch(f"{path}/{reply}", json=body, headers=who.who.bearer) as answer:
            assert status == answer.status

    await changed(other, own["id"], 404)
    await changed(other, shared["id"], 200)
    await changed(mine, shared["id"], 409)
    for status in (204, 404):
        async with client.delete(f"{path}/{own['id']}", headers=mine.who.bearer) as answer:
            assert status == answer.status
