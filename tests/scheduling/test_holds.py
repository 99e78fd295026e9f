"""Holds: kept for some minutes by the database's clock, renewed once, given back, and at most two for one patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from telegut.db.engine import Database
from telegut.scheduling import catalogue
from telegut.scheduling.cancelling import CancelCode, cancellation
from tests import build
from tests.scheduling.conftest import GENEROUS, Api, Client, Practice, at, booked, refused
from tests.scheduling.conftest import text as spelled

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def keep(api: Api, practice: Practice, clock: str, **more: Any) -> dict[str, Any]:
    """A time that is kept."""
    answer = await api.hold(practice.short, [practice.consultant], at(5, clock), **more)
    assert 201 == answer.status, await answer.text()
    return dict(await answer.json())


async def run_out(db: Database, hold: str) -> None:
    """Let a hold's time be over, as the database's clock sees it."""
    past = "now() - interval '1 second'"
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(
            text(
                f"update scheduling_hold set made_at = {past} - interval '5 minutes', expires_at = {past}"
                " where id = cast(:hold as uuid)"
            ).bindparams(hold=hold)
        )
        await tx.execute(
            text(f"update scheduling_participant set expires_at = {past} where hold = cast(:hold as uuid)").bindparams(
                hold=hold
            )
        )


async def test_a_hold_is_renewed_once(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    held = await keep(lena, practice, "10:00")

    first = await lena.post(f"/api/v1/holds/{held['id']}/renew", {})
    second = await lena.post(f"/api/v1/holds/{held['id']}/renew", {})

    renewed = await first.json()
    assert (200, True, False) == (first.status, renewed["renewed"], renewed["renewable"])
    assert renewed["expires_at"] > held["expires_at"]
    assert (409, "hold_renewed") == await refused(second)


async def test_a_renewed_hold_keeps_its_time_beyond_its_first_end(
    client: Client, practice: Practice, db: Database
) -> None:
    lena = Api(client, practice.patient)
    held = await keep(lena, practice, "10:00")
    async with db.begin(build.BUILDER) as tx:
        almost = "now() + interval '1 second'"
        await tx.execute(text(f"update scheduling_participant set expires_at = {almost} where hold is not null"))
    await lena.post(f"/api/v1/holds/{held['id']}/renew", {})

    async with db.begin(build.BUILDER) as tx:
        ends = (
            await tx.execute(text("select expires_at > now() + interval '4 minutes' from scheduling_participant"))
        ).scalars()
        assert {True} == set(ends)


async def test_a_hold_that_ran_out_is_not_renewed_and_its_time_is_free(
    client: Client, practice: Practice, db: Database
) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    held = await keep(lena, practice, "10:00")
    await run_out(db, held["id"])

    renewed = await lena.post(f"/api/v1/holds/{held['id']}/renew", {})
    free = await tom.starts(practice.short, at(5), at(5, "10:01"), [practice.consultant])

    assert (410, "hold_expired") == await refused(renewed)
    assert [spelled(at(5))] == free


async def test_a_hold_is_given_back_and_twice_is_once(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    held = await keep(lena, practice, "10:00")
    path = f"/api/v1/holds/{held['id']}"

    stranger = await client.delete(path, headers=tom.who.bearer)
    first = await client.delete(path, headers=lena.who.bearer)
    again = await client.delete(path, headers=lena.who.bearer)

    assert (404, 204, 204) == (stranger.status, first.status, again.status)
    assert [spelled(at(5))] == await tom.starts(practice.short, at(5), at(5, "10:01"), [practice.consultant])
    assert [] == (await (await lena.get("/api/v1/holds")).json())["items"]


async def test_a_booked_hold_is_not_given_back(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    held = await keep(lena, practice, "10:00")
    await booked(await lena.post("/api/v1/appointments", {"hold": held["id"]}))

    answer = await client.delete(f"/api/v1/holds/{held['id']}", headers=lena.who.bearer)

    assert (409, "hold_used") == await refused(answer)


async def test_a_third_hold_ends_ones_own_oldest_and_never_somebody_elses(client: Client, practice: Practice) -> None:
    lena, noor = Api(client, practice.patient), Api(client, practice.coordinator)
    patient = str(practice.patient.id)
    first, second = await keep(lena, practice, "10:00"), await keep(lena, practice, "11:00")

    for_her = await noor.hold(practice.short, [practice.consultant], at(5, "12:00"), patient=patient)
    third = await keep(lena, practice, "13:00")
    listed = (await (await lena.get("/api/v1/holds")).json())["items"]

    assert (409, "too_many_holds") == await refused(for_her)
    assert {second["id"], third["id"]} == {one["id"] for one in listed}
    assert first["id"] not in {one["id"] for one in listed}


async def test_what_staff_keeps_for_a_patient_counts_for_the_patient(client: Client, practice: Practice) -> None:
    lena, noor = Api(client, practice.patient), Api(client, practice.coordinator)
    patient = str(practice.patient.id)
    await keep(noor, practice, "10:00", patient=patient)
    await keep(lena, practice, "11:00")
    last = await keep(lena, practice, "12:00")

    assert [last["id"]] == [one["id"] for one in (await (await lena.get("/api/v1/holds")).json())["items"]]
    assert 1 == len((await (await noor.get("/api/v1/holds")).json())["items"])


# --- cancelling


@pytest.mark.parametrize(
    ("hours_before", "by_staff", "late"),
    [(25, False, False), (24, False, False), (23, False, True), (1, False, True), (1, True, False)],
)
def test_what_cancelling_means_is_told_before(hours_before: int, by_staff: bool, late: bool) -> None:
    found = cancellation(NOON, NOON - timedelta(hours=hours_before), timedelta(hours=24), by_staff=by_staff)

    assert (late, NOON - timedelta(hours=24)) == (found.late, found.late_from)
    assert late == ("noted" in found.text)
    assert by_staff == (CancelCode.CLINIC in found.codes)


async def test_a_late_cancellation_is_told_before_noted_and_seen_by_the_other_side(
    client: Client, practice: Practice, db: Database
) -> None:
    async with db.begin(build.BUILDER) as tx:
        await catalogue.set_policy(tx, replace(GENEROUS, cancel_notice=timedelta(days=10)))
    lena, noor = Api(client, practice.patient), Api(client, practice.coordinator)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(5)))
    path = f"/api/v1/appointments/{visit['id']}"

    told = await (await lena.get(f"{path}/cancellation")).json()
    clinics = await lena.post(f"{path}/cancel", {"version": 1, "code": "clinic"})
    ended = await lena.post(f"{path}/cancel", {"version": 1, "code": "cannot_come", "reason": "My knee hurts"})
    by_coordinator = await (await noor.get(path)).json()
    by_consultant = await (await Api(client, practice.consultant).get(path)).json()

    assert (True, False) == (told["late"], "clinic" in [one["code"] for one in told["codes"]])
    assert (422, 200) == (clinics.status, ended.status)
    assert (True, "cannot_come", str(practice.patient.id)) == tuple(
        by_coordinator[name] for name in ("cancelled_late", "cancel_code", "cancelled_by")
    )
    assert (None, "My knee hurts") == (by_coordinator["cancel_reason"], by_consultant["cancel_reason"])
