"""Text that cannot be kept (U+0000, stray bytes) in the address or beside it: refused everywhere, a failure nowhere."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from yarl import URL

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
    bearer = here.consultant.bearer["Authorization"].encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    head = (
        b"POST /api/v1/waitlist/offers" + path + b" HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Connection: close",
        b"Authorization: " + bearer,
        b"Idempotency-Key: " + key,
    )
    writer.write(b"\r\n".join(head) + b"\r\n\r\n")
    said = (await reader.readline()).split()
    writer.close()

    assert status == int(said[1])
