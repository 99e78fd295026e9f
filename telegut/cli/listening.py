"""The address that the web processes share: taken once, by the supervisor, and asked whether it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import ipaddress
import socket

from telegut.cli.exits import CommandFailed, Exit
from telegut.settings import Settings

BACKLOG = 4096
"""Connections that wait while web starts again, or everybody comes back at once; the kernel may allow less."""
ANYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not bound


def split(listen: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; an IPv6 host stands in brackets.

    Raises:
        CommandFailed: it is neither.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise CommandFailed(
            Exit.USAGE, f"{listen!r} is not an address to listen on; write HOST:PORT, 127.0.0.1:8080 say."
        )
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach *host*."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_safe(settings: Settings) -> None:
    """Refuse plain HTTP where others could listen in.

    Raises:
        CommandFailed: production mode, an address beyond loopback, and no TLS in front.
    """
    host, _ = split(settings.listen)
    behind_proxy = settings.is_https and settings.trusted_proxies
    if settings.mode == "production" and not is_loopback(host) and not behind_proxy:
        raise CommandFailed(
            Exit.UNSAFE,
            f"in production telegut does not listen on {settings.listen} over plain HTTP. Listen on 127.0.0.1 behind a "
            "proxy that speaks TLS, or name the proxy: TELEGUT_PUBLIC_URL=https://… and TELEGUT_TRUSTED_PROXIES.",
        )


def bind(listen: str) -> socket.socket:
    """Take the address, and let connections queue from now on.

    Raises:
        CommandFailed: it is taken, or not ours.
    """
    host, port = split(listen)
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG, reuse_port=False
        )
    except OSError as error:
        raise CommandFailed(Exit.ADDRESS_TAKEN, f"cannot listen on {listen}: {_why(error, port)}") from error


def settled(settings: Settings, taken: socket.socket) -> Settings:
    """*settings* with the port that was really taken, and an address that a browser can open."""
    host, _ = split(settings.listen)
    port = taken.getsockname()[1]
    shown = "localhost" if host in ANYWHERE else host
    bracketed = f"[{shown}]" if ":" in shown else shown
    public = settings.public_url or (f"http://{bracketed}:{port}" if host in ANYWHERE else "")
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return dataclasses.replace(settings, listen=listen, public_url=public)


async def is_ready(taken: socket.socket) -> tuple[bool, str]:
    """Ask ``/readyz`` at the address itself; whether it is ready, and what it said."""
    host, port = taken.getsockname()[:2]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound
    try:
        reader, writer = await asyncio.open_connection(reached, port)
    except OSError as error:
        return False, str(error)
    try:
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(10):
            answer = await reader.read(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        return head.startswith(b"HTTP/1.1 200"), body.decode(errors="replace").strip()
    except (OSError, TimeoutError) as error:
        return False, type(error).__name__
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _why(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"another program uses port {port}. Stop it, or choose another address with --listen HOST:PORT."
    if error.errno == errno.EACCES:
        return f"this account may not use port {port}; choose one above 1023 with --listen HOST:PORT."
    return f"{error.strerror or error}. Choose an address of this machine with --listen HOST:PORT."
