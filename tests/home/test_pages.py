"""Who gets which first page, and that a record is nobody else's."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build
from tests.build import Account, Clinic
from tests.messaging.places import place

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    """One patient with a care team, and strangers."""
    return await build.clinic(db)


async def _page(client: Client, path: str, who: Account | None) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    headers = {"Accept": "text/html", **(who.bearer if who else {})}
    response = await client.get(path, headers=headers, allow_redirects=False)
    return response.status, response.headers.get("Location", ""), await response.text()


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("patient", "/today"),
        ("guardian", "/today"),
        ("consultant", "/day"),
        ("nutritionist", "/messages"),
        ("coordinator", "/day"),
        ("admin", "/welcome"),
        ("auditor", "/welcome"),
    ],
)
async def test_the_first_page_leads_to_where_the_day_begins(
    client: Client, clinic: Clinic, role: str, expected: str
) -> None:
    status, place, _ = await _page(client, "/", getattr(clinic, role))

    assert (status, place) == (302, expected)


async def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    assert (await _page(client, "/", None))[:2] == (302, "/sign-in")


async def test_a_page_is_come_back_to_after_signing_in(client: Client) -> None:
    assert (await _page(client, "/today", None))[:2] == (302, "/sign-in?next=/today")


async def test_today_is_the_patients_own(client: Client, clinic: Clinic) -> None:
    status, _, page = await _page(client, "/today", clinic.patient)

    assert status == 200
    assert "Amara Okafor" in page


async def test_todays_messages_say_who_wrote_and_what_is_owed(client: Client, db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    await here.messaging.post(here.clinic.patient.caller, here.conversation, "1", "Are oats good?")

    _, _, page = await _page(client, "/today", here.clinic.patient)
    assert "<strong>You</strong>" in page
    assert "Your care team answers" in page

    await here.messaging.post(here.clinic.nutritionist.caller, here.conversation, "2", "Very.")
    _, _, page = await _page(client, "/today", here.clinic.patient)
    assert "<strong>Jonas Lindqvist</strong>" in page
    assert "Your care team answers" not in page


async def test_a_guardian_sees_the_today_of_whom_they_act_for(client: Client, clinic: Clinic) -> None:
    status, _, page = await _page(client, "/today", clinic.guardian)

    assert status == 200
    assert "for Lena Hartmann" in page


async def test_nobody_gets_the_today_of_somebody_else(client: Client, clinic: Clinic) -> None:
    status, _, page = await _page(client, f"/today?patient={clinic.patient.id}", clinic.stranger_patient)

    assert status == 404
    assert "Lena" not in page


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("consultant", 200),
        ("nutritionist", 200),
        ("stranger_consultant", 404),
        ("patient", 403),
        ("guardian", 403),
        ("coordinator", 403),
        ("admin", 403),
        ("auditor", 403),
    ],
)
async def test_the_record_is_the_care_teams(client: Client, clinic: Clinic, who: str, expected: int) -> None:
    status, _, page = await _page(client, f"/patients/{clinic.patient.id}", getattr(clinic, who))

    assert status == expected
    assert ("Lena Hartmann" in page) == (expected == 200 or who == "patient")


async def test_the_list_holds_exactly_those_in_ones_care(client: Client, clinic: Clinic) -> None:
    _, _, mine = await _page(client, "/patients", clinic.consultant)
    _, _, theirs = await _page(client, "/patients", clinic.stranger_consultant)

    assert ("Lena Hartmann" in mine, "Tom Brennan" in mine) == (True, False)
    assert "Nobody is in your care yet." in theirs


async def test_looking_at_a_record_is_seen_by_the_patient(client: Client, clinic: Clinic) -> None:
    await _page(client, f"/patients/{clinic.patient.id}", clinic.nutritionist)
    response = await client.get(f"/api/v1/patients/{clinic.patient.id}/accesses", headers=clinic.patient.bearer)
    seen = {(one["name"], one["what"]) for one in (await response.json())["items"]}

    assert {("Jonas Lindqvist", "patient"), ("Jonas Lindqvist", "care plan"), ("Jonas Lindqvist", "reports")} <= seen
