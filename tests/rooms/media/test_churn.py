"""Coming and going for a long time: what a join costs, what is left behind, and that no seat stays taken."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from telegut.rooms.media import commands, contacts
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.control import Health
from telegut.rooms.media.link import MediaLink
from telegut.rooms.media.outbound import REMEMBERED
from telegut.settings import Settings
from tests.cli.running import DEADLINE_S, clean_environment
from tests.rooms.media.callers import Somebody, well
from tests.rooms.visits import eventually

pytestmark = pytest.mark.long

JOINS = 500
GROWTH_BYTES = 20 * 1_048_576
JOIN_CPU_S = 0.012
ROOMS = 20
SOAK_S = float(os.environ.get("TELEGUT_TEST_SOAK_S", "60"))
"""1800 for the half hour. It computes little, so that other work can go on beside it."""
SAMPLES = 20
SPEAK_EVERY_S = 0.1
MOVE_EVERY = 20
"""Rounds: two seconds, so that in half an hour each room has 45 who come anew."""
MOST_RINGS = 2 * ROOMS + ROOMS * REMEMBERED
"""Streams that are sent, and those that a place remembers after a change."""
CERTIFICATES = [Certificate() for _ in range(8)]
"""A new connection has another certificate than the one before it, as in browsers."""


class Process:
    """A media process of its own, and web's end of its control socket."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        (contact,) = contacts.contacts(settings)
        key = contacts.key_path(settings)
        self.link = MediaLink(contact, lambda: commands.key_of(key), lambda *_: None, lambda _: None, lambda _: None)
        self.child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Wait until it answers."""
        self.child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "telegut", "serve", "--only", "media", "--data", str(self.settings.data)),
            env=clean_environment({"TELEGUT_MODE": "demo", "TELEGUT_MEDIA_PUBLIC_HOST": "127.0.0.1"}),
        )
        async with asyncio.timeout(DEADLINE_S):
            while await well(self.settings) is None:
                await asyncio.sleep(0.05)
        self.link.start()
        await eventually(lambda: self.link.up, "they speak")

    async def stop(self) -> None:
        """End it at once."""
        await self.link.stop()
        if self.child is not None and self.child.returncode is None:
            self.child.kill()
            await self.child.wait()

    async def health(self) -> Health:
        """How it is."""
        found = await well(self.settings)
        assert found is not None
        return found

    def cpu(self) -> float:
        """Seconds of computing so far; proc(5), stat."""
        assert self.child is not None
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def join(self, room: str, seat: str, who: Somebody) -> None:
        """Connect *who*, SRTP and all."""
        said = await self.link.do(do="join", room=room, seat=seat, **who.offers().body)
        await who.caller.connect(said["answer"], offered=False)


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    """A media process."""
    made = Process(replace(Settings(mode="test"), data=tmp_path))
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def test_five_hundred_who_come_and_go_leave_nothing_behind_and_cost_little(process: Process) -> None:
    await churn(process, 50)  # what is loaded and made once
    before, used = await process.health(), process.cpu()
    await churn(process, JOINS)
    cost = (process.cpu() - used) / JOINS
    await eventually_empty(process)
    after = await process.health()

    print(f"join: {1000 * cost:.2f} ms of CPU; growth {(after.memory - before.memory) / 1_048_576:.1f} MiB")
    assert after.memory - before.memory < GROWTH_BYTES
    assert (0, 0) == (after.rooms, after.seats)
    assert cost <= JOIN_CPU_S


async def churn(process: Process, joins: int) -> None:
    """So many come, say something, and go: some politely, some without a word."""
    for number in range(joins):
        who = Somebody(CERTIFICATES[number % 8], 1 + number)
        room = f"room-{number % 4}"
        await process.join(room, f"seat-{number % 3}", who)
        who.speaks(3)
        if number % 2:
            await who.caller.close()
        else:
            await process.link.do(do="leave", room=room, seat=f"seat-{number % 3}")
            await who.caller.close()


async def eventually_empty(process: Process) -> None:
    """Wait until those who went without a word are noticed, and nobody is there."""
    async with asyncio.timeout(DEADLINE_S):
        while (await process.health()).rooms:
            await asyncio.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Sample:
    """How the media process is at one moment. descriptors: open files and sockets."""

    at: float
    memory: int
    descriptors: int
    rooms: int
    seats: int
    rings: int
    used: float

    @classmethod
    async def of(cls, process: Process, since: float) -> Sample:
        """Now."""
        health = await process.health()
        assert process.child is not None
        descriptors = len(os.listdir(f"/proc/{process.child.pid}/fd"))
        counts = health.rooms, health.seats, health.rings
        return cls(time.monotonic() - since, health.memory, descriptors, *counts, process.cpu())

    def __str__(self) -> str:
        return (
            f"{self.at:6.0f} s: {self.memory / 1_048_576:.1f} MiB, {self.descriptors} descriptors, "
            f"{self.rooms} rooms, {self.seats} seats, {self.rings} streams kept, {self.used:.1f} s of CPU"
        )


class Soak:
    """Rooms of two who talk; every two seconds somebody's network changes: a new connection in the same seat."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.people = [[Somebody(CERTIFICATES[0], 10 * room + seat + 1) for seat in range(2)] for room in range(ROOMS)]
        self.rounds = self.moves = 0

    async def begin(self) -> None:
        """Everybody comes."""
        for room, both in enumerate(self.people):
            for seat, who in enumerate(both):
                await self.process.join(f"room-{room}", f"seat-{seat}", who)

    async def go_on(self, seconds: float) -> None:
        """Talk for so long."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for who in itertools.chain(*self.people):
                who.speaks(1)
            self.rounds += 1
            await asyncio.sleep(SPEAK_EVERY_S)
            if self.rounds % MOVE_EVERY == 0:
                await self._move()

    async def _move(self) -> None:
        room = self.moves % ROOMS
        self.moves += 1
        await self.people[room][1].caller.close()
        new = self.people[room][1] = Somebody(CERTIFICATES[1 + self.moves // ROOMS % 7], 1000 + self.moves)
        await self.process.join(f"room-{room}", "seat-1", new)

    async def end(self) -> None:
        """Everybody goes."""
        for who in itertools.chain(*self.people):
            await who.caller.close()


async def test_twenty_rooms_for_a_while_leak_nothing_and_no_seat_stays_taken(process: Process) -> None:
    soak, began = Soak(process), time.monotonic()
    await soak.begin()
    samples = list[Sample]()
    for _ in range(SAMPLES):
        await soak.go_on(SOAK_S / SAMPLES)
        samples.append(await Sample.of(process, began))
        print(samples[-1], flush=True)

    settled, last = samples[SAMPLES // 4 :], samples[-1]
    for one in samples:
        assert (ROOMS, 2 * ROOMS) == (one.rooms, one.seats)
        assert one.rings <= MOST_RINGS
    assert last.descriptors <= settled[0].descriptors + 2, "the control socket is asked by a connection of its own"
    assert last.memory - settled[0].memory < GROWTH_BYTES
    assert {f"room-{room}": {"seat-0", "seat-1"} for room in range(ROOMS)} == {
        room: set(seats) for room, seats in (await process.link.state()).items()
    }
    assert all(both[0].heard > soak.rounds / 2 for both in soak.people)
    await soak.end()
    await eventually_empty(process)
    await eventually(lambda: _nothing_kept(process), "no stream is kept for anybody")


async def _nothing_kept(process: Process) -> bool:
    return (await process.health()).rings == 0
