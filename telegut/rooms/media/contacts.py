"""
How web reaches its media processes: a Unix socket each on this machine, TLS with certificates of both ends elsewhere.

Towards another machine each end shows a certificate, and speaks only with who has one of the same authority; the name
in the media process's is checked too. Commands are signed besides, with a key that was copied there.

Source: RFC 8446 (TLS 1.3), RFC 9525 (names in certificates).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

from telegut.errors import FieldError, Invalid
from telegut.rooms.media.control import HANDSHAKE_WITHIN_S, LINE_BYTES, Elsewhere, socket_path, split
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class Contact:
    """One media process. name: what lists, metrics and logs call it; one of path and elsewhere says where it is."""

    name: str
    path: Path | None = None
    elsewhere: Elsewhere | None = None

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """
        A connection.

        Raises:
            OSError: it is not there, or not who it should be (`ssl.SSLError` is one).
        """
        if self.elsewhere is None:
            return await asyncio.open_unix_connection(str(self.path), limit=LINE_BYTES)
        host, port = split(self.elsewhere.address)
        return await asyncio.open_connection(
            host, port, limit=LINE_BYTES, ssl=self.elsewhere.tls, ssl_handshake_timeout=HANDSHAKE_WITHIN_S
        )


def contacts(settings: Settings) -> tuple[Contact, ...]:
    """Every media process of this installation, those of this machine first."""
    here = [Contact(f"media-{one}", path=socket_path(settings.data, one)) for one in range(settings.media_count)]
    if not settings.media_elsewhere:
        return tuple(here)
    tls = _tls(settings, ssl.PROTOCOL_TLS_CLIENT)
    return (*here, *(Contact(one, elsewhere=Elsewhere(one, tls)) for one in settings.media_elsewhere))


def listening(settings: Settings) -> Elsewhere | None:
    """Where this media process is asked by web on other machines, if at all."""
    if not settings.media_listen:
        return None
    return Elsewhere(settings.media_listen, _tls(settings, ssl.PROTOCOL_TLS_SERVER))


def key_path(settings: Settings) -> Path:
    """Where the key lies that commands are signed with."""
    return settings.media_key_file or socket_path(settings.data).parent / "media.key"


def _tls(settings: Settings, protocol: int) -> ssl.SSLContext:
    """
    What we show and whom we believe.

    Raises:
        Invalid: a setting is missing, or what it names cannot be used.
    """
    named = {
        name: getattr(settings, name) for name in ("media_certificate", "media_certificate_key", "media_authority")
    }
    missing = [
        FieldError(f"TELEGUT_{name.upper()}", "is needed for media processes on other machines")
        for name, path in named.items()
        if path is None
    ]
    if missing:
        raise Invalid("Media processes on other machines are spoken with by certificates of both ends.", missing)
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_cert_chain(named["media_certificate"], named["media_certificate_key"])
        context.load_verify_locations(cafile=named["media_authority"])
    except (OSError, ValueError) as exc:
        raise Invalid("The certificates for media processes on other machines cannot be read.") from exc
    return context
