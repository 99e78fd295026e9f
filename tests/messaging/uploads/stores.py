"""Stores for tests: a folder, and a bucket of a real S3 server in a process of its own."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from telegut.clock import utc_now
from telegut.messaging.uploads.s3 import Bucket, Request, signed

START_S = 60


@asynccontextmanager
async def s3_server() -> AsyncIterator[Bucket]:
    """A server on loopback with one empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    made = Bucket(url=f"http://127.0.0.1:{port}", name="files", region="us-east-1", key_id="us", secret="quiet")
    try:
        async with asyncio.timeout(START_S), aiohttp.ClientSession() as session:
            while not await _made(session, made):
                assert process.poll() is None
                await asyncio.sleep(0.1)
        yield made
    finally:
        process.kill()
        process.wait()


async def _made(session: aiohttp.ClientSession, bucket: Bucket) -> bool:
    request = Request(method="PUT", path=f"/{bucket.name}", query={}, body=b"")
    headers = signed(bucket, request, utc_now())
    try:
        async with session.put(bucket.url + request.path, headers=headers) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
