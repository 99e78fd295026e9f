"""Servers that are killed while their database lives: one, or several on one database."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from telegut.db.embedded import EmbeddedPostgres
from telegut.db.engine import Database
from tests import build
from tests.build import Account
from tests.cli.running import Server, serving
from tests.flows.writing import Address, Sender, get


def data_folder(folder: Path) -> Path:
    """*folder* as a data folder whose root key the tests know."""
    keys = folder / "keys"
    keys.mkdir(parents=True)
    folder.chmod(0o700)
    file = keys / "root.key"
    file.write_text(f"{build.ROOT_KEY.id} {build.ROOT_KEY.secret.hex()}\n")
    file.chmod(0o600)
    return folder


@asynccontextmanager
async def postgres(folder: Path) -> AsyncIterator[str]:
    """A PostgreSQL of the test's own, which outlives servers and writes to the disk."""
    server = EmbeddedPostgres(folder / "postgres")
    try:
        yield await server.start()
    finally:
        await server.stop(now=True)


@dataclass
class Servers:
    """Several ``telegut serve`` on one database, each with a data folder of its own."""

    folder: Path
    url: str
    settings: dict[str, str]
    stack: AsyncExitStack
    running: list[Server] = field(default_factory=list)

    def at(self, number: int) -> Address:
        """The present address of one of them."""
        return lambda: self.running[number % len(self.running)].url

    def anywhere(self, number: int) -> Address:
        """The address of one after the other, from *number* on: who meets a dead one asks the next."""
        turns = iter(range(number, 10**9))
        return lambda: self.running[next(turns) % len(self.running)].url

    async def start(self, number: int) -> None:
        """Start one of them, instead of the one that was there."""
        data = self.folder / f"server {number}"
        if not data.exists():
            data_folder(data)
        server = await self.stack.enter_async_context(serving(data, "--database-url", self.url, **self.settings))
        self.running[number : number + 1] = [server]

    async def kill(self, number: int) -> None:
        """The whole of one of them ends at once."""
        await self.running[number].stop(signal.SIGKILL)

    async def kill_and_start(self, number: int) -> None:
        """It ends at once, and another one takes its place."""
        await self.kill(number)
        await self.start(number)


@asynccontextmanager
async def servers(folder: Path, url: str, count: int = 1, **settings: str) -> AsyncIterator[Servers]:
    """*count* servers, ready; settings as their environment variables."""
    async with AsyncExitStack() as stack:
        made = Servers(folder, url, settings, stack)
        for number in range(count):
            await made.start(number)
        yield made


@dataclass(frozen=True)
class Clinic:
    """*patients* with their places; *staff* number n cares for patients n and n + 1; *readers* for everybody."""

    patients: list[Account]
    staff: list[Account]
    readers: list[Account]
    places: list[str]

    def senders(self, count: int) -> list[Sender]:
        """The staff, each of whom says *count* things in two places by turns."""
        places = self.places
        return [
            Sender(who, (places[n], places[(n + 1) % len(places)]), f"staff {n}", count)
            for n, who in enumerate(self.staff)
        ]


async def clinic(database_url: str, address: Address, size: int) -> Clinic:
    """So many patients and staff, and two who read everything."""
    db = Database(database_url)
    patients = [await build.person(db, "patient") for _ in range(size)]
    staff = [await build.person(db, "nutritionist") for _ in range(size)]
    readers = [await build.person(db, "consultant") for _ in range(2)]
    for n, patient in enumerate(patients):
        await build.care(db, patient, *{one.id: one for one in (staff[n], staff[n - 1])}.values(), *readers)
    await db.dispose()
    return Clinic(patients, staff, readers, [await _place(address, one) for one in patients])


async def _place(address: Address, patient: Account) -> str:
    (place,) = (await get(address, "/api/v1/conversations", patient))["items"]
    return str(place["id"])
