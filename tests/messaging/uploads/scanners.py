"""Scanners for tests: one that misbehaves as it is told, and Debian's clamd with a signature file of our own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.messaging.uploads.files import EICAR

CLAMD = shutil.which("clamd")
START_S = 60


@dataclass
class FakeClamd:
    """
    Speaks clamd's protocol at *address*.

    answer: what is said of every file; None: it reads, and says nothing; the default looks for the EICAR file.
    """

    address: str = ""
    answer: bytes | None = b""
    heard: list[int] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"zINSTREAM\0" == await reader.readuntil(b"\0")
        data = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            data += await reader.readexactly(size)
        self.heard.append(len(data))
        if self.answer is None:
            await reader.read()
            return
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
        writer.write(self.answer or found)
        await writer.drain()


@asynccontextmanager
async def fake_clamd() -> AsyncIterator[FakeClamd]:
    """One at work for the length of the block."""
    made = FakeClamd()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()


@asynccontextmanager
async def real_clamd(home: Path) -> AsyncIterator[str]:
    """Debian's clamd with *home* as its folder; gives its address. It knows the EICAR file and nothing else."""
    assert CLAMD is not None
    socket, signatures = home / "clamd.sock", home / "signatures"
    signatures.mkdir()
    # Name, any kind of file, anywhere in it, these bytes: the extended format (.ndb) of ClamAV's signatures.
    (signatures / "tests.ndb").write_text(f"Tests.Eicar:0:*:{EICAR.hex()}\n")
    lines = [f"LocalSocket {socket}", f"DatabaseDirectory {signatures}", "Foreground yes", "MaxThreads 2"]
    lines += ["ConcurrentDatabaseReload no", f"TemporaryDirectory {home}"]
    (home / "clamd.conf").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(
        [CLAMD, "--config-file", str(home / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_S):
            while not await _answers(socket):
                assert process.poll() is None
                await asyncio.sleep(0.1)
        yield str(socket)
    finally:
        process.kill()
        process.wait()


async def _answers(socket: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        writer.write(b"zPING\0")
        return await reader.read(16) == b"PONG\0"
    except OSError:
        return False
