"""
Fetching from addresses that somebody typed in: bounded, and only from the public network.

Which connections may be made, `telegut.web.outward` says. Redirects are followed by hand, each as a new address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from telegut.errors import Invalid
from telegut.scheduling.busy.rules import Failure, Unreadable, checked_address
from telegut.web.outward import Gate

REDIRECTS_AT_MOST: Final = 4
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: how, with what, and as whom."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back. *body* is None when nothing has changed since."""

    body: bytes | None
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """The bounds of one fetch: seconds in all, bytes after decompression."""

    time_s: float
    bytes_at_most: int
    on_loopback: bool = False

    async def fetch(self, asked: Asked) -> Fetched:
        """
        Ask, and follow where it leads.

        Raises:
            Unreadable: it could not be read; says why.
        """
        gate = Gate(on_loopback=self.on_loopback)
        try:
            async with (
                asyncio.timeout(self.time_s),
                aiohttp.ClientSession(connector=gate.connector(), cookie_jar=aiohttp.DummyCookieJar()) as session,
            ):
                return await self._followed(session, asked)
        except TimeoutError as exc:
            raise Unreadable(Failure.TOO_SLOW) from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise Unreadable(Failure.NOT_ALLOWED if gate.refused else Failure.UNREACHABLE) from exc

    async def _followed(self, session: aiohttp.ClientSession, asked: Asked) -> Fetched:
        url, first = asked.url, urlsplit(asked.url).netloc
        for _ in range(REDIRECTS_AT_MOST + 1):
            self._check(url)
            # A password goes nowhere but to the host it was given for.
            own = urlsplit(url).netloc == first
            headers = {**asked.headers, **(_signed_in(asked) if own else {})}
            async with session.request(
                asked.method, url, headers=headers, data=asked.body or None, allow_redirects=False
            ) as answer:
                if answer.status not in _MOVED:
                    return await self._read(answer)
                url = urljoin(url, answer.headers.get("Location", ""))
        raise Unreadable(Failure.WRONG_ANSWER)

    def _check(self, url: str) -> None:
        try:
            checked_address(url, on_loopback=self.on_loopback)
        except Invalid as exc:
            raise Unreadable(Failure.NOT_ALLOWED) from exc

    async def _read(self, answer: aiohttp.ClientResponse) -> Fetched:
        if answer.status == 304:
            return Fetched(None)
        failure = {401: Failure.REFUSED, 403: Failure.REFUSED, 404: Failure.NOT_THERE, 410: Failure.NOT_THERE}
        if answer.status not in (200, 207):
            raise Unreadable(failure.get(answer.status, Failure.WRONG_ANSWER))
        found = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            found += chunk
            if len(found) > self.bytes_at_most:
                raise Unreadable(Failure.TOO_LARGE)
        return Fetched(
            bytes(found), answer.headers.get("ETag", "")[:500], answer.headers.get("Last-Modified", "")[:100]
        )


def _signed_in(asked: Asked) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(asked.user, asked.password)} if asked.user else {}
