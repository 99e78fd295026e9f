"""What is no request is refused as a problem document that repeats nothing, and nothing of it is in the log."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web

from telegut import logs
from telegut.web.connections import ADDRESS_BYTES, FIELD_BYTES, Runner

SECRET = b"oats-and-worries"


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """The log."""
    logs.configure("test", stream=(stream := io.StringIO()))
    yield stream
    logs.configure("test")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that answers whatever it can read."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="read")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = Runner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def _ask(port: int, request: bytes) -> tuple[int, str, bytes]:
    """Status, type and body of the answer to bytes on a new connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line)
        body = await reader.readexactly(int(fields["Content-Length"]))
    writer.close()
    return int(head.split()[1]), fields["Content-Type"], body


def _get(query: bytes = b"", header: bytes = b"1") -> bytes:
    return b"GET /?" + query + b" HTTP/1.1\r\nHost: a\r\nX-More: " + header + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (_get(b"q=" + SECRET * 600), 414, "address_too_long"),
        (_get(header=SECRET * 600), 431, "header_too_long"),
        (b"\x16\x03" + SECRET + b"\r\n\r\n", 400, "unreadable"),
        (b"GET / HTTP/1.1\r\n" + SECRET + b"\r\n\r\n", 400, "unreadable"),
    ],
)
async def test_what_cannot_be_read_is_refused_without_its_words(
    port: int, heard: io.StringIO, request_: bytes, status: int, code: str
) -> None:
    answered, kind, body = await _ask(port, request_)

    problem = json.loads(body)
    assert (status, status, code) == (answered, problem["status"], problem["code"])
    assert kind.startswith("application/problem+json")
    assert (SECRET in body, SECRET.decode() in heard.getvalue()) == (False, False)
    assert [("unreadable", status)] == [
        (one["event"], one["status"]) for one in map(json.loads, heard.getvalue().splitlines())
    ]
    assert (200, b"read") == (await _ask(port, _get()))[::2]


async def test_what_fits_is_read(port: int) -> None:
    room = ADDRESS_BYTES - len("/?")
    assert 200 == (await _ask(port, _get(b"q" * room)))[0]
    assert 414 == (await _ask(port, _get(b"q" * (room + 1))))[0]
    assert 200 == (await _ask(port, _get(header=b"h" * (FIELD_BYTES - len("X-More")))))[0]
