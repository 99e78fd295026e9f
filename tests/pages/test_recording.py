"""A visit that is recorded, in real browsers: everybody is asked, somebody new pauses it, and both voices play back."""

from __future__ import annotations

import asyncio
import io
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from telegut.composition import build_foundation, build_services
from telegut.db.engine import Database
from telegut.rooms.media.recording.recorder import Recorder
from telegut.rooms.media.recording.recorders import folder_of
from telegut.rooms.media.worker import Worker
from telegut.rooms.recordings.service import Kept
from telegut.rooms.recordings.tables import recordings
from telegut.settings import Settings
from tests.build import Account
from tests.pages.calls import admits, browser, gets_ready, is_in_the_room, joint, link, sees_and_hears, somebody, until
from tests.pages.desks import desks
from tests.pages.test_forwarder_processes import house as web
from tests.pages.test_forwarder_processes import process
from tests.rooms.media.callers import media
from tests.rooms.visits import SYSTEM, Agreed, At, agree, at, eventually

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.long]

SAID_S = 4
"""How long people talk; the fake microphone beeps once a second."""
PATIENCE_S = 90
"""Until a call has changed to the forwarder on a machine that does a lot else at once."""


async def sits(open_now: AsyncExitStack, browser: Browser, url: str) -> Page:
    """Somebody at their link, on a machine that does a lot else at once."""
    page = await open_now.enter_async_context(somebody(browser, url))
    page.set_default_timeout(PATIENCE_S * 1000)
    return page


async def asks_to_record(host: Page) -> None:
    """Ask everybody."""
    await host.locator(".controls summary").click()
    await host.get_by_role("button", name="Record this visit").click()
    await host.get_by_label("What is it for?").fill("So that you can listen to the plan again")
    await host.get_by_role("button", name="Ask everybody").click()


async def agrees(page: Page) -> None:
    """Read the question, and say yes."""
    question = page.get_by_role("dialog", name="May this visit be recorded?")
    await expect(question).to_contain_text("So that you can listen to the plan again")
    await expect(question).to_contain_text("365 days")
    await question.get_by_role("button", name="I agree").click()


async def is_told(page: Page, words: str) -> None:
    """The state stands over the pictures."""
    await expect(page.locator("[data-recording]")).to_contain_text(words)


async def going(worker: Worker, enough: int) -> Recorder:
    """The recording that the media process has, once it has *enough* bytes and goes on."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for recorder in worker.recorders.all():
                if recorder.running and recorder.writing.bytes > enough:
                    return recorder
            await asyncio.sleep(0.1)


async def hears_the_film(page: Page) -> None:
    """Both films play on: pictures are decoded and sound as well."""
    await until(
        page,
        "Array.from(document.querySelectorAll('.film video')).length === 2 && "
        "Array.from(document.querySelectorAll('.film video')).every((film) => film.currentTime > 1.5 && "
        "film.videoWidth > 0 && film.webkitAudioDecodedByteCount > 0 && film.webkitDecodedFrameCount > 10)",
    )


async def kept(db: Database, settings: Settings, visit: Agreed) -> Kept:
    """The recording of *visit*, with its films made."""
    services = build_services(build_foundation(settings))
    async with db.begin(SYSTEM) as tx:
        row = (await tx.execute(select(recordings).where(recordings.c.visit == visit.id))).one()
    await services.recordings.films.make(row.id)
    return await services.recordings.recordings.one(visit.patient.caller, row.id)


async def energy_and_pictures(here: At, who: Account, recording: Kept) -> list[tuple[float, int]]:
    """Of each film: how loud its loudest tenth of a second is, and how many pictures it has."""
    found = []
    for film in recording.films:
        url = f"{here.url}/api/v1/recordings/{recording.id}/films/{film.id}"
        async with here.session.get(url, headers=who.bearer) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"
            webm = await answer.read()
        with av.open(io.BytesIO(webm), "r") as opened:
            loud = max(float(np.abs(part.to_ndarray()).max()) for part in opened.decode(audio=0))
        with av.open(io.BytesIO(webm), "r") as opened:
            found.append((loud, len(list(opened.decode(video=0)))))
    return found


async def state_of(db: Database, visit: Agreed) -> str:
    """What the row says."""
    query = select(recordings.c.state).where(recordings.c.visit == visit.id).order_by(recordings.c.asked_at.desc())
    async with db.begin(SYSTEM) as tx:
        return str(await tx.scalar(query.limit(1)))


async def test_two_are_recorded_and_both_voices_play_back(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    url = str(house.make_url("")).rstrip("/")
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(url))
        host = await sits(open_now, browser, await link(here, visit.consultant, visit))
        guest = await sits(open_now, browser, await link(here, visit.patient, visit))
        await gets_ready(guest)
        await admits(host, "Lena Hartmann")
        await asyncio.gather(is_in_the_room(host), is_in_the_room(guest))

        await asks_to_record(host)
        await is_told(host, "Not recording yet. Lena Hartmann is asked.")
        await agrees(guest)
        await asyncio.gather(is_told(host, "Recording"), is_told(guest, "Recording"))
        recorder = await going(worker, 100_000 * SAID_S)
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

        await guest.get_by_role("button", name="Stop recording").click()
        await asyncio.gather(*(expect(page.locator("[data-recording]")).to_be_hidden() for page in (host, guest)))
        await expect(host.locator("#toasts")).to_contain_text("Lena Hartmann has stopped the recording.")
        await eventually(lambda: not worker.recorders.all(), "the log is closed")
        await eventually(lambda: recorder.writing.wait(0), "and on disk")

        recording = await kept(db, beside, visit)
        assert {film.name for film in recording.films} == {"Amara Okafor", "Lena Hartmann"}
        assert [said.word for said in recording.said] == ["asked", "yes", "stop"]
        for loud, pictures in await energy_and_pictures(here, visit.patient, recording):
            assert loud > 0.05
            assert pictures > 5 * (SAID_S - 1)  # a busy machine draws few, a frozen one none

        sit = await open_now.enter_async_context(desks(browser, db, url))
        page = await sit(visit.patient, f"/patients/{visit.patient.id}/recordings")
        await page.get_by_role("link", name="Watch").click()
        await page.get_by_role("button", name="Play", exact=True).click()
        await hears_the_film(page)
        await page.get_by_role("button", name="Have it removed").click()
        await page.get_by_role("button", name="Remove it").click()
        await expect(page.get_by_text("Closed: nobody can watch it any more.")).to_be_visible()


async def test_somebody_new_pauses_it_and_a_no_ends_it_kindly(
    house: TestServer, beside: Settings, db: Database, browser: Browser
) -> None:
    visit = await joint(db)
    async with AsyncExitStack() as open_now:
        worker = await open_now.enter_async_context(media(beside))
        here = await open_now.enter_async_context(at(str(house.make_url("")).rstrip("/")))
        host = await sits(open_now, browser, await link(here, visit.consultant, visit))
        guest = await sits(open_now, browser, await link(here, visit.patient, visit))
        await gets_ready(guest)
        await admits(host, "Lena Hartmann")
        await asyncio.gather(is_in_the_room(host), is_in_the_room(guest))
        await asks_to_record(host)
        await agrees(guest)
        recorder = await going(worker, 50_000)

        new = await sits(open_now, browser, await link(here, visit.practitioners[1], visit))
        await is_told(host, "Recording is paused until Jonas Lindqvist has answered.")
        await eventually(lambda: not recorder.running, "nothing is kept")
        await agrees(new)
        await asyncio.gather(*(is_told(page, "Recording") for page in (host, guest, new)))
        await eventually(lambda: recorder.running, "packets are kept again")

        await new.reload()
        await is_in_the_room(new)
        await is_told(new, "Recording")
        await new.get_by_role("button", name="Stop recording").click()
        await eventually(lambda: not worker.recorders.all(), "the log is closed")

        await asks_to_record(host)
        await agrees(new)
        await guest.get_by_role("button", name="I would rather not").click()
        await expect(host.locator("#toasts")).to_contain_text("This visit is not recorded.")
        assert await state_of(db, visit) == "ended"


async def grows(folder: Path, files: int, enough: int) -> None:
    """Wait until there are so many logs, and the newest has *enough* bytes."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            logs = sorted(folder.iterdir(), key=lambda one: one.stat().st_ctime) if folder.is_dir() else []
            if len(logs) >= files and max(one.stat().st_size for one in logs[files - 1 :]) > enough:
                return
            await asyncio.sleep(0.1)


async def test_media_processes_are_killed_while_they_record_everybody_is_told_and_what_was_kept_plays(
    beside: Settings, db: Database, browser: Browser
) -> None:
    two, visit = replace(beside, media_processes=2), await agree(db)
    async with AsyncExitStack() as open_now:
        running = [await open_now.enter_async_context(process(two, number)) for number in range(2)]
        server = await open_now.enter_async_context(web(two))
        here = await open_now.enter_async_context(at(str(server.make_url("")).rstrip("/")))
        host = await sits(open_now, browser, await link(here, visit.consultant, visit))
        guest = await sits(open_now, browser, await link(here, visit.patient, visit))
        await gets_ready(guest)
        await admits(host, "Lena Hartmann")
        await asyncio.gather(is_in_the_room(host), is_in_the_room(guest))
        await asks_to_record(host)
        await agrees(guest)
        await asyncio.gather(is_told(host, "Recording"), is_told(guest, "Recording"))
        spool = folder_of(two)
        await grows(spool, 1, 50_000 * SAID_S)
        (dying,) = [one for one in running if await one.has(two, visit)]
        (other,) = [one for one in running if one is not dying]

        dying.child.kill()
        await asyncio.gather(*(is_told(page, "Nothing is recorded right now") for page in (host, guest)))
        await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))
        await asyncio.gather(is_told(host, "Recording"), is_told(guest, "Recording"))
        await grows(spool, 2, 50_000 * SAID_S)

        other.child.kill()  # and nobody comes after it
        await asyncio.gather(*(is_told(page, "Nothing is recorded right now") for page in (host, guest)))
        await guest.get_by_role("button", name="Stop recording").click()
        await asyncio.gather(*(expect(page.locator("[data-recording]")).to_be_hidden() for page in (host, guest)))

        recording = await kept(db, two, visit)
        assert {film.name for film in recording.films} == {"Amara Okafor", "Lena Hartmann"}
        assert recording.missing == "both"
        for loud, pictures in await energy_and_pictures(here, visit.patient, recording):
            assert loud > 0.05
            assert pictures > 5 * (SAID_S - 1)  # a busy machine draws few, a frozen one none
        sit = await open_now.enter_async_context(desks(browser, db, here.url))
        page = await sit(visit.patient, f"/recordings/{recording.id}")
        await expect(page.get_by_text("It was interrupted and broke off")).to_be_visible()
        await page.get_by_role("button", name="Play", exact=True).click()
        await hears_the_film(page)
