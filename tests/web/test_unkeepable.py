"""Text that cannot be kept (U+0000, stray bytes) in the address or beside it: refused everywhere, a failure nowhere."""

from __future__ import annotations

import asyncio
import base64
import re
from itertools import product
from typing import Any

import pytest
from yarl import URL

from telegut.accounts import sessions
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.web.api import OPERATIONS
from tests import build


async def test_a_nul_in_any_address_is_404_for_every_verb(client: Any, app: Any, db: Database) -> None:
    here = await build.clinic(db)
    wrong = []
    for operation in app[OPERATIONS]:
        if "{" not in operation.path:
            continue
        path = URL(re.sub(r"{[^}]*}", "%00", operation.path), encoded=True)
        headers = {**here.consultant.bearer, "Idempotency-Key": "nul"}
        answer = await client.request(operation.method, path, headers=headers)
        if answer.status != 404:
            wrong.append((operation.method, operation.path, answer.status))

    assert [] == wrong


async def _status(client: Any, method: bytes, path: bytes, *headers: bytes) -> int:
    """The status of an answer to bytes that no client library would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    lines = (method + b" " + path + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", *headers)
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    said = (await reader.readline()).split()
    writer.close()
    return int(said[1])


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        (b"/%00/decline", b"k", 404),
        (b"/%ff/decline", b"k", 404),
        (b"/\xff/decline", b"k", 400),
        (b"/01900000-0000-7000-8000-000000000000/decline", b"\xff", 422),
    ],
)
async def test_stray_bytes_are_refused(client: Any, db: Database, path: bytes, key: bytes, status: int) -> None:
    here = await build.clinic(db)
    bearer = b"Authorization: " + here.consultant.bearer["Authorization"].encode()
    said = await _status(client, b"POST", b"/api/v1/waitlist/offers" + path, bearer, b"Idempotency-Key: " + key)

    assert status == said


HEADERS = (
    b"Authorization: Bearer \xff",
    b"Authorization: Basic \xff",
    b"Authorization: Basic " + base64.b64encode(b"a\0:b"),
    b"Cookie: telegut=\xff",
    b"Cookie: telegut-visit=\xff",
    b"Cookie: telegut=x; telegut_guest=\xff\r\nX-CSRF-Token: \xff",
    b"Cookie: telegut=x\r\nOrigin: http://\xff",
    b"Cookie: telegut=x\r\nOrigin: http://x\r\nHost: [",
    b"Cookie: telegut_theme=\xff",
    b"User-Agent: \xff",
    b"Content-Type: \xff",
    b"Accept-Language: \xff",
    b"If-None-Match: \xff",
    b"X-Forwarded-For: \xff",
)
PLACES = (
    b"GET /api/v1/holds",
    b"POST /api/v1/holds",
    b"POST /api/v1/sessions",
    b"POST /sign-in",
    b"GET /livez",
    b"PROPFIND /caldav/",
    b"GET /calendars",
)


async def test_stray_bytes_in_a_header_are_a_failure_nowhere(client: Any, db: Database) -> None:
    here = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        _, secret = await sessions.issue(
            tx, here.consultant.id, "browser", build.TOKEN_LIFETIME, device="a browser", now=utc_now()
        )
    session = b"Cookie: telegut=" + secret.encode()
    wrong = []
    for place, header in product(PLACES, (*HEADERS, session + b"\r\nX-CSRF-Token: \xff")):
        status = await _status(client, *place.split(), header)
        if status >= 500:
            wrong.append((place, header, status))

    assert [] == wrong
