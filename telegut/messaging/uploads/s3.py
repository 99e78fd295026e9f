"""
Sealed bytes in an S3-compatible bucket: four calls, each signed by ourselves.

Source: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".
Addresses are path-style (``URL/BUCKET/KEY``), which every server that speaks S3 understands.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit
from uuid import UUID

import aiohttp
from defusedxml import ElementTree
from yarl import URL

from telegut.clock import Clock
from telegut.messaging.uploads.store import ObjectMissing, StoreAway

PREFIX = "uploads/"
_XML = "{http://s3.amazonaws.com/doc/2006-03-01/}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where, and who we are there. *url* has no path."""

    url: str
    name: str
    region: str
    key_id: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. *path* and *query* unescaped."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes

    @property
    def query_text(self) -> str:
        """The query as it is signed: escaped and sorted."""
        return "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in sorted(self.query.items()))


def _escaped(text: str, safe: str = "") -> str:
    return quote(text, safe=f"-_.~{safe}")


def signed(bucket: Bucket, request: Request, at: datetime) -> dict[str, str]:
    """The headers that sign *request* at the moment *at* (UTC)."""
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    digest = hashlib.sha256(request.body).hexdigest()
    headers = {"host": urlsplit(bucket.url).netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join([request.method, _escaped(request.path, "/"), request.query_text, lines, names, digest])
    scope = f"{day}/{bucket.region}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{bucket.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"{bucket.key_id}/{scope}"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": authorization}


class BucketStore:
    """A `Store` in a bucket that exists."""

    def __init__(self, bucket: Bucket, now: Clock, *, time_s: float) -> None:
        self._bucket = bucket
        self._now = now
        self._time = aiohttp.ClientTimeout(total=time_s)

    async def put(self, id: UUID, sealed: bytes) -> None:
        """See `Store`."""
        await self._call("PUT", _key(id), body=sealed)

    async def read(self, id: UUID, start: int, length: int) -> bytes:
        """See `Store`."""
        return await self._call("GET", _key(id), range=f"bytes={start}-{start + length - 1}")

    async def remove(self, id: UUID) -> None:
        """See `Store`."""
        try:
            await self._call("DELETE", _key(id))
        except ObjectMissing:
            return

    async def older_than(self, moment: datetime) -> AsyncIterator[UUID]:
        """See `Store`; a page of the bucket's list after the other."""
        query = {"list-type": "2", "prefix": PREFIX}
        while True:
            page = ElementTree.fromstring(await self._call("GET", "", query=query))
            for one in page.iter(f"{_XML}Contents"):
                key, written = one.findtext(f"{_XML}Key", ""), one.findtext(f"{_XML}LastModified", "")
                if datetime.fromisoformat(written) < moment:
                    yield UUID(hex=key.removeprefix(PREFIX))
            following = page.findtext(f"{_XML}NextContinuationToken")
            if not following:
                return
            query = query | {"continuation-token": following}

    async def _call(
        self, method: str, key: str, *, query: Mapping[str, str] | None = None, body: bytes = b"", range: str = ""
    ) -> bytes:
        request = Request(method=method, path=f"/{self._bucket.name}/{key}", query=query or {}, body=body)
        headers = signed(self._bucket, request, self._now()) | ({"range": range} if range else {})
        address = f"{self._bucket.url}{_escaped(request.path, '/')}"
        url = URL(f"{address}?{request.query_text}" if query else address, encoded=True)
        try:
            # A session of its own for each call: web processes and workers share this store across event loops.
            async with (
                aiohttp.ClientSession(timeout=self._time, auto_decompress=False) as session,
                session.request(method, url, data=body or None, headers=headers, allow_redirects=False) as answer,
            ):
                return _understood(answer.status, await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise StoreAway from exc


def _key(id: UUID) -> str:
    return PREFIX + id.hex


def _understood(status: int, content: bytes) -> bytes:
    if status == 404:
        raise ObjectMissing
    if status == 416:  # from behind the end
        return b""
    if not 200 <= status < 300:
        raise StoreAway
    return content
