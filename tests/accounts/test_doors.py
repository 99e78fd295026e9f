"""Signing in and out in a browser: form, cookie, code, and what a browser is protected from."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from telegut import logs
from telegut.accounts.doors import gathered, own_path
from telegut.accounts.family_view import Access
from telegut.accounts.tables import session as session_table
from telegut.app import build_app
from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build

Client = TestClient[web.Request, web.Application]
HTML = {"Accept": "text/html"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    """A browser: it keeps cookies, of a numeric address too."""
    async with TestClient(TestServer(app, host="127.0.0.1"), cookie_jar=CookieJar(unsafe=True)) as made:
        yield made


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


async def form(client: Client, path: str = "/sign-in") -> str:
    """The sign-in page."""
    answer = await client.get(path, headers=HTML)
    assert 200 == answer.status
    return await answer.text()


async def send(client: Client, page: str, **fields: str) -> ClientResponse:
    """The form of *page*, filled in and sent."""
    fields = {"csrf": field(page, "csrf"), "next": field(page, "next"), **fields}
    return await client.post("/sign-in", data=fields, headers=HTML, allow_redirects=False)


async def enter(client: Client, account: build.Account) -> ClientResponse:
    """Somebody signs in with their password."""
    return await send(client, await form(client), email=account.email, password=account.password)


async def me(client: Client) -> int:
    """The status of asking who one is, by cookie."""
    return (await client.get("/api/v1/me")).status


async def test_the_form_lets_somebody_in_with_a_cookie_that_scripts_cannot_read(client: Client, db: Database) -> None:
    lena = await build.person(db)

    answer = await enter(client, lena)
    cookie = answer.cookies["telegut"]

    assert (303, "/today") == (answer.status, answer.headers["Location"])
    assert (True, "Lax", "/", "") == (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"])
    assert 200 == await me(client)


async def test_over_tls_the_cookie_is_bound_to_the_host(settings: Settings, db: Database) -> None:
    logs.configure("test")
    app = build_app(replace(settings, public_url="https://clinic.example"))
    lena = await build.person(db)
    async with TestClient(TestServer(app, host="127.0.0.1"), cookie_jar=CookieJar(unsafe=True)) as client:
        page = await client.get("/sign-in", headers=HTML)
        text, guest = await page.text(), page.cookies["telegut_guest"]
        answer = await client.post(
            "/sign-in",
            data={"csrf": field(text, "csrf"), "next": "", "email": lena.email, "password": lena.password},
            headers={**HTML, "Origin": "https://clinic.example"},
            cookies={"telegut_guest": guest.value},
            allow_redirects=False,
        )
    cookie = answer.cookies["__Host-telegut"]

    assert (True, True, "/", "") == (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"])
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


async def test_a_wrong_password_is_said_kindly_and_the_address_stays(client: Client, db: Database) -> None:
    lena = await build.person(db)

    answer = await send(client, await form(client), email=lena.email, password="another password of somebody")
    page = await answer.text()

    assert 401 == answer.status
    assert "do not belong together" in page
    assert lena.email in page
    assert "another password" not in page
    assert 401 == await me(client)


async def test_a_known_and_an_unknown_address_get_the_same_page(client: Client, db: Database) -> None:
    lena = await build.person(db)
    pages = []
    for email in (lena.email, "nobody@example.org"):
        answer = await send(client, await form(client), email=email, password="another password of somebody")
        page = re.sub(r'nonce="[^"]*"', "", (await answer.text()).replace(email, "EMAIL"))
        pages.append((answer.status, page))

    assert pages[0] == pages[1]


async def test_the_code_is_asked_for_in_a_second_step(client: Client, db: Database) -> None:
    amara = await build.person(db, "consultant", otp_secret=SECRET)

    first = await enter(client, amara)
    asked = await first.text()
    wrong = await send(client, asked, step=field(asked, "step"), otp="not one")
    again = await wrong.text()
    right = await send(client, again, step=field(again, "step"), otp=pyotp.TOTP(SECRET).now())

    assert [401, 401, 303] == [first.status, wrong.status, right.status]
    assert 'name="password"' not in asked
    assert amara.password not in asked
    assert "/day" == right.headers["Location"]
    assert 200 == await me(client)


async def test_a_code_may_come_with_the_password(client: Client, db: Database) -> None:
    amara = await build.person(db, "consultant", otp_secret=SECRET)

    page, code = await form(client), pyotp.TOTP(SECRET).now()
    answer = await send(client, page, email=amara.email, password=amara.password, otp=code)

    assert 303 == answer.status


async def test_a_forged_step_begins_again(client: Client, db: Database) -> None:
    await build.person(db, "consultant", otp_secret=SECRET)
    page = await form(client)
    for step in ("00", "zz", "00" * 60):
        answer = await send(client, page, step=step, otp=pyotp.TOTP(SECRET).now())

        assert 401 == answer.status
        assert 'name="password"' in await answer.text()


async def test_a_form_from_elsewhere_does_nothing(client: Client, db: Database) -> None:
    lena = await build.person(db)
    page = await form(client)
    fields = {"email": lena.email, "password": lena.password, "next": ""}
    forged = [
        ({**fields, "csrf": ""}, {}),
        ({**fields}, {}),
        ({**fields, "csrf": "0" * 64}, {}),
        ({**fields, "csrf": field(page, "csrf")}, {"Origin": "https://elsewhere.example"}),
        ({**fields, "csrf": field(page, "csrf")}, {"Origin": "null"}),
        ({**fields, "csrf": field(page, "csrf")}, {"Sec-Fetch-Site": "cross-site"}),
    ]
    for data, headers in forged:
        answer = await client.post("/sign-in", data=data, headers={**HTML, **headers}, allow_redirects=False)

        assert 403 == answer.status
        assert "telegut" not in answer.cookies
    assert 401 == await me(client)


async def test_a_form_out_of_date_comes_back_fresh(client: Client, db: Database) -> None:
    lena = await build.person(db)
    stale = await client.post(
        "/sign-in",
        data={"csrf": "0" * 64, "next": "", "email": lena.email, "password": lena.password},
        headers=HTML,
        allow_redirects=False,
    )

    answer = await send(client, await stale.text(), email=lena.email, password=lena.password)

    assert 303 == answer.status


async def test_a_broken_form_is_refused(client: Client) -> None:
    for content, kind in ((b"\xff\xfe", "application/x-www-form-urlencoded"), (b"{}", "application/json")):
        answer = await client.post("/sign-in", data=content, headers={"Content-Type": kind})

        assert answer.status in (400, 415)
    large = {"email": "x" * 20_000}
    assert 413 == (await client.post("/sign-in", data=large)).status


async def test_signing_in_goes_on_to_the_page_that_was_asked_for(client: Client, db: Database) -> None:
    lena = await build.person(db)

    away = await client.get("/account?tab=1", headers=HTML, allow_redirects=False)
    page = await form(client, away.headers["Location"])
    answer = await send(client, page, email=lena.email, password=lena.password)

    assert (302, "/account?tab=1") == (away.status, answer.headers["Location"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/today", "/today"),
        ("/book?service=1#x", "/book?service=1#x"),
        ("", ""),
        ("today", ""),
        ("//elsewhere.example", ""),
        ("/\\elsewhere.example", ""),
        ("https://elsewhere.example", ""),
        ("javascript:alert(1)", ""),
        ("/today\r\nSet-Cookie: x=1", ""),
        ("/\t/elsewhere.example", ""),
        ("/sign-in?next=/sign-in", ""),
        ("/sign-out", ""),
    ],
)
def test_a_sign_in_never_leads_elsewhere(path: str, expected: str) -> None:
    assert expected == own_path(path)


async def test_signing_in_again_makes_a_new_session_and_ends_the_one_before(client: Client, db: Database) -> None:
    lena, tom = await build.person(db), await build.person(db)
    page = await form(client)
    await enter(client, lena)
    before = client.session.cookie_jar.filter_cookies(client.make_url("/"))["telegut"].value
    own = await client.get("/account", headers=HTML)
    csrf = field(await own.text(), "csrf")

    fields = {"csrf": csrf, "next": "", "email": tom.email, "password": tom.password}
    answer = await client.post("/sign-in", data=fields, headers=HTML, allow_redirects=False)
    after = client.session.cookie_jar.filter_cookies(client.make_url("/"))["telegut"].value
    async with ClientSession(cookies={"telegut": before}) as old:
        status = (await old.get(client.make_url("/api/v1/me"))).status

    assert 303 == answer.status
    assert before != after
    assert (401, 200) == (status, await me(client))
    assert page


async def test_whoever_is_signed_in_is_not_asked_again(client: Client, db: Database) -> None:
    await enter(client, await build.person(db))

    answer = await client.get("/sign-in", headers=HTML, allow_redirects=False)

    assert (303, "/today") == (answer.status, answer.headers["Location"])


async def test_signing_out_ends_the_session_and_empties_the_browser(client: Client, db: Database) -> None:
    lena = await build.person(db)
    await enter(client, lena)
    page = await (await client.get("/account", headers=HTML)).text()

    answer = await client.post("/sign-out", data={"csrf": field(page, "csrf")}, headers=HTML, allow_redirects=False)
    async with db.begin(build.BUILDER) as tx:
        ended = await tx.scalar(select(session_table.c.ended_at).where(session_table.c.kind == "browser"))

    assert (303, "/sign-in") == (answer.status, answer.headers["Location"])
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert ended is not None
    assert 401 == await me(client)


async def test_signing_out_needs_the_page_s_own_token(client: Client, db: Database) -> None:
    await enter(client, await build.person(db))

    answer = await client.post("/sign-out", data={"csrf": "0" * 64}, allow_redirects=False)

    assert 403 == answer.status
    assert 200 == await me(client)


async def test_a_cookie_changes_nothing_without_the_token_of_its_page(client: Client, db: Database) -> None:
    await enter(client, await build.person(db))
    page = await (await client.get("/account", headers=HTML)).text()
    csrf = field(page, "csrf")
    url, body = "/api/v1/me", {"zone": "Asia/Kolkata"}

    without = await client.patch(url, json=body)
    elsewhere = await client.patch(url, json=body, headers={"X-CSRF-Token": csrf, "Origin": "https://evil.example"})
    right = await client.patch(url, json=body, headers={"X-CSRF-Token": csrf})

    assert [403, 403, 200] == [without.status, elsewhere.status, right.status]


async def test_a_cookie_does_not_count_beside_an_authorization_header(client: Client, db: Database) -> None:
    await enter(client, await build.person(db))
    for header in ("Bearer wrong", "Basic eDp5", "x"):
        answer = await client.patch("/api/v1/me", json={"zone": "Asia/Kolkata"}, headers={"Authorization": header})

        assert 401 == answer.status


async def test_a_cookie_s_secret_is_no_bearer_token_and_the_other_way_round(client: Client, db: Database) -> None:
    lena = await build.person(db)
    await enter(client, lena)
    secret = client.session.cookie_jar.filter_cookies(client.make_url("/"))["telegut"].value
    async with ClientSession() as program:
        url = client.make_url("/api/v1/me")
        as_bearer = await program.get(url, headers={"Authorization": f"Bearer {secret}"})
        as_cookie = await program.get(url, cookies={"telegut": lena.token})

    assert (401, 401) == (as_bearer.status, as_cookie.status)


async def test_my_account_shows_me_and_where_i_am_signed_in(client: Client, db: Database) -> None:
    lena = await build.person(db, name="Lena Hartmann")
    await enter(client, lena)

    page = await (await client.get("/account", headers=HTML)).text()

    assert all(text in page for text in ("Lena Hartmann", lena.email, "a test", f"/patients/{lena.id}/accesses"))


async def test_the_page_of_accesses_speaks_in_sentences(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    await client.get(f"/api/v1/patients/{clinic.patient.id}", headers=clinic.consultant.bearer)
    await enter(client, clinic.patient)

    answer = await client.get(f"/patients/{clinic.patient.id}/accesses", headers=HTML)
    page = re.sub(r"<[^>]+>", "", await answer.text())

    assert 200 == answer.status
    assert "Amara Okafor looked at the cover of the record" in page
    assert "in the care team as consultant" in page


async def test_the_page_of_accesses_of_somebody_else_is_not_there(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    await enter(client, clinic.stranger_patient)

    assert 404 == (await client.get(f"/patients/{clinic.patient.id}/accesses", headers=HTML)).status


def test_the_same_done_in_one_minute_is_one_line() -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    lena = uuid4()
    seen = [
        Access(uuid4(), at + timedelta(seconds=after), lena, "Lena", "read", what, None, "their own record")
        for after, what in ((50, "report"), (40, "report"), (30, "patient"), (20, "report"), (-1, "report"))
    ]

    assert [("report", 2), ("patient", 1), ("report", 1), ("report", 1)] == [
        (one.what, times) for one, times in gathered(seen)
    ]
