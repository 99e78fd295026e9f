"""Signing in, the second step, and my account, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest

from telegut.db.engine import Database
from tests import build

pytestmark = pytest.mark.browser
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PATIENCE_MS = 30_000


@pytest.fixture
async def page(browser: Any) -> AsyncIterator[Any]:
    """A browser that nobody used before."""
    context = await browser.new_context(timezone_id="Asia/Kolkata")
    context.set_default_timeout(PATIENCE_MS)
    made = await context.new_page()
    yield made
    await context.close()


async def sign_in(page: Any, server: str, account: build.Account) -> None:
    """With the form, as a person does."""
    await page.goto(f"{server}/sign-in?next=/account")
    await page.get_by_label("E-mail address").fill(account.email)
    await page.get_by_label("Password").fill(account.password)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_person_signs_in_looks_at_their_account_and_leaves(page: Any, server: str, db: Database) -> None:
    lena = await build.person(db, name="Lena Hartmann")

    await sign_in(page, server, lena)
    await page.get_by_role("heading", name="My account").wait_for()
    await page.locator("summary", has_text="Lena Hartmann").click()
    await page.locator(".menu").get_by_role("button", name="Sign out").click()
    await page.get_by_role("heading", name="Sign in").wait_for()
    await page.goto(f"{server}/account")

    assert "/sign-in" in page.url


async def test_a_code_is_asked_for_and_the_password_is_not_asked_again(page: Any, server: str, db: Database) -> None:
    amara = await build.person(db, "consultant", otp_secret=SECRET)

    await sign_in(page, server, amara)
    await page.get_by_label("Code").fill(pyotp.TOTP(SECRET).now())
    await page.get_by_role("button", name="Go on").click()

    await page.get_by_role("heading", name="My account").wait_for()


async def test_a_new_password_and_a_zone_are_kept_and_another_device_is_out(
    page: Any, server: str, db: Database
) -> None:
    lena = await build.person(db)
    await sign_in(page, server, lena)

    await page.get_by_label("Your present password").fill("not the one")
    await page.get_by_label("A new password").fill("seven herons over the estuary")
    await page.get_by_role("button", name="Change the password").click()
    await page.get_by_text("This is not your present password.").wait_for()
    await page.get_by_label("Your present password").fill(lena.password)
    await page.get_by_role("button", name="Change the password").click()
    await page.locator("#toasts").get_by_text("Your password is changed.").wait_for()
    assert 1 == await page.locator("[data-session]").count()

    await page.get_by_role("button", name="Use it").click()
    await page.get_by_role("button", name="Save the zone").click()
    await page.locator("html[data-zone='Asia/Kolkata'], html[data-zone='Asia/Calcutta']").wait_for()


async def test_signing_out_everywhere_asks_first(page: Any, server: str, db: Database) -> None:
    await sign_in(page, server, await build.person(db))

    await page.get_by_role("button", name="Sign out everywhere").click()
    await page.get_by_role("dialog").get_by_role("button", name="Not now").click()
    await page.get_by_role("heading", name="My account").wait_for()
    await page.get_by_role("button", name="Sign out everywhere").click()
    await page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()

    await page.get_by_role("heading", name="Sign in").wait_for()
