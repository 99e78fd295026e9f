"""A TURN server (coturn, a Debian package) with our configuration, for benches and tests: started, used and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from telegut.rooms.turnserver import Turn, configuration

PROGRAM: Final = "turnserver"
HOST: Final = "127.0.0.1"
WITHIN_S: Final = 20.0
RELAYS: Final = (49160, 49260)


class NoTurn(RuntimeError):
    """There is no TURN server here, or it does not start; the text says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A TURN server that answers."""

    plain_port: int
    tls_port: int
    secret: str
    relays: tuple[int, int] = RELAYS

    @property
    def urls(self) -> tuple[str, ...]:
        """As in ``TELEGUT_TURN_URLS``: the best way first."""
        plain = f"turn:{HOST}:{self.plain_port}?transport="
        return f"{plain}udp", f"{plain}tcp", f"turns:{HOST}:{self.tls_port}?transport=tcp"


@contextlib.asynccontextmanager
async def turn_server(folder: Path, *, reachable: bool = True) -> AsyncIterator[Running]:
    """
    coturn on loopback, with its files in *folder*, until the block ends.

    reachable: its relays may send to this machine (where the media process of a bench is).

    Raises:
        NoTurn: no such program, or it does not answer.
    """
    secret = secrets.token_hex(16)
    program = shutil.which(PROGRAM)
    if program is None:
        raise NoTurn("no turnserver on this machine: install the package coturn")
    plain, tls = _free_port(), _free_port()
    certificate, key = _certificate(folder)
    turn = Turn(
        realm="telegut.test",
        certificate=str(certificate),
        key=str(key),
        listen=(HOST,),
        reachable=(HOST,) if reachable else (),
        plain_port=plain,
        tls_port=tls,
        relays=RELAYS,
    )
    (folder / "turnserver.conf").write_text(configuration(turn))
    command = [program, "-c", "turnserver.conf", f"--static-auth-secret={secret}", "--pidfile=turn.pid"]
    command += ["--userdb=turn.db", "--relay-threads=1"]
    with (folder / "turn.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        await _answers(process, plain, folder / "turn.log")
        yield Running(plain, tls, secret)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answers(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            while process.returncode is None:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)
    raise NoTurn(f"coturn does not start; see {log}")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody vouches for: what comes by TLS is seen to arrive, browsers would refuse it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "telegut.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "turn.crt").write_bytes(made.public_bytes(pem))
    no_password = serialization.NoEncryption()
    (folder / "turn.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password))
    return folder / "turn.crt", folder / "turn.key"
