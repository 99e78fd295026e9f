"""Devices that take push messages, over HTTP. The service worker that shows them: `telegut.messaging.offline`."""

from __future__ import annotations

import binascii

from aiohttp import web
from pydantic import Field

from telegut.accounts.devices import device_name
from telegut.errors import FieldError, Invalid, NotFound
from telegut.notices.push.devices import Device
from telegut.notices.push.sealing import DeviceKeys
from telegut.notices.push.service import Push
from telegut.notices.push.vapid import decoded
from telegut.web.api import Answer, Body, Call, Endpoints, Instant

PUSH = web.AppKey("notices_push", Push)
api = Endpoints("accounts")


def install(app: web.Application, push: Push) -> None:
    """Serve them in *app*."""
    app[PUSH] = push
    api.install(app)


class KeysBody(Body):
    """The keys of a subscription as browsers give them, base64url."""

    p256dh: str = Field(min_length=1, max_length=200)
    auth: str = Field(min_length=1, max_length=100)


class DeviceBody(Body):
    """A subscription as ``PushSubscription.toJSON()`` gives it; ``expirationTime`` may come along."""

    endpoint: str = Field(min_length=1, max_length=2_000)
    keys: KeysBody
    expirationTime: float | None = None

    def device_keys(self) -> DeviceKeys:
        """
        The keys as bytes.

        Raises:
            Invalid: not base64url.
        """
        try:
            return DeviceKeys(decoded(self.keys.p256dh), decoded(self.keys.auth))
        except (binascii.Error, ValueError) as exc:
            raise Invalid(errors=[FieldError("keys", "These are not the keys of a browser.")]) from exc


class DeviceAnswer(Answer):
    """A device that shows what is pushed to it; ``used_at``: when something was last taken for it."""

    id: str
    name: str
    made_at: Instant
    used_at: Instant | None

    @classmethod
    def of(cls, device: Device) -> DeviceAnswer:
        """As an answer: without its address and keys."""
        return cls(id=str(device.id), name=device.name, made_at=device.made_at, used_at=device.used_at)


class DevicesAnswer(Answer):
    """The caller's devices, and the key that a browser subscribes with (``applicationServerKey``)."""

    key: str
    items: list[DeviceAnswer]


@api.get("/api/v1/me/push-devices", answer=DevicesAnswer, summary="My devices that take push messages")
async def get_devices(call: Call[None]) -> DevicesAnswer:
    """The newest first."""
    push = call.app[PUSH]
    found = await push.mine(call.caller)
    return DevicesAnswer(key=push.pusher.vapid.public, items=[DeviceAnswer.of(one) for one in found])


@api.post(
    "/api/v1/me/push-devices",
    body=DeviceBody,
    answer=DeviceAnswer,
    status=201,
    summary="Push to this device",
)
async def post_device(call: Call[DeviceBody]) -> DeviceAnswer:
    """Again is the same device. It leaves whoever turned push on in this browser before."""
    name = device_name(call.request.headers.get("User-Agent", ""))
    keys = call.body.device_keys()
    return DeviceAnswer.of(await call.app[PUSH].turn_on(call.caller, name, call.body.endpoint, keys))


@api.delete(
    "/api/v1/me/push-devices/{push_device}", summary="Push nothing to this device any more", refusals=[NotFound]
)
async def delete_device(call: Call[None]) -> None:
    """One's own devices only."""
    await call.app[PUSH].turn_off(call.caller, call.uuid("push_device"))
