"""Something is shown with the camera in a visit: a word about light and sharpness, and a photo for the thread."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from telegut.db.engine import Database
from tests.pages.calls import LENA, PATIENCE_MS, browser, is_kind_to_everybody, until
from tests.pages.with_record import both

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]


async def test_a_photo_is_taken_seen_and_sent(house: TestServer, db: Database, browser: Browser, worker: None) -> None:
    async with both(house, db, browser) as (host, guest):
        await guest.get_by_text("More", exact=True).click()
        await guest.get_by_role("button", name="Show something with the camera").click()
        dialog = guest.get_by_role("dialog", name="Show something")
        await until(guest, "document.querySelector('.show-me video')?.videoWidth > 0")
        await expect(dialog.get_by_role("status")).to_contain_text("harp", timeout=PATIENCE_MS)
        await is_kind_to_everybody(guest)

        await dialog.get_by_role("button", name="Take a photo").click()
        await expect(host.locator("#toasts")).to_contain_text(f"{LENA} takes a photo.", timeout=PATIENCE_MS)
        await expect(dialog.get_by_role("status")).to_contain_text("to your care team?", timeout=PATIENCE_MS)
        await dialog.get_by_role("button", name="Take another").click()
        await expect(host.locator("#toasts")).to_contain_text("did not keep the photo", timeout=PATIENCE_MS)
        await dialog.get_by_role("button", name="Take a photo").click()
        await dialog.get_by_role("button", name="Send this photo").click()
        await expect(dialog).to_be_hidden(timeout=PATIENCE_MS)
        await expect(host.locator("#toasts")).to_contain_text("It is in the chat.", timeout=PATIENCE_MS)

        await host.get_by_role("tab", name="Chat").click()
        await expect(host.locator(".message-photo")).to_be_visible(timeout=PATIENCE_MS)
        # The usual camera is back in the call.
        await until(guest, "document.querySelector('[data-own]').srcObject?.getVideoTracks()[0]?.readyState === 'live'")
