"""Choosing: languages, reasons for coming, who is free first and why, and the next visit suggested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from telegut.db.engine import Database
from telegut.scheduling import calendars, catalogue, zones
from telegut.scheduling.choice.first import Patient
from telegut.scheduling.choice.follow_ups import window
from telegut.scheduling.choice.tags import canonical
from telegut.scheduling.offers import by_fairness
from tests import build
from tests.build import Account
from tests.scheduling.conftest import Api, Client, Practice, all_week, at, booked, refused, text


async def colleague(db: Database, practice: Practice, name: str = "Mei Tanaka") -> Account:
    """Another consultant with the same hours and kinds of visit."""
    mei = await build.person(db, "consultant", name, "UTC")
    async with db.begin(build.BUILDER) as tx:
        await catalogue.add_provider(tx, mei.id, mei.role, "UTC", [practice.short, practice.padded, practice.joint])
        await calendars.replace(tx, mei.id, all_week(), version=None, by=None)
    return mei


async def speak(client: Client, who: Account, *tags: str) -> None:
    """Say which languages somebody speaks."""
    await booked(await Api(client, who).put(f"/api/v1/practitioners/{who.id}/languages", {"languages": list(tags)}))


async def groups(api: Api, **query: Any) -> list[list[str]]:
    """Who may hold a consultation at ten in three days, in the order of the list."""
    asked = {"from_": text(at(3)), "to": text(at(3, "10:30")), **query}
    answer = await booked(await api.get("/api/v1/slots", **asked))
    return [one["practitioners"] for one in answer["items"]]


# --- languages


@pytest.mark.parametrize(
    ("written", "expected"),
    [("DE", "de"), ("en-gb", "en-GB"), ("ZH-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("sl-ROZAJ", "sl-rozaj")],
)
def test_a_language_tag_is_kept_in_its_usual_letters(written: str, expected: str) -> None:
    assert expected == canonical(written)


@pytest.mark.parametrize("written", ["", "d", "german", "de_DE", "de-", "x-klingon", "de--AT", "dé", "de-AT-x-dialect"])
def test_what_is_no_language_tag_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="language tag"):
        canonical(written)


async def test_times_are_found_by_language(client: Client, practice: Practice, db: Database) -> None:
    mei, lena = await colleague(db, practice), Api(client, practice.patient)
    await speak(client, practice.consultant, "en-GB", "de-AT")
    await speak(client, mei, "ja", "en")
    amara = str(practice.consultant.id)
    listed = (await booked(await lena.get("/api/v1/practitioners")))["items"]

    assert [["en-GB", "de-AT"]] == [one["languages"] for one in listed if one["id"] == amara]
    assert await groups(lena, service=practice.short, language="DE") == [[amara]]
    assert len(await groups(lena, service=practice.short, language="en")) == 2
    assert await groups(lena, service=practice.short, language="en-US") == []
    assert await groups(lena, service=practice.short, language="ja", practitioner=amara) == []
    assert (await lena.get("/api/v1/slots", service=practice.short, language="d%")).status == 422


async def test_everybody_sets_their_own_languages_and_coordinators_anybodys(client: Client, practice: Practice) -> None:
    path, body = f"/api/v1/practitioners/{practice.consultant.id}/languages", {"languages": ["fr"]}

    assert (await Api(client, practice.nutritionist).put(path, body)).status == 403
    assert (await Api(client, practice.patient).put(path, body)).status == 403
    assert await booked(await Api(client, practice.coordinator).put(path, body)) == body
    nobody = f"/api/v1/practitioners/{practice.patient.id}/languages"
    assert (await Api(client, practice.coordinator).put(nobody, body)).status == 404


# --- reasons for coming


async def test_a_reason_for_coming_leads_to_its_kinds_of_visit(client: Client, practice: Practice) -> None:
    noor, lena = Api(client, practice.coordinator), Api(client, practice.patient)
    food = await booked(await noor.post("/api/v1/topics", {"name": " Food ", "services": [str(practice.advice)]}))
    known = (await booked(await lena.get("/api/v1/topics")))["items"]

    assert known == [{"id": food["id"], "version": 1, "name": "Food", "services": [str(practice.advice)]}]
    assert await groups(lena, topic=food["id"]) == [[str(practice.nutritionist.id)]]
    assert await groups(lena, topic=food["id"], service=practice.advice) == [[str(practice.nutritionist.id)]]
    assert (await lena.get("/api/v1/slots", topic=food["id"], service=practice.short)).status == 422
    assert (await lena.get("/api/v1/slots", topic=str(practice.short))).status == 422
    assert (await lena.get("/api/v1/slots")).status == 422


async def test_reasons_change_by_version_have_one_name_each_and_go_away(client: Client, practice: Practice) -> None:
    noor = Api(client, practice.coordinator)
    body = {"name": "Sleep", "services": [str(practice.short)]}
    sleep = await booked(await noor.post("/api/v1/topics", body))
    path = f"/api/v1/topics/{sleep['id']}"
    both = {**body, "version": 1, "services": [str(practice.advice), str(practice.short)]}
    changed = await booked(await noor.put(path, both))
    stale = await noor.put(path, both)
    never = [await refused(await noor.put(path, {**both, "version": one})) for one in (2**31, 10**30, -(2**40))]

    assert (changed["version"], changed["services"]) == (2, both["services"])
    assert never == [(409, "topic_changed")] * 3
    assert (stale.status, (await stale.json())["current"]["version"]) == (409, 2)
    assert await refused(await noor.post("/api/v1/topics", {**body, "name": "SLEEP "})) == (409, "topic_known")
    assert (await noor.post("/api/v1/topics", {**body, "name": "  "})).status == 422
    assert (await noor.post("/api/v1/topics", {**body, "name": "a\x00b"})).status == 422
    unknown = {"name": "Other", "services": [str(practice.patient.id)]}
    assert (await noor.post("/api/v1/topics", unknown)).status == 422
    assert (await client.delete(path, headers=noor.who.bearer)).status == 204
    assert (await booked(await noor.get("/api/v1/topics")))["items"] == []
    await booked(await noor.post("/api/v1/topics", body))


# --- who is free first


def test_fewest_visits_lately_come_first_and_ties_by_id() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    teams = [(three,), (two, three), (two,), (one,)]

    assert [(two,), (one,), (two, three), (three,)] == by_fairness(teams, {one: 4, two: 0, three: 4})
    assert [(one,), (two,), (three,)] == by_fairness([(three,), (one,), (two,)], {})


async def test_equal_practitioners_take_turns_and_the_answer_says_why(
    client: Client, practice: Practice, db: Database
) -> None:
    mei, lena, noor = await colleague(db, practice), Api(client, practice.patient), Api(client, practice.coordinator)
    names = {str(practice.consultant.id): "Amara", str(mei.id): "Mei"}
    lowest = min(names)

    async def order() -> list[tuple[str, int]]:
        answer = await booked(await noor.get("/api/v1/slots/first", service=practice.short, from_=text(at(3))))
        assert answer["first"] == answer["items"][0]
        assert {one["start"] for one in answer["items"]} == {text(at(3))}
        return [(one["practitioners"][0], one["booked"][0]["count"]) for one in answer["items"]]

    assert [(one, 0) for one in sorted(names)] == await order()
    first = practice.consultant if lowest == str(practice.consultant.id) else mei
    visit = await booked(await lena.book(practice.short, [first], at(9)))
    assert [(max(names), 0), (lowest, 1)] == await order()
    assert [[max(names)], [lowest]] == await groups(lena, service=practice.short)

    cancel = {"version": visit["version"], "reason": "A trip"}
    await booked(await lena.post(f"/api/v1/appointments/{visit['id']}/cancel", cancel))
    assert [(one, 0) for one in sorted(names)] == await order()


async def test_the_own_care_team_comes_first_and_says_so(client: Client, practice: Practice, db: Database) -> None:
    mei, tom = await colleague(db, practice), Api(client, practice.other)
    await booked(await Api(client, practice.patient).book(practice.short, [mei], at(3, "13:00")))
    await booked(await tom.book(practice.short, [mei], at(4)))
    answer = await booked(await tom.get("/api/v1/slots/first", service=practice.short, from_=text(at(3, "13:00"))))
    found = [
        (one["start"], one["practitioners"][0], one["own_team"], one["booked"][0]["count"]) for one in answer["items"]
    ]

    assert (text(at(3, "13:30")), str(mei.id), True, 2) == found[0]
    assert (text(at(3, "13:00")), str(practice.consultant.id), False, 0) == found[1]


@pytest.mark.parametrize(
    ("zone", "starts", "first", "night"),
    [
        (
            "America/New_York",
            ["2026-11-23T09:00Z", "2026-11-23T11:30Z", "2026-11-23T12:00Z"],
            "2026-11-23T12:00Z",
            False,
        ),
        ("America/New_York", ["2026-11-23T09:00Z", "2026-11-23T08:00Z"], "2026-11-23T08:00Z", True),
        ("Asia/Kolkata", ["2026-11-23T15:30Z", "2026-11-24T01:30Z"], "2026-11-24T01:30Z", False),
        ("", ["2026-11-23T03:00Z"], "2026-11-23T03:00Z", False),
    ],
)
def test_nobody_is_proposed_the_night_of_their_own_wall_while_there_is_a_day(
    zone: str, starts: list[str], first: str, night: bool
) -> None:
    patient = Patient(zone)
    found = patient.first_by_day([zones.seconds(datetime.fromisoformat(one)) for one in starts])

    assert (datetime.fromisoformat(first), night) == (found, patient.is_night(found))


async def test_first_free_looks_behind_what_is_taken_and_beyond_the_near_future(
    client: Client, practice: Practice, db: Database
) -> None:
    mei, lena, amara = await colleague(db, practice), Api(client, practice.patient), Api(client, practice.consultant)
    path = f"/api/v1/practitioners/{practice.consultant.id}/availability"
    far = {"start": at(40).replace(tzinfo=None).isoformat(), "kind": "extra"}
    far["end"] = at(40, "11:00").replace(tzinfo=None).isoformat()
    await booked(await amara.put(path, {"zone": "UTC", "rules": [], "exceptions": [far]}))
    await booked(await lena.book(practice.short, [mei], at(3)))
    answer = await booked(
        await Api(client, practice.coordinator).get("/api/v1/slots/first", service=practice.short, from_=text(at(3)))
    )

    assert [(one["start"], one["practitioners"]) for one in answer["items"]] == [
        (text(at(3, "10:30")), [str(mei.id)]),
        (text(at(40)), [str(practice.consultant.id)]),
    ]
    nobody = await lena.get("/api/v1/slots/first", service=practice.short, from_=text(at(3)), language="fi")
    assert (await booked(nobody)) == {"first": None, "items": [], "within": True}
    backwards = await lena.get("/api/v1/slots/first", service=practice.short, from_=text(at(3)), to=text(at(2)))
    assert backwards.status == 422


async def test_first_free_for_a_reason_is_over_all_its_kinds_of_visit(client: Client, practice: Practice) -> None:
    body = {"name": "Food", "services": [str(practice.advice), str(practice.joint)]}
    food = await booked(await Api(client, practice.coordinator).post("/api/v1/topics", body))
    answer = await booked(
        await Api(client, practice.patient).get("/api/v1/slots/first", topic=food["id"], from_=text(at(3)))
    )

    assert {one["service"] for one in answer["items"]} == set(body["services"])
    assert [2, 1] == sorted((len(one["practitioners"]) for one in answer["items"]), reverse=True)


# --- next time


@pytest.mark.parametrize(
    ("weeks", "first", "last"),
    [(1, "2027-03-25 23:00", "2027-04-01 22:00"), (6, "2027-04-25 22:00", "2027-05-10 22:00")],
)
def test_a_suggestion_is_whole_days_on_the_wall(weeks: int, first: str, last: str) -> None:
    start = datetime(2027, 3, 22, 9, tzinfo=UTC)
    expected = tuple(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (first, last))

    assert expected == window(start, "Europe/Berlin", weeks)


async def seen_patient(client: Client, practice: Practice) -> dict[str, Any]:
    """A visit that makes the consultant part of the patient's care."""
    return await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(3)))


async def test_the_next_visit_is_suggested_until_it_is_booked(client: Client, practice: Practice) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    visit = await seen_patient(client, practice)
    path, mine = f"/api/v1/appointments/{visit['id']}/follow-up", f"/api/v1/patients/{practice.patient.id}/follow-ups"
    await booked(await amara.put(path, {"service": str(practice.short), "weeks": 8}))
    await booked(await amara.put(path, {"service": str(practice.padded), "weeks": 6}))
    [one] = (await booked(await lena.get(mine)))["items"]
    firsts = await booked(await lena.get(f"{mine}/{one['id']}/first"))

    assert (one["service"], one["service_name"], one["weeks"]) == (str(practice.padded), "Review", 6)
    assert (one["open"], one["booked"], one["practitioners"]) == (True, None, [str(practice.consultant.id)])
    day = at(3) + timedelta(weeks=6)
    assert datetime.fromisoformat(one["from"]) < day < datetime.fromisoformat(one["to"])
    assert firsts["within"] is True
    assert one["from"] <= firsts["first"]["start"] < one["to"]
    assert [str(practice.consultant.id)] == firsts["first"]["practitioners"]

    start = datetime.fromisoformat(firsts["first"]["start"])
    review = await booked(await lena.book(practice.padded, [practice.consultant], start))
    [one] = (await booked(await lena.get(mine)))["items"]
    assert (one["open"], one["booked"]) == (False, review["id"])


async def test_a_suggestion_without_time_looks_further_and_says_so(client: Client, practice: Practice) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    visit = await seen_patient(client, practice)
    path, mine = f"/api/v1/appointments/{visit['id']}/follow-up", f"/api/v1/patients/{practice.patient.id}/follow-ups"
    [one] = (await booked(await amara.put(path, {"service": str(practice.padded), "weeks": 4})))["items"]
    until = datetime.fromisoformat(one["to"]).replace(tzinfo=None)
    leave = {"start": at(4, "00:00").replace(tzinfo=None).isoformat(), "end": until.isoformat(), "kind": "off"}
    hours = f"/api/v1/practitioners/{practice.consultant.id}/availability"
    await booked(await amara.put(hours, {**await booked(await amara.get(hours)), "exceptions": [leave]}))
    firsts = await booked(await lena.get(f"{mine}/{one['id']}/first"))

    assert firsts["within"] is False
    assert firsts["first"]["start"] >= one["to"]
    assert (await client.delete(path, headers=amara.who.bearer)).status == 204
    assert (await booked(await lena.get(mine)))["items"] == []
    assert (await lena.get(f"{mine}/{one['id']}/first")).status == 404


async def test_only_who_cares_for_the_patient_suggests_and_only_their_side_knows(
    client: Client, practice: Practice
) -> None:
    visit = await seen_patient(client, practice)
    path, body = f"/api/v1/appointments/{visit['id']}/follow-up", {"service": str(practice.short), "weeks": 2}

    assert (await Api(client, practice.patient).put(path, body)).status == 403
    assert (await Api(client, practice.coordinator).put(path, body)).status == 403
    assert (await Api(client, practice.nutritionist).put(path, body)).status == 404
    theirs = f"/api/v1/patients/{practice.patient.id}/follow-ups"
    assert (await Api(client, practice.other).get(theirs)).status == 404
    assert (await Api(client, practice.coordinator).get(theirs)).status == 200
    for weeks in (0, 53, "six"):
        assert (await Api(client, practice.consultant).put(path, {**body, "weeks": weeks})).status == 422
