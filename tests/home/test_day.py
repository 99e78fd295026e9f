"""The day's page: what presses stands first, what is unsigned is said, and who arranges it reads nothing clinical."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.clock import utc_now
from telegut.composition import build_foundation, build_services
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.scheduling import catalogue
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.rules import VisitType
from telegut.settings import Settings
from tests import build
from tests.build import Account, Clinic

Client = TestClient[web.Request, web.Application]
SYSTEM = Caller.system("tests live a day")
MINUTE = timedelta(minutes=1)


class Day:
    """A clinic with one kind of visit, and visits booked around now."""

    def __init__(self, db: Database, settings: Settings, clinic: Clinic) -> None:
        self.db, self.clinic = db, clinic
        self.base = build_foundation(settings)
        self.services = build_services(self.base)
        self.kind = VisitType(new_id(), "Follow-up", 20 * MINUTE, 0 * MINUTE, 0 * MINUTE, ("consultant",))

    async def open(self) -> None:
        """Offer the kind of visit."""
        async with self.db.begin(build.BUILDER) as tx:
            await catalogue.add_visit_type(tx, self.kind)
            consultant = self.clinic.consultant
            await catalogue.add_provider(tx, consultant.id, "consultant", consultant.zone, [self.kind.id])

    async def visit(self, minutes: int, patient: Account | None = None, reason: str = "") -> Appointment:
        """A visit that begins so many minutes from now."""
        start = utc_now().replace(second=0, microsecond=0) + minutes * MINUTE
        patient = patient or self.clinic.patient
        return await self.services.scheduling.book(
            SYSTEM, self.kind.id, [self.clinic.consultant.id], start, patient=patient.id, reason=reason, unasked=True
        )


@pytest.fixture
async def day(db: Database, settings: Settings) -> Day:
    """An open clinic."""
    made = Day(db, settings, await build.clinic(db))
    await made.open()
    return made


async def _stages(client: Client, who: Account, date: str = "") -> tuple[list[tuple[str, str]], str]:
    """Each visit on the page, from the top: its appointment and its stage; and the page."""
    answer = await client.get(f"/day{date}", headers={"Accept": "text/html", **who.bearer})
    page = await answer.text()
    assert answer.status == 200, page
    return re.findall(r'data-stage="(\w+)" data-appointment="([^"]+)"', page), page


async def test_who_is_late_stands_before_who_came_earlier_and_who_comes_next(client: Client, day: Day) -> None:
    over = await day.visit(-60)
    late = await day.visit(-12)
    soon = await day.visit(9)

    stages, page = await _stages(client, day.clinic.consultant)
    today = [one for one in stages if one[1] in {str(over.id), str(late.id), str(soon.id)}]

    assert today[0] == ("open", str(late.id))
    assert "begin 12 minutes ago" in page or "begin 13 minutes ago" in page


async def test_a_visit_that_took_place_asks_to_be_signed_until_it_is(client: Client, day: Day) -> None:
    clinic = day.clinic
    past = await day.visit(-2 * 24 * 60)
    async with day.db.begin(SYSTEM) as tx:
        await day.services.scheduling.record_outcome(tx, past.id, "attended")
    plan = f"/api/v1/patients/{clinic.patient.id}/care-plan"
    _, page = await _stages(client, clinic.consultant)
    assert "not signed" not in page  # there is nothing to sign

    goal = {"title": "Sleep through four nights a week"}
    assert (await client.post(f"{plan}/goals", json=goal, headers=clinic.consultant.bearer)).status == 201
    _, page = await _stages(client, clinic.consultant)
    assert "One visit of the last days is not signed" in page

    assert (await client.post(f"{plan}/sign", json={}, headers=clinic.consultant.bearer)).status in {200, 201}
    _, page = await _stages(client, clinic.consultant)
    assert "not signed" not in page


async def test_who_arranges_visits_reads_names_and_times_and_no_reason(client: Client, day: Day) -> None:
    visit = await day.visit(30, reason="Bloating after meals")
    date = f"?date={visit.start.date()}"

    _, theirs = await _stages(client, day.clinic.coordinator, date)
    _, hers = await _stages(client, day.clinic.consultant, date)

    assert "Lena Hartmann" in theirs
    assert ("Bloating" in theirs, "Bloating" in hers) == (False, True)
    assert "New since last time" not in theirs


async def test_a_day_without_hours_says_what_to_do_first(client: Client, day: Day) -> None:
    _, page = await _stages(client, day.clinic.stranger_consultant)

    assert "You have no hours yet." in page
    assert 'href="/availability"' in page
