"""A record beside the video: a report, a step of the plan and a day of the diary, and two people who look at them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import FormData
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.careplan.gates import GATES
from telegut.clock import utc_now
from telegut.db.engine import Database
from tests import build
from tests.careplan.plans import OATS
from tests.pages.calls import LENA, PATIENCE_MS, address, link, meet, somebody
from tests.reports import lab
from tests.rooms.visits import Agreed, At, agree, at


async def has_a_record(here: At, visit: Agreed) -> str:
    """A report, a step and a day of the diary; gives the day."""
    record = f"{here.url}/api/v1/patients/{visit.patient.id}"
    form = FormData()
    form.add_field("file", lab.metaphlan_4(lab.STOOL), filename="profile.txt", content_type="text/plain")
    form.add_field("metadata", "{}")
    async with here.session.post(f"{record}/reports", data=form, headers=visit.consultant.bearer) as answer:
        assert answer.status == 202
    for gate in GATES:
        url = f"{record}/care-plan/gates/{gate.id}"
        async with here.session.put(url, json={"answer": "no"}, headers=visit.consultant.bearer) as answer:
            assert answer.status == 200
    async with here.session.post(f"{record}/care-plan/steps", json=OATS, headers=visit.consultant.bearer) as answer:
        assert answer.status == 201
    day = utc_now().date().isoformat()
    felt = {"day": day, "mood": 4, "note": "Slept through the night"}
    async with here.session.post(f"{record}/diary", json=felt, headers=visit.patient.bearer) as answer:
        assert answer.status == 201
    return day


@asynccontextmanager
async def both(house: TestServer, db: Database, browser: Browser) -> AsyncIterator[tuple[Page, Page]]:
    """Host and guest in the room, with a record beside the video."""
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(address(house)) as here:
        await has_a_record(here, visit)
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as guest:
            await meet(host, guest)
            await expect(host.locator("[data-followers]")).to_have_text(f"{LENA} follows.", timeout=PATIENCE_MS)
            yield host, guest
