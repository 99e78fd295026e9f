"""The page's form over HTTP: what is kept, and what is refused kindly."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from tests import build

Client = TestClient[web.Request, web.Application]
PATH = "/api/v1/me/notices"
WANTED: dict[str, Any] = {
    "message": ["push"],
    "urgent": ["mail"],
    "visit": ["mail", "push"],
    "plan": [],
    "report": ["mail"],
    "quiet": "hours",
    "quiet_from": "22:30",
    "quiet_until": "06:15",
    "pace": "daily",
    "daily_at": "07:45",
    "again": True,
    "changes_by_mail": False,
    "mobile": None,
}


async def test_who_never_chose_has_what_is_right_for_most(client: Client, db: Database) -> None:
    patient, consultant = await build.person(db, "patient"), await build.person(db, "consultant")

    found = [await (await client.get(PATH, headers=who.bearer)).json() for who in (patient, consultant)]

    assert [["mail", "push"], ["mail", "push"]] == [one["message"] for one in found]
    assert [["mail", "push"], []] == [one["visit"] for one in found]
    assert [("usual", "at_once", False)] * 2 == [(one["quiet"], one["pace"], one["again"]) for one in found]


async def test_what_was_chosen_is_kept(client: Client, db: Database) -> None:
    who = await build.person(db, "patient")

    answer = await client.put(PATH, json=WANTED, headers=who.bearer)
    again = await (await client.get(PATH, headers=who.bearer)).json()
    reminders = await (await client.get("/api/v1/me/reminders", headers=who.bearer)).json()

    assert 200 == answer.status
    assert WANTED == {name: again[name] for name in WANTED}
    assert "mail" == reminders["reminders"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": ["pigeon"]}, "message.0"),
        ({"message": ["sms"]}, "message"),
        ({"quiet_until": "22:30"}, "quiet_until"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"pace": "weekly"}, "pace"),
        ({"body": "words"}, "body"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_field(
    change: dict[str, Any], field: str, client: Client, db: Database
) -> None:
    who = await build.person(db, "patient")

    answer = await client.put(PATH, json={**WANTED, **change}, headers=who.bearer)

    assert (422, field) == (answer.status, (await answer.json())["errors"][0]["field"])


async def test_the_former_page_leads_to_the_new_one(client: Client, db: Database) -> None:
    who = await build.person(db, "patient")

    answer = await client.get("/account/reminders", headers=who.bearer, allow_redirects=False)

    assert (302, "/account/notices") == (answer.status, answer.headers["Location"])
