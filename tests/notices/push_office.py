"""
A real push service on a free port of loopback, with browsers behind it, that tests can read and put in a bad mood.

It does what the far side does, from the RFCs and without telegut's own code: checks the token (RFC 8292) with the key
in it, and opens the message with the keys of the subscription (RFC 8291).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


def b64(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """And back."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """A subscription: its keys, and what it was shown."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def public(self) -> bytes:
        """The point that senders seal for."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, endpoint: str) -> dict[str, Any]:
        """As ``PushSubscription.toJSON()`` gives it."""
        keys = {"p256dh": b64(self.public), "auth": b64(self.auth)}
        return {"endpoint": endpoint, "expirationTime": None, "keys": keys}

    def open(self, body: bytes) -> bytes:
        """What a push message says."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        ikm = _hkdf(self.auth, shared, b"WebPush: info\0" + self.public + sender, 32)
        key, nonce = (_hkdf(salt, ikm, f"Content-Encoding: {name}\0".encode(), n) for name, n in _NAMES)
        opened = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert opened.endswith(b"\x02")
        return opened[:-1]


_NAMES = (("aes128gcm", 16), ("nonce", 12))


def _hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    secret = hmac.digest(salt, material, hashlib.sha256)
    return hmac.digest(secret, info + b"\x01", hashlib.sha256)[:length]


@dataclass
class PushOffice:
    """
    What it took, opened, and what it answers.

    moods: statuses to answer first, one for each message; 0: hang up without a word; -1: say nothing at all.
    """

    url: str = ""
    browsers: dict[str, Browser] = field(default_factory=dict)
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sizes: set[int] = field(default_factory=set)
    moods: list[int] = field(default_factory=list)

    def browser(self, name: str = "phone") -> dict[str, Any]:
        """One more subscription."""
        self.browsers[name] = Browser()
        return self.browsers[name].subscription(f"{self.url}/send/{name}")

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take a message, or not."""
        body = await request.read()
        self._check(request)
        mood = self.moods.pop(0) if self.moods else 201
        if mood == 0:
            assert request.transport is not None
            request.transport.abort()
        elif mood == -1:
            await asyncio.sleep(60)
        elif mood < 300:
            self.sizes.add(len(body))
            self.headers.append(dict(request.headers))
            self.taken.append(json.loads(self.browsers[request.match_info["name"]].open(body)))
        headers = {"Location": f"{self.url}/send/elsewhere"} if 300 <= mood < 400 else {}
        return web.Response(status=max(mood, 200), headers=headers)

    def _check(self, request: web.Request) -> None:
        scheme, token, key = request.headers["Authorization"].replace(",", " ").split()
        assert "vapid" == scheme
        signed, _, signature = token.removeprefix("t=").rpartition(".")
        raw = unb64(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unb64(key.removeprefix("k=")))
        public.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
        header, claims = (json.loads(unb64(part)) for part in signed.split("."))
        assert {"typ": "JWT", "alg": "ES256"} == header
        assert self.url == claims["aud"]
        assert time.time() < claims["exp"] <= time.time() + 24 * 3600
        assert claims["sub"].startswith(("mailto:", "https:"))
        assert "aes128gcm" == request.headers["Content-Encoding"]


@asynccontextmanager
async def push_office() -> AsyncIterator[PushOffice]:
    """Open for the length of the block."""
    office = PushOffice()
    app = web.Application()
    app.router.add_post("/send/{name}", office.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    office.url = f"http://{host}:{port}"
    try:
        yield office
    finally:
        await runner.cleanup()
