"""Commands once, for a while, to one process; and control from another machine by certificates alone."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from telegut.errors import Invalid
from telegut.rooms.media import commands, contacts, control
from telegut.rooms.media.commands import Drain, NotTaken, Reader
from telegut.rooms.media.link import MediaLink
from telegut.settings import Settings
from tests.rooms.media.callers import media
from tests.rooms.visits import eventually

KEY = b"k" * 32
NOW = 1_800_000_000.0
DRAIN = {"do": "drain"}


@pytest.mark.parametrize(
    ("line", "now", "why"),
    [
        (commands.sign(b"l" * 32, DRAIN, NOW, "me"), NOW, "not signed"),
        (commands.sign(KEY, DRAIN, NOW, "me") | {"tag": "ü"}, NOW, "not signed"),
        (commands.sign(KEY, DRAIN, NOW, "another"), NOW, "for another"),
        (commands.sign(KEY, DRAIN, NOW, "me"), NOW + commands.GOOD_FOR_S + 1, "too old"),
        (commands.sign(KEY, DRAIN, NOW, "me"), NOW - commands.GOOD_FOR_S - 1, "too old"),
        (commands.sign(KEY, {"do": "dance"}, NOW, "me"), NOW, "not known"),
        (commands.sign(KEY, {"do": "join"}, NOW, "me"), NOW, "makes no sense"),
        ({"command": 7, "tag": "x"}, NOW, "no command"),
    ],
)
def test_what_is_no_good_command_is_not_done(line: dict[str, Any], now: float, why: str) -> None:
    with pytest.raises(NotTaken, match=why):
        Reader(KEY, "me").read(line, now)


def test_a_command_is_done_once() -> None:
    reader, line = Reader(KEY, "me"), dict(commands.sign(KEY, DRAIN, NOW, "me"))

    assert Drain() == reader.read(line, NOW)
    with pytest.raises(NotTaken, match="heard before"):
        reader.read(line, NOW + 1)
    assert Drain() == reader.read(dict(commands.sign(KEY, DRAIN, NOW, "me")), NOW + 1)


def test_a_key_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "run" / "media.key"
    key = commands.key_of(path)

    assert key == commands.key_of(path)
    assert (32, 0o600) == (len(key), path.stat().st_mode & 0o777)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 5000 + b"]" * 5000,
        json.dumps({"command": "[" * 5000 + "]" * 5000}).encode(),
        b'{"command": "\\ud800"}',
        b"\xff",
        b"7",
    ],
)
async def test_a_line_that_cannot_be_read_is_answered_and_its_place_becomes_free(tmp_path: Path, line: bytes) -> None:
    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "heard": json.loads(asked["command"].encode())}

    path = tmp_path / "door.sock"
    door = control.Door(path, answer)
    await door.open()
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(line + b'\n{"id": 2, "command": "7"}\n')
    said = [json.loads(await reader.readline()) for _ in range(2)]
    writer.close()
    await eventually(lambda: door.listeners == 0, "the place is free")
    door.close()

    assert said[0]["ok"] is False
    assert {"id": 2, "ok": True, "heard": 7} == said[1]


class Authority:
    """Somebody who vouches for certificates."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.path = folder / f"{name}.pem"
        made = self._signed(self._name, self._key, lambda one: one, ca=True)
        self.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        more: Callable[[x509.CertificateBuilder], x509.CertificateBuilder],
        *,
        ca: bool,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if ca:
            usage = x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            )
            builder = builder.add_extension(usage, critical=True)
        return more(builder).sign(self._key, hashes.SHA256())

    def vouches(self, name: str, address: str = "127.0.0.1") -> dict[str, Path]:
        """A certificate for *address* and its key, and us, as settings."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._signed(subject, key, lambda one: one.add_extension(alternative, critical=False), ca=False)
        certificate, secret = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
        return {"media_certificate": certificate, "media_certificate_key": secret, "media_authority": self.path}


def free_port() -> int:
    """A TCP port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def link_to(settings: Settings, key: bytes = b"") -> MediaLink:
    """Web's end of the only contact of *settings*."""
    (contact,) = contacts.contacts(settings)
    known = key or commands.key_of(contacts.key_path(settings))
    return MediaLink(contact, lambda: known, lambda *_: None, lambda _: None, lambda _: None)


async def test_a_media_process_on_another_machine_is_asked_by_certificates_of_both_ends(tmp_path: Path) -> None:
    ours, address = Authority(tmp_path, "clinic"), f"127.0.0.1:{free_port()}"
    there = Settings(mode="test", data=tmp_path / "there", media_listen=address, **ours.vouches("media"))  # type: ignore[arg-type]
    key = commands.key_of(contacts.key_path(there))
    here = Settings(mode="test", data=tmp_path / "here", media_elsewhere=(address,), **ours.vouches("web"))  # type: ignore[arg-type]
    async with media(there) as worker:
        link = link_to(here, key)
        link.start()
        await eventually(lambda: link.up, "they speak")
        assert worker.instance == link.instance
        assert {} == await link.state()
        assert {"ok": True} == {k: v for k, v in (await link.do(do="leave", room="nobody")).items() if k == "ok"}
        await link.stop()

        stranger = link_to(here, bytes(32))
        stranger.start()
        await eventually(lambda: stranger.up, "they speak")
        with pytest.raises(Invalid, match="not signed"):
            await stranger.do(do="drain")
        await stranger.stop()


async def test_who_has_no_certificate_of_ours_is_not_spoken_with(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path, "clinic"), Authority(tmp_path, "somebody")
    address = f"127.0.0.1:{free_port()}"
    there = Settings(mode="test", data=tmp_path / "there", media_listen=address, **ours.vouches("media"))  # type: ignore[arg-type]
    mixed = theirs.vouches("stranger") | {"media_authority": ours.path}
    bare = ssl.create_default_context(cafile=str(ours.path))
    host, port = control.split(address)
    async with media(there):
        (contact,) = contacts.contacts(
            Settings(mode="test", data=tmp_path, media_elsewhere=(address,), **mixed)  # type: ignore[arg-type]
        )
        for attempt in (contact.connect, lambda: asyncio.open_connection(host, port, ssl=bare)):
            assert b"" == await _asked(attempt), "TLS 1.3 tells a client of its bad certificate after the handshake"
        with pytest.raises(ssl.SSLCertVerificationError):
            (other,) = contacts.contacts(
                Settings(mode="test", data=tmp_path, media_elsewhere=(address,), **theirs.vouches("web"))  # type: ignore[arg-type]
            )
            await other.connect()


async def _asked(attempt: Callable[[], Any]) -> bytes:
    try:
        reader, writer = await attempt()
        writer.write(json.dumps({"ask": "health"}).encode() + b"\n")
        said: bytes = await reader.readline()
        writer.close()
    except (ssl.SSLError, ConnectionError):
        return b""
    return said


async def test_a_certificate_for_another_name_is_refused_by_web(tmp_path: Path) -> None:
    ours, address = Authority(tmp_path, "clinic"), f"127.0.0.1:{free_port()}"
    wrong = ours.vouches("media", address="192.0.2.7")
    there = Settings(mode="test", data=tmp_path / "there", media_listen=address, **wrong)  # type: ignore[arg-type]
    async with media(there):
        (contact,) = contacts.contacts(
            Settings(mode="test", data=tmp_path, media_elsewhere=(address,), **ours.vouches("web"))  # type: ignore[arg-type]
        )
        with pytest.raises(ssl.SSLCertVerificationError):
            await contact.connect()


def test_media_elsewhere_without_certificates_is_refused_by_name(tmp_path: Path) -> None:
    settings = Settings(mode="test", data=tmp_path, media_elsewhere=("media.example:7443",))

    with pytest.raises(Invalid) as refused:
        contacts.contacts(settings)
    assert "TELEGUT_MEDIA_CERTIFICATE" in {one.field for one in refused.value.errors}
    assert 0 == settings.media_count
    assert 3 == replace(settings, media_processes=3).media_count
