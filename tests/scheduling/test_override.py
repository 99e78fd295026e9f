"""Staff books against the rules by naming them, and only the rules: explicit, signed, shown, and undone cleanly."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from telegut.db.engine import Database
from telegut.scheduling import catalogue
from telegut.scheduling.overrides.rules import FIRM, NotDecidable, OverrideDiffers, left
from telegut.scheduling.refusals import Reason
from tests import build
from tests.scheduling.conftest import GENEROUS, Api, Client, Practice, at, booked, refused
from tests.scheduling.conftest import text as spelled

WHY = "She travels on the day after; agreed by telephone."


def override(*reasons: str, why: str = WHY) -> dict[str, Any]:
    """A decision as staff sends it."""
    return {"override": {"reasons": list(reasons), "why": why}}


@pytest.mark.parametrize(
    ("against", "decided", "expected"),
    [
        ({Reason.OUTSIDE_HOURS}, {Reason.OUTSIDE_HOURS}, []),
        ({Reason.TOO_SOON, Reason.BUFFER}, {Reason.BUFFER, Reason.TOO_SOON}, []),
        ({Reason.OUTSIDE_HOURS, Reason.TAKEN}, {Reason.OUTSIDE_HOURS}, [Reason.TAKEN]),
        ({Reason.PAST}, set(), [Reason.PAST]),
        ({Reason.OUTSIDE_HOURS, Reason.TOO_SOON}, {Reason.OUTSIDE_HOURS}, None),
        ({Reason.OUTSIDE_HOURS}, {Reason.OUTSIDE_HOURS, Reason.TOO_SOON}, None),
        ({Reason.OUTSIDE_HOURS}, {Reason.OUTSIDE_HOURS, Reason.TAKEN}, None),
        (set(), {Reason.OUTSIDE_HOURS}, None),
    ],
)
def test_exactly_what_speaks_against_it_is_named_and_what_is_firm_stays(
    against: Collection[Reason], decided: Collection[Reason], expected: list[Reason] | None
) -> None:
    if expected is None:
        with pytest.raises(OverrideDiffers):
            left(against, decided)
    else:
        assert expected == left(against, decided)


@pytest.mark.parametrize("against", [{Reason.TAKEN}, {Reason.TAKEN, Reason.OUTSIDE_HOURS}, {Reason.PAST}])
def test_naming_all_that_explain_gives_says_what_is_nobodys_to_decide(against: Collection[Reason]) -> None:
    with pytest.raises(NotDecidable) as refusal:
        left(against, against)

    assert ["nobody's to decide away" in one.message for one in refusal.value.errors] == [True]


def test_somebody_elses_time_is_never_decided_away() -> None:
    assert {Reason.TAKEN, Reason.HELD, Reason.PATIENT_BUSY, Reason.PAST} <= FIRM


async def test_staff_books_outside_the_hours_and_everybody_sees_who_signed(client: Client, practice: Practice) -> None:
    noor, start = Api(client, practice.coordinator), at(5, "19:00")
    patient = str(practice.patient.id)

    plain = await noor.book(practice.short, [practice.consultant], start, patient=patient)
    made = await booked(
        await noor.book(practice.short, [practice.consultant], start, patient=patient, **override("outside_hours"))
    )
    seen = await (await Api(client, practice.patient).get(f"/api/v1/appointments/{made['id']}")).json()
    by_team = await (await Api(client, practice.consultant).get(f"/api/v1/appointments/{made['id']}")).json()

    assert (422, "not_offered") == await refused(plain)
    assert (str(practice.coordinator.id), ["outside_hours"]) == (seen["override"]["by"], seen["override"]["reasons"])
    assert (None, WHY) == (seen["override"]["why"], by_team["override"]["why"])


async def test_why_is_sealed(client: Client, practice: Practice, db: Database) -> None:
    noor = Api(client, practice.coordinator)
    await booked(
        await noor.book(
            practice.short,
            [practice.consultant],
            at(5, "19:00"),
            patient=str(practice.patient.id),
            **override("outside_hours"),
        )
    )

    async with db.begin(build.BUILDER) as tx:
        kept = (await tx.execute(text("select * from scheduling_override"))).all()
        acts = list((await tx.execute(text("select action from db_audit where action = 'override'"))).scalars())
    assert 1 == len(acts)
    assert not any(WHY.encode() in bytes(value) for row in kept for value in row if isinstance(value, bytes))


async def test_a_patient_cannot_and_other_reasons_are_told(client: Client, practice: Practice, db: Database) -> None:
    async with db.begin(build.BUILDER) as tx:
        await catalogue.set_policy(tx, replace(GENEROUS, minimum_notice=timedelta(days=20)))
    start, patient = at(5, "19:00"), str(practice.patient.id)
    lena, noor = Api(client, practice.patient), Api(client, practice.coordinator)

    own = await lena.book(practice.short, [practice.consultant], start, **override("outside_hours"))
    other = await noor.book(practice.short, [practice.consultant], start, patient=patient, **override("outside_hours"))
    unknown = await noor.book(practice.short, [practice.consultant], start, patient=patient, **override("mood"))
    wordless = await noor.book(
        practice.short,
        [practice.consultant],
        start,
        patient=patient,
        **override("outside_hours", "too_soon", why=" \n "),
    )

    assert (403, "override_refused") == await refused(own)
    assert (422, "override_differs") == await refused(other)
    assert any("too_soon" in one["message"] for one in (await other.json())["errors"])
    assert (422, 422) == (unknown.status, wordless.status)


async def test_taken_time_stays_taken_for_staff_too(client: Client, practice: Practice) -> None:
    await booked(await Api(client, practice.other).book(practice.short, [practice.consultant], at(5)))

    answer = await Api(client, practice.coordinator).book(
        practice.short, [practice.consultant], at(5), patient=str(practice.patient.id), **override("taken")
    )

    assert (422, "not_decidable") == await refused(answer)


async def during(db: Database) -> list[tuple[str, str]]:
    """The time of the consultant with its buffers, as clocks show it in UTC."""
    async with db.begin(build.BUILDER) as tx:
        rows = await tx.execute(
            text(
                "select to_char(lower(during) at time zone 'UTC', 'HH24:MI'),"
                " to_char(upper(during) at time zone 'UTC', 'HH24:MI') from scheduling_participant"
                " where part = 'consultant' and active order by lower(during)"
            )
        )
        return [tuple(row) for row in rows]


async def test_a_buffer_is_cut_and_given_back(client: Client, practice: Practice, db: Database) -> None:
    """A review of half an hour keeps ten minutes after it; staff books right behind it, and cancels again."""
    first = await booked(await Api(client, practice.other).book(practice.padded, [practice.consultant], at(5, "10:00")))
    noor, patient = Api(client, practice.coordinator), str(practice.patient.id)

    plain = await noor.book(practice.padded, [practice.consultant], at(5, "10:30"), patient=patient)
    made = await booked(
        await noor.book(practice.padded, [practice.consultant], at(5, "10:30"), patient=patient, **override("buffer"))
    )
    beside = await during(db)
    answer = await noor.post(f"/api/v1/appointments/{made['id']}/cancel", {"version": 1})

    assert (422, "not_offered") == await refused(plain)
    assert [("10:00", "10:30"), ("10:30", "11:10")] == beside
    assert 200 == answer.status
    assert [("10:00", "10:40")] == await during(db)
    assert "booked" == first["status"]


async def test_moving_against_the_grid_is_signed_and_moving_on_by_the_rules_ends_it(
    client: Client, practice: Practice
) -> None:
    visit = await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(5)))
    amara, path = Api(client, practice.consultant), f"/api/v1/appointments/{visit['id']}/reschedule"

    moved = await booked(
        await amara.post(path, {"start": spelled(at(5, "12:10")), "version": 1, **override("off_grid")})
    )
    again = await booked(await amara.post(path, {"start": spelled(at(5, "13:00")), "version": 2}))

    assert (["off_grid"], None) == (moved["override"]["reasons"], again["override"])
    assert (visit["id"], 1, 2) == (moved["id"], moved["sequence"], again["sequence"])


async def test_the_same_key_signs_once(client: Client, practice: Practice, db: Database) -> None:
    noor = Api(client, practice.coordinator)
    body = {
        "service": str(practice.short),
        "practitioners": [str(practice.consultant.id)],
        "start": spelled(at(5, "19:00")),
        "patient": str(practice.patient.id),
        **override("outside_hours"),
    }

    first = await booked(await noor.post("/api/v1/appointments", body, **{"Idempotency-Key": "one"}))
    again = await booked(await noor.post("/api/v1/appointments", body, **{"Idempotency-Key": "one"}))

    async with db.begin(build.BUILDER) as tx:
        assert 1 == await tx.scalar(text("select count(*) from scheduling_override"))
    assert first == again
