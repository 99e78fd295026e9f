"""
A process of its own that sends messages through a Matrix homeserver and takes delivery of them by ``/sync``.

Its order and its answers are as in `telegut.cli.bench_talk`; each sender has one message under way.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

CLIENT: Final = "/_matrix/client/v3"
REGISTER: Final = "/_synapse/admin/v1/register"
DELIVERED_WITHIN_S: Final = 240.0
TIMELINE: Final = json.dumps({"room": {"timeline": {"limit": 1000}}})


@dataclass(frozen=True, slots=True)
class Order:
    """What to do. secret: by which the homeserver takes new accounts. one_room: whether all senders share one."""

    url: str
    secret: str
    senders: int
    one_room: bool
    warm_s: float
    seconds: float
    characters: int = 240


@dataclass(slots=True)
class _Told:
    sent_at: dict[str, float] = field(default_factory=dict)
    delivered_at: dict[str, float] = field(default_factory=dict)
    answered: int = 0
    stopped: bool = False


class _Homeserver:
    """Its client API."""

    def __init__(self, session: aiohttp.ClientSession, order: Order) -> None:
        self._session = session
        self._order = order
        self._tag = uuid.uuid4().hex[:8]

    async def ask(self, method: str, path: str, token: str = "", **sent: Any) -> Any:
        """One call; RuntimeError when it is refused."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._session.request(method, self._order.url + path, headers=headers, **sent) as answer:
            said = await answer.json()
            if answer.status != 200:
                raise RuntimeError(f"the homeserver answered {path} with {answer.status}: {said.get('errcode')}")
            return said

    async def account(self, name: str) -> str:
        """A new account's token. Source: Synapse's documentation, "Shared-Secret Registration"."""
        user = f"{name}-{self._tag}"
        nonce = (await self.ask("GET", REGISTER))["nonce"]
        words = "\0".join([nonce, user, f"pass-{user}", "notadmin"])
        mac = hmac.new(self._order.secret.encode(), words.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": user, "password": f"pass-{user}", "admin": False, "mac": mac}
        return str((await self.ask("POST", REGISTER, json=body))["access_token"])

    async def room(self, owner: str, guests: list[str]) -> str:
        """A new room of *owner*'s that *guests* have joined."""
        made = await self.ask("POST", f"{CLIENT}/createRoom", owner, json={"preset": "public_chat"})
        for one in guests:
            await self.ask("POST", f"{CLIENT}/join/{made['room_id']}", one, json={})
        return str(made["room_id"])

    async def sync(self, token: str, since: str | None) -> Any:
        """What is new."""
        asked = {"filter": TIMELINE, "timeout": "10000" if since else "0", **({"since": since} if since else {})}
        return await self.ask("GET", f"{CLIENT}/sync", token, params=asked)


async def talk(order: Order) -> dict[str, Any]:
    """Do it; see `telegut.cli.bench_talk.talk`."""
    told = _Told()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        server = _Homeserver(session, order)
        receiver = await server.account("receiver")
        tokens = [await server.account(f"sender{one}") for one in range(order.senders)]
        groups = [tokens] if order.one_room else [[one] for one in tokens]
        rooms = {token: room for group in groups for room in [await server.room(receiver, group)] for token in group}
        since = (await server.sync(receiver, None))["next_batch"]  # before anybody sends: what came earlier is not told
        taking = asyncio.create_task(_take(server, receiver, since, told))
        sending = [asyncio.create_task(_send(server, one, rooms[one], told, order)) for one in tokens]
        await asyncio.sleep(order.warm_s)
        print("begin", flush=True)
        began, before = time.perf_counter(), told.answered
        await asyncio.sleep(order.seconds)
        ended, after = time.perf_counter(), told.answered
        told.stopped = True
        await asyncio.gather(*sending)
        await asyncio.wait_for(taking, DELIVERED_WITHIN_S)
    waits = sorted(
        (told.delivered_at[name] - sent) * 1000 for name, sent in told.sent_at.items() if began <= sent <= ended
    )
    return {
        "sent": after - before,
        "seconds": ended - began,
        "p50_ms": waits[len(waits) // 2],
        "p99_ms": waits[int(len(waits) * 0.99)],
        "in_all": told.answered,
        "own_cpu_s": time.process_time(),
    }


async def _send(server: _Homeserver, token: str, room: str, told: _Told, order: Order) -> None:
    words = ("All well since the last visit; sleeping better. " * 200)[: order.characters]
    while not told.stopped:
        name = uuid.uuid4().hex
        told.sent_at[name] = time.perf_counter()
        body = {"msgtype": "m.text", "body": words}
        await server.ask("PUT", f"{CLIENT}/rooms/{room}/send/m.room.message/{name}", token, json={**body, "k": name})
        told.answered += 1


async def _take(server: _Homeserver, token: str, since: str, told: _Told) -> None:
    while not (told.stopped and told.delivered_at.keys() == told.sent_at.keys()):
        found = await server.sync(token, since)
        since, now = found["next_batch"], time.perf_counter()
        for room in found.get("rooms", {}).get("join", {}).values():
            for event in room["timeline"]["events"]:
                name = event.get("content", {}).get("k")
                if name in told.sent_at:
                    told.delivered_at.setdefault(name, now)


def main() -> None:
    """Read the order, do it, answer."""
    import uvloop

    order = Order(**json.loads(sys.stdin.readline()))
    print(json.dumps(uvloop.run(talk(order))), flush=True)


if __name__ == "__main__":
    main()
