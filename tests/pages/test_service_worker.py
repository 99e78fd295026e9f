"""The service worker in real Chromium: it shows what is pushed, and our page when there is no connection."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from telegut.accounts import sessions
from telegut.accounts.rules import Lifetime
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.ids import new_id
from tests import build
from tests.build import Account
from tests.pages.desks import PATIENCE_MS

pytestmark = pytest.mark.browser

CONTROLLED = "() => navigator.serviceWorker.ready.then(worker => worker.active?.state === 'activated')"
SHOWN = """() => navigator.serviceWorker.ready.then(worker => worker.getNotifications())
    .then(notices => notices.map(({title, body, tag, data}) => ({title, body, tag, link: data.link})))"""
KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const {url} of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
    return found.sort();
}"""


@pytest.fixture
def browser(browser_with_camera: Any) -> Any:
    """Only a browser with windows shows notices."""
    return browser_with_camera


@pytest.fixture
async def page(browser: Any, server: str, db: Database) -> AsyncIterator[Any]:
    """The page of a patient whose browser takes the service worker."""
    patient = await build.person(db, "patient", "Lena Hartmann")
    context = await browser.new_context(base_url=server, service_workers="allow", locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    await context.grant_permissions(["notifications"], origin=server)
    await context.add_cookies([{"name": "telegut", "value": await signed_in(db, patient), "url": server}])
    made = await context.new_page()
    await made.goto("/account/notices")
    await made.wait_for_function(CONTROLLED)
    yield made
    await context.close()


async def signed_in(db: Database, who: Account) -> str:
    async with db.begin(build.BUILDER) as tx:
        lifetime = Lifetime(timedelta(hours=1), None)
        _, token = await sessions.issue(tx, who.id, "browser", lifetime, device="a test", now=utc_now())
    return str(token)


async def push(page: Any, server: str, data: str) -> None:
    """Have the browser deliver a push message, as its push service would."""
    session = await page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"] if not one["isDeleted"]),
    )
    await session.send("ServiceWorker.enable")
    for _ in range(100):
        if found:
            break
        await page.wait_for_timeout(50)
    message = {"origin": server, "registrationId": found[-1], "data": data}
    await session.send("ServiceWorker.deliverPushMessage", message)


async def test_what_is_pushed_is_shown_with_a_link_into_telegut_and_nothing_else(page: Any, server: str) -> None:
    said = {"title": "telegut", "body": "A new message", "link": f"/messages/{new_id()}", "tag": "a-topic"}
    away = {"link": "https://elsewhere.example/x", "tag": "another"}

    for data in (json.dumps(said), json.dumps(away), "not ours"):
        await push(page, server, data)
    await page.wait_for_function(f"({SHOWN})().then(shown => shown.length === 3)")
    shown = await page.evaluate(SHOWN)

    assert said in shown
    assert {("A new message", "/messages")} == {(one["body"], one["link"]) for one in shown if one != said}


async def test_without_a_connection_our_own_page_says_whom_to_call_and_nothing_of_anybody_is_kept(page: Any) -> None:
    for path in ("/today", "/messages"):
        await page.goto(path)
    kept = await page.evaluate(KEPT)
    names = "Lena" in await page.evaluate("caches.match('/offline').then(found => found.text())")
    await page.context.set_offline(True)
    await page.goto("/messages")

    await expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    await expect(page.get_by_role("link", name="Emergency services: 112")).to_have_attribute("href", "tel:112")
    await expect(page.get_by_text("What you wrote is kept on this device.")).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_role("heading", name="No connection")).to_have_count(0)

    assert ("/offline", False) == (kept[0], names)
    assert ["app", "icons", "mark"] == sorted(path.removeprefix("/static/").split("-")[0] for path in kept[1:])
