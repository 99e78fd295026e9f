"""What a browser is given for the time without a connection, over HTTP; `tests.pages.test_service_worker` runs it."""

from __future__ import annotations

import json

from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.db.ids import new_id
from tests import build

Client = TestClient[web.Request, web.Application]


async def test_the_worker_has_the_whole_of_telegut_for_its_scope_and_may_fetch_from_us_alone(client: Client) -> None:
    answers = [await client.get("/service-worker.js") for _ in range(2)]
    first, again = [await answer.text() for answer in answers]

    assert ("text/javascript", "no-cache") == (answers[0].content_type, answers[0].headers["Cache-Control"])
    assert "default-src 'none'; connect-src 'self'" == answers[0].headers["Content-Security-Policy"]
    assert first == again
    kept = json.loads(first.splitlines()[0].removeprefix("self.KEPT=").rstrip(";"))
    assert (16, "/offline", 3) == (len(kept["version"]), kept["page"], len(kept["looks"]))
    assert "sourceMappingURL" not in first


async def test_what_it_keeps_is_there_and_the_same_for_everybody(client: Client, db: Database) -> None:
    who = await build.person(db, "patient", "Lena Hartmann")
    kept = json.loads((await (await client.get("/service-worker.js")).text()).splitlines()[0][len("self.KEPT=") : -1])

    pages = [await (await client.get("/offline", headers=headers)).text() for headers in ({}, who.bearer)]
    looks = [(await client.get(look)).status for look in kept["looks"]]

    assert pages[0] == pages[1]
    assert "<script" not in pages[0]
    assert "tel:112" in pages[0]
    assert [200, 200, 200] == looks


async def test_a_notice_s_link_leads_by_the_sign_in_page_into_the_thread(client: Client) -> None:
    link = f"/messages/{new_id()}"

    answer = await client.get(link, allow_redirects=False)

    assert (302, f"/sign-in?next={link}") == (answer.status, answer.headers["Location"])
