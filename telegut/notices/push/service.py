"""Turning push on and off, device by device, and handing one message to every device of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from uuid import UUID

from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.sealed import RootKey
from telegut.db.standing_in import standing_in
from telegut.errors import NotFound
from telegut.notices.answers import Away, Refused
from telegut.notices.push import devices
from telegut.notices.push.devices import Device
from telegut.notices.push.rules import checked_endpoint
from telegut.notices.push.sealing import DeviceKeys
from telegut.notices.push.sender import Gone, Pusher, Urgency
from telegut.notices.push.vapid import Vapid
from telegut.settings import Settings

_SENDER = Caller.system("push messages")


@dataclass(frozen=True, slots=True)
class Push:
    """Devices and the way to them. most: devices one person may have; beyond it the oldest is forgotten."""

    db: Database
    pusher: Pusher
    most: int

    async def mine(self, caller: Caller) -> list[Device]:
        """The caller's devices, the newest first."""
        async with self.db.begin(caller) as tx:
            return await devices.of(tx, _account(caller))

    async def turn_on(self, caller: Caller, name: str, endpoint: str, keys: DeviceKeys) -> Device:
        """
        Push to this browser from now on; again is the same device.

        Kept on telegut's own behalf, since the browser may have been somebody else's before.

        Raises:
            Invalid: no address of a push service, or no keys of a browser.
        """
        checked_endpoint(endpoint, on_loopback=self.pusher.on_loopback)
        keys.check()
        person = _account(caller)
        async with self.db.begin(caller) as tx:
            async with standing_in(tx, _SENDER) as ours:
                kept = await devices.keep(ours, person, name, endpoint, keys)
            await devices.drop_oldest(tx, person, self.most)
            await audit.record(tx, "write", "push device", kept, patient=None)
            return next(one for one in await devices.of(tx, person) if one.id == kept)

    async def turn_off(self, caller: Caller, id: UUID) -> None:
        """
        Push nothing to it any more.

        Raises:
            NotFound: the caller has no such device.
        """
        async with self.db.begin(caller) as tx:
            if not await devices.drop(tx, _account(caller), id):
                raise NotFound
            await audit.record(tx, "delete", "push device", id, patient=None)

    async def deliver(self, person: UUID, content: bytes, *, topic: str, urgency: Urgency) -> None:
        """
        Hand *content* to every device of *person*; enough when one takes it. Devices that are gone are forgotten.

        Raises:
            Refused: no device of theirs takes it, now or later. Away: some may, later.
        """
        async with self.db.begin(_SENDER) as tx:
            found = await devices.of(tx, person)
        answers = [await self._one(each, content, topic, urgency) for each in found]
        if any(answer is None for answer in answers):
            return
        if any(isinstance(answer, Away) for answer in answers):
            raise Away
        raise next((answer for answer in answers if isinstance(answer, Refused)), Refused(410))

    async def _one(self, to: Device, content: bytes, topic: str, urgency: Urgency) -> Away | Refused | Gone | None:
        try:
            await self.pusher.deliver(to.endpoint, to.keys, content, topic=topic, urgency=urgency)
        except (Away, Refused) as answer:
            return answer
        except Gone as answer:
            async with self.db.begin(_SENDER) as tx:
                await devices.drop(tx, to.person, to.id)
            return answer
        async with self.db.begin(_SENDER) as tx:
            await devices.used(tx, to.id)
        return None


def _account(caller: Caller) -> UUID:
    if caller.account is None:
        raise NotFound
    return caller.account


def build_push(db: Database, root: RootKey, now: Clock, settings: Settings, sender: str) -> Push:
    """The service, as *settings* want it. sender: whose mail address stands in for `push_contact`."""
    contact = settings.push_contact or f"mailto:{parseaddr(sender)[1]}"
    pusher = Pusher(Vapid.derive(root, contact), now, settings.push_timeout_s, settings.push_on_loopback)
    return Push(db, pusher, settings.push_devices)
