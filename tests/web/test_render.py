"""What every page has: the frame, the way around for each role, and nothing that the browser's policy would refuse."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.web import navigation
from tests import build

Client = TestClient[web.Request, web.Application]
HTML = {"Accept": "text/html"}


async def test_a_page_that_is_not_there_says_so_kindly(client: Client) -> None:
    response = await client.get("/nowhere", headers=HTML)
    page = await response.text()

    assert response.status == 404
    assert "There is nothing for you here" in page


async def test_a_program_gets_a_problem_where_a_person_gets_a_page(client: Client) -> None:
    response = await client.get("/nowhere", headers={"Accept": "application/json"})

    assert response.content_type == "application/problem+json"


async def test_nothing_in_a_page_needs_an_exception_from_its_policy(client: Client, db: Database) -> None:
    who = await build.person(db, "admin", 'Zoë "<b>" Ångström')
    response = await client.get("/welcome", headers={**HTML, **who.bearer})
    page = await response.text()
    nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])

    assert nonce is not None
    assert set(re.findall(r"<script[^>]*nonce=\"([^\"]*)\"", page)) == {nonce[1]}
    assert len(re.findall(r"<script", page)) == len(re.findall(r"<script[^>]*nonce=", page))
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page) == []
    assert "<b>" not in page


@pytest.mark.parametrize(("cookie", "expected"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')])
async def test_a_chosen_theme_is_there_before_the_first_paint(client: Client, cookie: str, expected: str) -> None:
    response = await client.get("/sign-in", headers={**HTML, "Cookie": f"telegut-theme={cookie}"})

    assert expected in await response.text()


@pytest.mark.parametrize("cookie", ["", "purple", '"><script>'])
async def test_an_unknown_theme_is_the_devices_own(client: Client, cookie: str) -> None:
    response = await client.get("/sign-in", headers={**HTML, "Cookie": f"telegut-theme={cookie}"})

    assert "data-theme" not in await response.text()


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("patient", ["/today", "/messages", "/plan", "/reports", "/book"]),
        ("guardian", ["/today", "/messages", "/plan", "/reports", "/book"]),
        ("consultant", ["/day", "/week", "/messages", "/patients", "/availability"]),
        ("nutritionist", ["/day", "/week", "/messages", "/patients", "/availability"]),
        ("coordinator", ["/day", "/board", "/week", "/book", "/clinic"]),
        ("admin", []),
        ("auditor", []),
    ],
)
def test_each_role_finds_the_few_places_of_its_day(role: str, expected: list[str]) -> None:
    assert [place.href for place in navigation.places({role})] == expected
