"""People who write and read while servers die: senders who repeat what was not answered, readers who keep a cursor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.build import Account
from tests.cli.running import DEADLINE_S

Address = Callable[[], str]
"""Where to go for the next try; a killed server comes back elsewhere."""
Entry = dict[str, Any]

WINDOW = 16
"""Sends that one socket has under way."""
PAUSE_S = 0.1
PATIENCE_S = 40.0
"""After how much silence somebody tries anew."""
BUSY = 503
_LOST = (aiohttp.ClientError, ConnectionError, TimeoutError, asyncio.IncompleteReadError)


@dataclass
class Sender:
    """
    One person who says 0, 1, 2 … by turns in *conversations*, and repeats what was not answered.

    refused: how often they were told to come back later.
    """

    who: Account
    conversations: Sequence[str]
    name: str
    count: int
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: int = 0

    def said(self, n: int) -> dict[str, str]:
        """Message *n*."""
        return {"client_id": f"{self.name} {n}", "body": f"{self.name} {n}"}

    def place(self, n: int) -> str:
        """The conversation of message *n*."""
        return self.conversations[n % len(self.conversations)]

    def said_in(self, conversation: str) -> list[str]:
        """The words for one conversation, in their order."""
        return [f"{self.name} {n}" for n in range(self.count) if self.place(n) == conversation]

    @property
    def missing(self) -> list[int]:
        """What was not answered yet, in order."""
        return [n for n in range(self.count) if f"{self.name} {n}" not in self.acknowledged]

    def note(self, answer: dict[str, Any]) -> None:
        """An answer; a second one for the same message is the same."""
        seq = answer["seq"]
        assert seq == self.acknowledged.setdefault(answer["client_id"], seq)


# --- writing


async def over_http(address: Address, sender: Sender) -> None:
    """One after the other; each is tried until it is stored."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:
        for n in range(sender.count):
            while f"{sender.name} {n}" not in sender.acknowledged:
                try:
                    await _post(session, address(), sender, n)
                except _LOST:
                    await asyncio.sleep(PAUSE_S)


async def _post(session: aiohttp.ClientSession, url: str, sender: Sender, n: int) -> None:
    path = f"{url}/api/v1/conversations/{sender.place(n)}/messages"
    async with session.post(path, json=sender.said(n), headers=sender.who.bearer) as answer:
        if answer.status == BUSY:
            assert "Retry-After" in answer.headers
            sender.refused += 1
            await asyncio.sleep(PAUSE_S)
            return
        assert 201 == answer.status, await answer.text()
        sender.note(await answer.json())


async def over_a_socket(address: Address, sender: Sender) -> None:
    """Many at a time; after a lost connection everything that was not answered is said again, in order."""
    async with aiohttp.ClientSession() as session:
        while sender.missing:
            try:
                async with session.ws_connect(f"{address()}/events", headers=sender.who.bearer) as socket:
                    await _Line(socket, sender).run()
            except _LOST:
                await asyncio.sleep(PAUSE_S)


class _Line:
    """One socket of a sender. What was refused as busy is repeated on it, before anything newer."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, sender: Sender) -> None:
        self.socket = socket
        self.sender = sender
        self.left = sender.missing
        self.under_way: set[str] = set()

    async def run(self) -> None:
        while self.left or self.under_way:
            while self.left and len(self.under_way) < WINDOW:
                await self._say(self.left.pop(0))
            heard = await self.socket.receive(timeout=PATIENCE_S)
            if heard.type is not aiohttp.WSMsgType.TEXT:
                return
            await self._heard(json.loads(heard.data))

    async def _say(self, n: int) -> None:
        said = self.sender.said(n)
        await self.socket.send_str(json.dumps({"type": "send", "conversation": self.sender.place(n), **said}))
        self.under_way.add(said["client_id"])

    async def _heard(self, answer: dict[str, Any]) -> None:
        self.under_way.discard(answer["client_id"])
        if answer["type"] == "sent":
            self.sender.note(answer)
            return
        assert ("refused", BUSY) == (answer["type"], answer["problem"]["status"]), answer
        self.sender.refused += 1
        self.left.append(int(answer["client_id"].rpartition(" ")[2]))
        self.left.sort()
        await asyncio.sleep(PAUSE_S)


# --- reading


async def get(url: str | Address, path: str, who: Account) -> Any:
    """A GET that is tried until a server answers."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    async with session.get(
                        f"{url if isinstance(url, str) else url()}{path}", headers=who.bearer
                    ) as answer:
                        if answer.status == 200:
                            return await answer.json()
                        assert BUSY == answer.status, await answer.text()
                except _LOST:
                    pass
                await asyncio.sleep(PAUSE_S)


async def log(url: str | Address, conversation: str, who: Account) -> list[Entry]:
    """The whole history of a conversation, by pages."""
    entries: list[Entry] = []
    while True:
        after = entries[-1]["seq"] if entries else 0
        page = await get(url, f"/api/v1/conversations/{conversation}/events?after={after}&limit=500", who)
        if not page["items"]:
            return entries
        entries += page["items"]


class Reader:
    """Somebody with a socket and a cursor, who must never be told twice, or of something later first."""

    def __init__(self, who: Account, conversations: Sequence[str]) -> None:
        self.who = who
        self.logs: dict[str, list[Entry]] = {one: [] for one in conversations}
        self.cursor: str | None = None
        self.connections = 0
        self.heard = asyncio.Event()
        self.there = asyncio.Event()

    async def follow(self, address: Address) -> None:
        """Listen, and come back with the cursor whenever the connection ends; until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.ws_connect(
                        f"{address()}/events", headers=self.who.bearer, heartbeat=20
                    ) as socket:
                        await self._listen(socket, address)
                except _LOST:
                    pass
                await asyncio.sleep(PAUSE_S)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, address: Address) -> None:
        await socket.send_json({"type": "hello", "cursor": self.cursor})
        async for message in socket:
            heard = json.loads(message.data)
            if heard["type"] == "event":
                self._event(heard["event"])
                self.cursor = heard["cursor"]
                await socket.send_json({"type": "ack", "cursor": self.cursor})
            elif heard["type"] != "refused":
                assert "welcome" == heard["type"], heard
                await self._welcomed(heard["cursor"], address)

    async def _welcomed(self, cursor: str, address: Address) -> None:
        self.connections += 1
        if self.cursor is None:
            for conversation in self.logs:
                self.logs[conversation] = await log(address, conversation, self.who)
            self.cursor = cursor
            self.there.set()

    def _event(self, event: Entry) -> None:
        conversation = event.get("conversation")
        if conversation not in self.logs or "seq" not in event:
            return
        known = self.logs[conversation]
        entry = {name: value for name, value in event.items() if name != "patient"}
        if self.connections == 1 and event["seq"] <= len(known):
            assert known[event["seq"] - 1] == entry  # it came while the history was fetched
            return
        assert len(known) + 1 == event["seq"], (conversation, len(known), event["seq"])
        known.append(entry)
        self.heard.set()

    async def has(self, logs: dict[str, list[Entry]]) -> None:
        """Wait until everything of *logs* has come; it is the same to the byte."""
        async with asyncio.timeout(DEADLINE_S):
            while any(len(self.logs[one]) < len(logs[one]) for one in self.logs):
                self.heard.clear()
                await self.heard.wait()
        assert {one: logs[one] for one in self.logs} == self.logs


@asynccontextmanager
async def following(address: Address, readers: Sequence[Reader]) -> AsyncIterator[None]:
    """The *readers* listen for the length of the block; an error of theirs is the test's."""
    tasks = [asyncio.create_task(one.follow(address)) for one in readers]
    try:
        async with asyncio.timeout(DEADLINE_S):
            await _all_or_failure(tasks, [one.there.wait() for one in readers])
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _all_or_failure(tasks: Sequence[asyncio.Task[None]], waits: Sequence[Coroutine[Any, Any, bool]]) -> None:
    waiting = asyncio.create_task(_all(waits))
    done, _ = await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()


async def _all(waits: Sequence[Coroutine[Any, Any, bool]]) -> None:
    await asyncio.gather(*waits)


# --- together


async def write_through(
    address: Callable[[int], Address], senders: Sequence[Sender], blows: int, strike: Callable[[], Awaitable[None]]
) -> None:
    """Everybody writes, half of them over HTTP; each time a share of it is acknowledged, *strike*."""
    ways = (over_http, over_a_socket)
    everything = sum(sender.count for sender in senders)
    async with asyncio.timeout(DEADLINE_S * 6), asyncio.TaskGroup() as group:
        for number, sender in enumerate(senders):
            group.create_task(ways[number % 2](address(number), sender))
        for turn in range(1, blows + 1):
            while sum(len(sender.acknowledged) for sender in senders) < everything * turn // (blows + 1):
                await asyncio.sleep(0.01)
            await strike()


async def check(url: str | Address, senders: Sequence[Sender]) -> dict[str, list[Entry]]:
    """The history of every conversation: no gap, everything once, in its sender's order, where the sender was told."""
    logs: dict[str, list[Entry]] = {}
    for sender in senders:
        told: dict[str, int] = {}
        for conversation in dict.fromkeys(sender.conversations):
            if conversation not in logs:
                logs[conversation] = await log(url, conversation, sender.who)
            entries = logs[conversation]
            mine = [one for one in entries if one["type"] == "message.sent" and one["sender"] == str(sender.who.id)]
            assert list(range(1, len(entries) + 1)) == [one["seq"] for one in entries]
            assert sender.said_in(conversation) == [one["body"] for one in mine]
            told |= {one["client_id"]: one["seq"] for one in mine}
        assert sender.acknowledged == told
    return logs
