"""A seat of a group session that is given back: kept for the first who waits for one, and never free in between."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from telegut.db.engine import Database
from telegut.scheduling.waitlist.service import Waitlist
from tests import build
from tests.build import Account
from tests.scheduling.conftest import Api, Client, Practice, at, booked, practice_in, refused
from tests.scheduling.test_groups import opened, seat, session_as
from tests.scheduling.test_waitlist import AWAKE, cancel, join, offers_of, run_out, waitlist

__all__ = ["waitlist"]


@pytest.fixture
async def practice(db: Database) -> Practice:
    """A practice where it is never too late to ask."""
    return await practice_in(db, AWAKE)


async def full(client: Client, db: Database, practice: Practice) -> tuple[dict[str, Any], list[Account], Any]:
    """A session of two seats, both taken, and who has them."""
    session = await opened(client, db, practice, at(5), seats=2)
    guests = [await build.person(db, "patient", name) for name in ("Ada Berg", "Bo Lind")]
    first = await booked(await seat(client, guests[0], session))
    await booked(await seat(client, guests[1], session))
    return session, guests, first


async def left(client: Client, who: Account, session: dict[str, Any]) -> int:
    """The seats that somebody sees as free."""
    return int((await session_as(client, who, session))["left"])


async def test_a_seat_that_is_given_back_is_kept_for_who_waits_and_becomes_theirs(
    client: Client, practice: Practice, db: Database
) -> None:
    session, guests, first = await full(client, db, practice)
    await join(client, practice.patient, UUID(session["service"]))
    await cancel(client, guests[0], first)
    [offered] = await offers_of(client, practice.patient)

    assert (session["start"], session["practitioners"]) == (offered["start"], offered["practitioners"])
    assert 0 == await left(client, practice.other, session)
    assert (409, "no_seats") == await refused(await seat(client, practice.other, session))
    lena = Api(client, practice.patient)
    taken = await booked(await lena.post(f"/api/v1/waitlist/offers/{offered['id']}/accept", {}))
    assert (session["id"], session["start"]) == (taken["group_session"], taken["start"])
    assert [] == (await booked(await lena.get("/api/v1/waitlist")))["items"]
    await cancel(client, practice.patient, taken)
    assert 1 == await left(client, practice.other, session)


async def test_a_kept_seat_may_be_taken_on_the_page_of_the_session(
    client: Client, practice: Practice, db: Database
) -> None:
    session, guests, first = await full(client, db, practice)
    await join(client, practice.patient, UUID(session["service"]))
    await cancel(client, guests[0], first)
    taken = await booked(await seat(client, practice.patient, session))

    assert session["id"] == taken["group_session"]
    assert ([], 0) == (await offers_of(client, practice.patient), await left(client, practice.other, session))


@pytest.mark.parametrize("how", ["decline", "lapse", "hold"])
async def test_a_seat_that_is_passed_on_goes_to_the_next_and_then_to_everybody(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist, how: str
) -> None:
    session, guests, first = await full(client, db, practice)
    for who in (practice.patient, practice.other):
        await join(client, who, UUID(session["service"]))
    await cancel(client, guests[0], first)
    for who in (practice.patient, practice.other):
        [offered] = await offers_of(client, who)
        assert 0 == await left(client, guests[0], session)
        if how == "decline":
            answer = await Api(client, who).post(f"/api/v1/waitlist/offers/{offered['id']}/decline", {})
        elif how == "hold":
            answer = await client.delete(f"/api/v1/holds/{offered['hold']}", headers=who.bearer)
        else:
            await run_out(db, offered["id"])
            await waitlist.lapse(UUID(offered["id"]))
            continue
        assert 204 == answer.status

    assert 1 == await left(client, guests[0], session)


async def test_taking_a_kept_seat_against_its_lapse_leaves_the_count_right(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    session, guests, first = await full(client, db, practice)
    for who in (practice.patient, practice.other):
        await join(client, who, UUID(session["service"]))
    await cancel(client, guests[0], first)
    [offered] = await offers_of(client, practice.patient)
    lena = Api(client, practice.patient)
    path = f"/api/v1/waitlist/offers/{offered['id']}"
    answers = await asyncio.gather(
        lena.post(f"{path}/accept", {}), lena.post(f"{path}/decline", {}), seat(client, practice.patient, session)
    )
    statuses = [one.status for one in answers]

    assert all(one < 500 for one in statuses), statuses
    seated = [one for one in answers[::2] if one.status == 201]
    waits = await offers_of(client, practice.other)
    assert 1 == len(seated) + len(waits), statuses
    assert 0 == await left(client, guests[0], session)


async def test_a_session_that_moves_offers_its_free_seats_anew(
    client: Client, practice: Practice, db: Database
) -> None:
    session, guests, first = await full(client, db, practice)
    await join(client, practice.patient, UUID(session["service"]))
    await cancel(client, guests[0], first)
    host = Api(client, practice.consultant)
    now = await session_as(client, practice.consultant, session)
    body = {"start": at(6).isoformat(), "version": now["version"]}
    moved = await booked(await host.post(f"/api/v1/group-sessions/{session['id']}/reschedule", body))
    [offered] = await offers_of(client, practice.patient)

    assert (moved["start"], 0) == (offered["start"], await left(client, practice.other, session))
