"""What a personal link may do about time: everything about its own visit, nothing about any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from tests import build
from tests.build import Account
from tests.scheduling.conftest import Api, Practice, at, booked, practice_in, text

Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a link's cookie and no sign-in, as the page's script would call."""

    client: Client
    cookie: str
    csrf: str

    async def ask(self, method: str, path: str, **rest: Any) -> tuple[int, dict[str, Any]]:
        """Status and answer of one call."""
        headers = {
            "Cookie": self.cookie,
            "X-CSRF-Token": self.csrf,
            "Origin": str(self.client.make_url("")).rstrip("/"),
        }
        async with self.client.request(method, path, headers=headers, **rest) as answer:
            content = await answer.json() if "json" in answer.content_type else {"text": await answer.text()}
            return answer.status, content


async def visitor(client: Client, who: Account, visit: str) -> Visitor:
    """Come by the link of *who* to *visit*."""
    async with client.get(f"/api/v1/visits/{visit}/link", headers=who.bearer) as answer:
        path = (await answer.json())["url"]
    async with client.get(path, headers={"Accept": "text/html"}) as page:
        body = await page.text()
        cookies = "; ".join(f"{name}={one.value}" for name, one in page.cookies.items())
    return Visitor(client, cookies, body.split('name="csrf" content="')[1].split('"')[0])


@dataclass(frozen=True, slots=True)
class Two:
    """Two visits of one patient with one consultant, and who came by the link to the first."""

    practice: Practice
    first: dict[str, Any]
    second: dict[str, Any]
    visitor: Visitor

    def about(self, **more: Any) -> dict[str, str]:
        """The question about free times for the first visit."""
        span = {"from": text(at(3, "00:00")), "to": text(at(4, "00:00"))}
        asked = {"service": str(self.practice.short), "practitioner": str(self.practice.consultant.id), **span}
        return {**asked, **{name: str(value) for name, value in more.items()}}


@pytest.fixture
async def two(client: Client, db: Database) -> Two:
    """The two visits."""
    practice = await practice_in(db)
    lena = Api(client, practice.patient)
    first = await booked(await lena.book(practice.short, [practice.consultant], at(3, "10:00"), reason="Sleep"))
    second = await booked(await lena.book(practice.short, [practice.consultant], at(3, "14:00")))
    return Two(practice, first, second, await visitor(client, practice.patient, first["visit"]))


async def test_the_link_moves_its_visit_and_keeps_its_identity(two: Two) -> None:
    me, first = two.visitor, two.first
    status, free = await me.ask("GET", "/api/v1/slots", params=two.about())
    wanted = at(3, "10:30")
    moved = await me.ask(
        "POST", f"/api/v1/appointments/{first['id']}/reschedule", json={"start": text(wanted), "version": 1}
    )
    stale = await me.ask(
        "POST", f"/api/v1/appointments/{first['id']}/reschedule", json={"start": text(at(3, "11:00")), "version": 1}
    )
    starts = [one["start"] for one in free["items"]]

    assert status == 200
    assert text(at(3, "10:00")) in starts  # its own time counts as free for itself
    assert text(at(3, "14:00")) not in starts
    assert (200, first["id"], 2, 1, text(wanted)) == (
        moved[0],
        *(moved[1][name] for name in ("id", "version", "sequence", "start")),
    )
    assert (409, "stale") == (stale[0], stale[1]["code"])
    assert stale[1]["current"]["start"] == text(wanted)


async def test_the_link_cancels_its_visit(two: Two, client: Client) -> None:
    me, first = two.visitor, two.first
    path = f"/api/v1/appointments/{first['id']}/cancel"
    ended = await me.ask("POST", path, json={"version": 1, "reason": "I am travelling"})
    again = await me.ask("POST", path, json={"version": 2})
    file = await me.ask("GET", f"/api/v1/appointments/{first['id']}.ics")
    kept = await Api(client, two.practice.patient).get(f"/api/v1/appointments/{first['id']}")

    assert (200, "cancelled") == (ended[0], ended[1]["status"])
    assert (409, "not_booked") == (again[0], again[1]["code"])
    assert "METHOD:CANCEL" in file[1]["text"]
    assert "I am travelling" == (await kept.json())["cancel_reason"]


async def test_the_calendar_file_by_link_names_no_address(two: Two) -> None:
    status, file = await two.visitor.ask("GET", f"/api/v1/appointments/{two.first['id']}.ics")

    assert 200 == status
    assert "ATTENDEE" not in file["text"]
    assert two.practice.patient.email not in file["text"]


def _calls(two: Two) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Everything that a link to the first visit must not do."""
    practice, later = two.practice, text(at(5, "09:00"))
    other = f"/api/v1/appointments/{two.second['id']}"
    hold = {"service": str(practice.short), "practitioners": [str(practice.consultant.id)], "start": later}
    return {
        "look at the other visit": ("GET", other, {}),
        "fetch the other visit's file": ("GET", f"{other}.ics", {}),
        "move the other visit": ("POST", f"{other}/reschedule", {"json": {"start": later, "version": 1}}),
        "cancel the other visit": ("POST", f"{other}/cancel", {"json": {"version": 1}}),
        "ask for another kind of visit": ("GET", "/api/v1/slots", {"params": two.about(service=practice.padded)}),
        "ask about somebody else": (
            "GET",
            "/api/v1/slots",
            {"params": two.about(practitioner=practice.nutritionist.id)},
        ),
        "ask about anybody": (
            "GET",
            "/api/v1/slots",
            {"params": {k: v for k, v in two.about().items() if k != "practitioner"}},
        ),
        "ask for another patient": ("GET", "/api/v1/slots", {"params": two.about(patient=practice.other.id)}),
        "explain another kind": (
            "GET",
            "/api/v1/slots/explain",
            {
                "params": {
                    "service": str(practice.padded),
                    "practitioner": str(practice.consultant.id),
                    "start": later,
                }
            },
        ),
        "list all visits": ("GET", "/api/v1/appointments", {}),
        "hold a time": ("POST", "/api/v1/holds", {"json": hold}),
        "book a visit": ("POST", "/api/v1/appointments", {"json": hold}),
        "see who takes visits": ("GET", "/api/v1/practitioners", {}),
    }


async def test_the_link_touches_nothing_else(two: Two, client: Client) -> None:
    answers = {what: await two.visitor.ask(verb, path, **rest) for what, (verb, path, rest) in _calls(two).items()}
    second = await booked(await Api(client, two.practice.patient).get(f"/api/v1/appointments/{two.second['id']}"))

    assert {} == {what: status for what, (status, _) in answers.items() if status not in (401, 404)}
    assert {} == {what: body for what, (_, body) in answers.items() if "Sleep" in str(body) or "14:00" in str(body)}
    assert ("booked", 1) == (second["status"], second["version"])


async def test_the_link_is_not_told_why_a_time_is_not_free(two: Two) -> None:
    """Its owner's other visit and the practitioner's evening look the same: not free."""
    path = f"/api/v1/appointments/{two.first['id']}/reschedule"
    about = {"service": str(two.practice.short), "practitioner": str(two.practice.consultant.id)}
    explained, moved = [], []
    for start in (at(3, "14:00"), at(3, "22:00")):
        explained.append(await two.visitor.ask("GET", "/api/v1/slots/explain", params={**about, "start": text(start)}))
        moved.append(await two.visitor.ask("POST", path, json={"start": text(start), "version": 1}))

    assert [["taken"], ["taken"]] == [found["reasons"] for _, found in explained]
    assert [(409, "slot_taken"), (422, "not_offered")] == [(status, found["code"]) for status, found in moved]
    assert "hours" not in str(moved)


async def test_a_practitioner_s_link_moves_nobody(two: Two, client: Client) -> None:
    hers = await visitor(client, two.practice.consultant, two.first["visit"])
    path = f"/api/v1/appointments/{two.first['id']}"
    answers = [
        await hers.ask("GET", "/api/v1/slots", params=two.about()),
        await hers.ask("POST", f"{path}/reschedule", json={"start": text(at(4, "09:00")), "version": 1}),
        await hers.ask("POST", f"{path}/cancel", json={"version": 1}),
        await hers.ask("GET", f"{path}.ics"),
    ]

    assert {404} == {status for status, _ in answers}


async def test_a_guardian_s_link_is_of_the_patient_s_side(client: Client, db: Database) -> None:
    practice = await practice_in(db)
    ruth = await build.guardian(db, practice.patient)
    made = await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(3)))
    hers = await visitor(client, ruth, made["visit"])
    wanted: datetime = at(3) + timedelta(hours=1)
    status, moved = await hers.ask(
        "POST", f"/api/v1/appointments/{made['id']}/reschedule", json={"start": text(wanted), "version": 1}
    )

    assert (200, text(wanted)) == (status, moved["start"])


async def test_a_signed_in_move_sees_its_own_time_as_free_and_nobody_else_s(two: Two, client: Client) -> None:
    mine, tom = Api(client, two.practice.patient), Api(client, two.practice.other)
    own = await mine.get("/api/v1/slots", **two.about(moving=two.first["id"]))
    without = await mine.get("/api/v1/slots", **two.about())
    strange = await tom.get("/api/v1/slots", **two.about(moving=two.first["id"]))

    assert text(at(3, "10:00")) in [one["start"] for one in (await own.json())["items"]]
    assert text(at(3, "10:00")) not in [one["start"] for one in (await without.json())["items"]]
    assert 404 == strange.status
