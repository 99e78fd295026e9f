"""
Web, worker and whole servers are killed while people send pictures: no message without its file, no file twice, and
what was left over on the way is found and removed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from PIL import Image
from sqlalchemy import select

from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.messaging.uploads.making import build_uploads
from telegut.messaging.uploads.tables import upload
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.cli.running import DEADLINE_S
from tests.flows.servers import Servers, clinic, postgres, servers
from tests.flows.writing import BUSY, Address, get, log
from tests.messaging.uploads import files

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes under /proc"),
    pytest.mark.long,
]

PEOPLE, FILES, KILLS = 4, 12, 9
PAUSE_S = 0.1
SYSTEM = Caller.system("test")


@dataclass
class Photographer:
    """Somebody who hands in pictures, each of its own width, and sends each in a message of its own."""

    who: Account
    place: str
    address: Address
    sent: dict[str, str] = field(default_factory=dict)
    """The files, by the message that has them."""

    async def work(self) -> None:
        """Hand in, wait, send; everything is asked again until it is answered."""
        patience = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(timeout=patience, headers=self.who.bearer) as session:
            for number in range(FILES):
                made = await self._until(session, 201, "POST", "/api/v1/uploads", file=number)
                while (await self._state(session, made["id"])) == "pending":
                    await asyncio.sleep(PAUSE_S)
                message = {"client_id": f"{number}", "body": "", "attachments": [made["id"]]}
                path = f"/api/v1/conversations/{self.place}/messages"
                answer = await self._until(session, 201, "POST", path, body=message)
                self.sent[answer["id"]] = made["id"]

    async def _state(self, session: aiohttp.ClientSession, id: str) -> Any:
        return (await self._until(session, 200, "GET", f"/api/v1/uploads/{id}/state"))["state"]

    async def _until(
        self, session: aiohttp.ClientSession, status: int, method: str, path: str, body: Any = None, file: int = -1
    ) -> dict[str, Any]:
        headers = {} if file < 0 else {"Idempotency-Key": f"file {file}"}
        while True:
            form = None if file < 0 else _form(file, self.place)
            url = self.address() + path
            try:
                async with session.request(method, url, headers=headers, data=form, json=body) as answer:
                    if answer.status == status:
                        return dict(await answer.json())
                    # 409: the first try with this key is still under way
                    assert answer.status in (BUSY, 409), await answer.text()
            except (aiohttp.ClientError, ConnectionError, TimeoutError):
                pass
            await asyncio.sleep(PAUSE_S)


def _form(number: int, place: str) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    picture = files.picture("PNG", (100 + number, 40))
    form.add_field("file", BytesIO(picture), filename=f"{number}.png", content_type="image/png")
    form.add_field("conversation", place)
    return form


async def _strike(running: Servers, turn: int) -> None:
    """The whole server, its worker alone, its web process alone, by turns."""
    server = running.running[0]
    if turn % 3 == 0:
        await running.kill_and_start(0)
        return
    title = "telegut worker" if turn % 3 == 1 else "telegut web"
    one = server.child(title)
    os.kill(one, signal.SIGKILL)
    await server.new_child(title, instead_of=one)


async def _check(address: Address, people: list[Photographer]) -> None:
    for one in people:
        messages = [entry for entry in await log(address, one.place, one.who) if entry["type"] == "message.sent"]
        mine = [entry for entry in messages if entry["sender"] == str(one.who.id)]
        assert [str(number) for number in range(FILES)] == [entry["client_id"] for entry in mine]
        assert one.sent == {entry["id"]: entry["attachments"][0]["id"] for entry in mine}
        for number, entry in enumerate(mine):
            (file,) = entry["attachments"]
            assert (100 + number, 40) == (file["width"], file["height"])
            assert (100 + number, 40) == await _size(address, file["id"], one.who)
    sent = [file for one in people for file in one.sent.values()]
    assert PEOPLE * FILES == len(set(sent)) == len(sent)


async def _size(address: Address, id: str, who: Account) -> tuple[int, int]:
    path = f"{address()}/api/v1/uploads/{id}"
    async with aiohttp.ClientSession() as session, session.get(path, headers=who.bearer) as answer:
        assert 200 == answer.status
        return Image.open(BytesIO(await answer.read())).size


def _in_two_days() -> datetime:
    return utc_now() + timedelta(days=2)


async def _leftovers(db: Database, data: Path, url: str) -> tuple[set[UUID], set[UUID]]:
    """What lies in the store after the collection of two days later, and what rows name."""
    made = build_uploads(db, build.VAULT, _in_two_days, Settings(mode="test", data=data, database_url=url))
    await made.collecting.collect()
    there = {one async for one in made.collecting.store.older_than(_in_two_days())}
    async with db.begin(SYSTEM) as tx:
        rows = (await tx.execute(select(upload.c.object, upload.c.thumbnail))).all()
    return there, {one for row in rows for one in row if one is not None}


async def test_no_file_is_lost_or_used_twice_whatever_is_killed(tmp_path: Path) -> None:
    async with postgres(tmp_path) as url, servers(tmp_path, url, TELEGUT_UPLOAD_UNSCANNED="true") as running:
        here = await clinic(url, running.at(0), PEOPLE)
        pairs = zip(here.patients, here.places, strict=True)
        people = [Photographer(who, place, running.at(0)) for who, place in pairs]
        async with asyncio.timeout(DEADLINE_S * 4), asyncio.TaskGroup() as group:
            for one in people:
                group.create_task(one.work())
            for turn in range(KILLS):
                while sum(len(one.sent) for one in people) < PEOPLE * FILES * (turn + 1) // (KILLS + 1):
                    await asyncio.sleep(0.01)
                await _strike(running, turn)
        await get(running.at(0), "/api/v1/me", here.patients[0])
        await _check(running.at(0), people)
        db = Database(url)
        there, named = await _leftovers(db, tmp_path / "server 0", url)
        await db.dispose()

    assert named == there
