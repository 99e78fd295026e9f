"""An interpreter is booked with a visit or the visit is not booked; they give their time, and see no record."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from telegut.db.engine import Database
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.choice import languages
from tests import build
from tests.build import Account
from tests.rooms.visits import agree
from tests.rooms.visits import at as server_at
from tests.scheduling.conftest import Api, Client, Practice, all_week, at, booked, refused, text
from tests.scheduling.test_races import outcomes, spans


async def interpreter(db: Database, name: str, *spoken: str, start: str = "08:00", end: str = "18:00") -> Account:
    """Somebody who translates, with hours in UTC."""
    made = await build.person(db, "interpreter", name, "UTC")
    async with db.begin(build.BUILDER) as tx:
        await catalogue.add_provider(tx, made.id, "interpreter", "UTC")
        await calendars.replace(tx, made.id, all_week(start=start, end=end), version=None, by=None)
        await languages.replace(tx, made.id, spoken)
    return made


async def test_an_interpreter_takes_part_without_being_a_practitioner(
    client: Client, practice: Practice, db: Database
) -> None:
    layla = await interpreter(db, "Layla Nasser", "ar", "de")
    lena, hers = Api(client, practice.patient), Api(client, layla)
    visit = await booked(
        await lena.book(practice.joint, [practice.consultant, practice.nutritionist], at(3), interpreter="ar")
    )
    listed = await (await hers.get("/api/v1/appointments")).json()
    file = await hers.get(f"/api/v1/appointments/{visit['id']}.ics")

    assert str(layla.id) == visit["interpreter"]
    assert {str(practice.consultant.id), str(practice.nutritionist.id)} == set(visit["practitioners"])
    assert [(visit["id"], None)] == [(one["id"], one["reason"]) for one in listed["items"]]
    assert "METHOD:REQUEST" in await file.text()
    people = await (await lena.get("/api/v1/practitioners")).json()
    assert str(layla.id) not in {one["id"] for one in people["items"]}
    as_practitioner = await lena.book(practice.short, [layla], at(4))
    assert 422 == as_practitioner.status


async def test_with_nobody_free_to_translate_nothing_is_booked(
    client: Client, practice: Practice, db: Database
) -> None:
    layla = await interpreter(db, "Layla Nasser", "ar", start="10:00", end="12:00")
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    await booked(await tom.book(practice.advice, [practice.nutritionist], at(3), interpreter=str(layla.id)))
    taken = await lena.book(practice.short, [practice.consultant], at(3), interpreter="ar")
    outside = await lena.book(practice.short, [practice.consultant], at(3, "14:00"), interpreter="ar")
    unknown = await lena.book(practice.short, [practice.consultant], at(3, "14:00"), interpreter="fi")

    assert (409, "no_interpreter") == await refused(taken)
    assert (409, "no_interpreter") == await refused(outside)
    assert (422, "nobody_translates") == await refused(unknown)
    assert [] == await spans(db, practice.consultant.id)
    assert 1 == len(await spans(db, layla.id))


async def test_times_are_listed_when_everybody_is_free_at_once(
    client: Client, practice: Practice, db: Database
) -> None:
    await interpreter(db, "Layla Nasser", "ar", start="10:00", end="11:00")
    await interpreter(db, "Omar Said", "ar-EG", start="10:40", end="12:00")
    lena = Api(client, practice.patient)
    asked = {"service": practice.short, "practitioner": practice.consultant.id, "interpreter": "ar"}
    answer = await lena.get("/api/v1/slots", **asked, from_=text(at(3, "08:00")), to=text(at(3, "18:00")))
    explained = await lena.get("/api/v1/slots/explain", **asked, start=text(at(3, "09:00")))

    starts = [one["start"][11:16] for one in (await answer.json())["items"]]
    assert ["10:00", "10:30", "11:00", "11:30"] == starts
    assert ["no_interpreter"] == (await explained.json())["reasons"]


async def test_who_translated_least_lately_comes_first(client: Client, practice: Practice, db: Database) -> None:
    both = {str((await interpreter(db, name, "ar")).id) for name in ("Layla Nasser", "Omar Said")}
    lena = Api(client, practice.patient)
    found = [
        (await booked(await lena.book(practice.short, [practice.consultant], at(3, clock), interpreter="ar")))[
            "interpreter"
        ]
        for clock in ("09:00", "11:00", "13:00", "15:00")
    ]

    assert both == set(found[:2])
    assert both == set(found[2:])
    told = await (await lena.get("/api/v1/interpreters/languages")).json()
    assert ["ar"] == told["languages"]


async def test_a_visit_moves_with_its_interpreter_and_gives_their_time_back(
    client: Client, practice: Practice, db: Database
) -> None:
    layla = await interpreter(db, "Layla Nasser", "ar")
    lena = Api(client, practice.patient)
    visit = await booked(await lena.book(practice.padded, [practice.consultant], at(3), interpreter="ar"))
    path = f"/api/v1/appointments/{visit['id']}"
    moved = await booked(await lena.post(path + "/reschedule", {"start": text(at(3, "14:00")), "version": 1}))
    assert str(layla.id) == moved["interpreter"]
    assert [(at(3, "14:00"), at(3, "14:30"))] == await spans(db, layla.id)
    await booked(await lena.post(path + "/cancel", {"version": 2}))
    assert [] == await spans(db, layla.id)


async def test_a_hold_keeps_the_interpreter_too(client: Client, practice: Practice, db: Database) -> None:
    layla = await interpreter(db, "Layla Nasser", "ar")
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    hold = await booked(await lena.hold(practice.short, [practice.consultant], at(3), interpreter="ar"))
    other = await tom.book(practice.advice, [practice.nutritionist], at(3), interpreter="ar")
    visit = await booked(await lena.post("/api/v1/appointments", {"hold": hold["id"]}))

    assert (409, "no_interpreter") == await refused(other)
    assert str(layla.id) == visit["interpreter"]
    assert [str(practice.consultant.id)] == visit["practitioners"]


@pytest.mark.parametrize("rounds", [2, pytest.param(200, marks=pytest.mark.long)])
async def test_two_practitioners_race_for_two_interpreters_and_a_third_wish_goes_without(
    client: Client, practice: Practice, db: Database, rounds: int
) -> None:
    for name in ("Layla Nasser", "Omar Said"):
        await interpreter(db, name, "ar")
    people = [Api(client, await build.person(db)) for _ in range(8)]
    for number in range(rounds):
        start = at(3 + number)
        wishes = [
            one.book(practice.short, [practice.consultant], start, interpreter="ar")
            if place % 2
            else one.book(practice.advice, [practice.nutritionist], start, interpreter="ar")
            for place, one in enumerate(people)
        ]
        answers = await asyncio.gather(*wishes)
        found = await outcomes(answers)

        assert (2, 6) == (found[(201, "")], found[(409, "slot_taken")] + found[(409, "no_interpreter")])
        for who, answer in zip(people, answers, strict=True):
            if answer.status == 201:
                path = f"/api/v1/appointments/{(await answer.json())['id']}/cancel"
                assert 200 == (await who.post(path, {"version": 1})).status


async def test_an_interpreter_s_page_names_people_by_first_name(
    client: Client, practice: Practice, db: Database
) -> None:
    layla = await interpreter(db, "Layla Nasser", "ar")
    lena = Api(client, practice.patient)
    await booked(
        await lena.book(practice.short, [practice.consultant], at(3), interpreter="ar", reason="A word of hers")
    )
    page = await (await Api(client, layla).get("/interpreting")).text()

    assert "with Lena" in page
    assert "Hartmann" not in page
    assert "A word of hers" not in page


async def test_the_room_seats_the_interpreter_and_shows_them_no_record(
    client: Client, db: Database, server: str
) -> None:
    layla = await build.person(db, "interpreter", "Layla Nasser")
    visit = await agree(db, interpreter=layla, starts_in=timedelta(minutes=-1))
    async with server_at(server) as here:
        host = await here.join(visit.consultant, visit)
        hers, patient = await here.join(layla, visit), await here.join(visit.patient, visit)
        seen: dict[str, Any] = {one["role"]: one["name"] for one in hers.visit["participants"]}
        assert {"consultant": "Amara Okafor", "patient": "Lena", "interpreter": "Layla Nasser"} == seen
        assert None is hers.visit["patient"]
        await hers.say("knock")
        await host.sees(layla.id, "waiting")
        await host.say("admit", participant=str(layla.id))
        await hers.sees(layla.id, "inside")
        assert "open" == (await here.state(layla, visit.id))["state"]
        await patient.say("knock")
        await host.sees(visit.patient.id, "waiting")
        await host.say("admit", participant=str(visit.patient.id))
        await hers.sees(visit.patient.id, "inside")
        await host.say("panel", panel="plan")
        await patient.hears("panel", panel="plan")
        assert "live" == (await here.state(layla, visit.id))["state"]
        assert None is hers.panel
        assert [] == [one for one in hers.heard if one["type"] == "panel" and one.get("panel")]
        async with ClientSession() as http:
            records = f"{server}/api/v1/patients/{visit.patient.id}/care-plan"
            async with http.get(records, headers=layla.bearer) as answer:
                assert 404 == answer.status
            async with http.get(f"{server}/api/v1/visits/{visit.id}/link", headers=layla.bearer) as answer:
                link = (await answer.json())["url"]
            async with http.get(server + link) as answer:  # not signed in: the link alone, of somebody who is let in
                assert "You translate" in await answer.text()
            async with http.get(records) as answer:
                assert answer.status in (401, 404)
        await host.say("end")
        await host.closed()
