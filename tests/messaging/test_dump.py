"""
Whoever steals the database, the files, the logs and the mails finds no word that somebody wrote, plain or hashed.

Every word here is invented, so that nothing else can hold it by chance.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pikepdf import String

from telegut import logs
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build
from tests.build import Clinic
from tests.messaging.test_handlers import Caller, Client, heard
from tests.messaging.uploads import files
from tests.messaging.uploads.test_sending import Files
from tests.notices.post_office import PostOffice, post_office

HASHES: tuple[Callable[[bytes], Any], ...] = (hashlib.md5, hashlib.sha1, hashlib.sha256)
BEGINNING = 8
"""Bytes; no trace is shorter."""


class Words:
    """Words that no language has, each used once and remembered."""

    def __init__(self) -> None:
        self._random = random.Random(20261122)
        self.used: list[str] = []

    def one(self) -> str:
        """A new word."""
        syllables = (self._random.choice("bdfgklmnprtvwz") + self._random.choice("aeiou") for _ in range(6))
        word = ("Q" + "".join(syllables)).replace("q", "k")
        self.used.append(word)
        return word

    def some(self, count: int = 7) -> str:
        """A few, as somebody writes them."""
        return " ".join(self.one() for _ in range(count)) + "."


def traces(word: str) -> Iterator[bytes]:
    """How *word* could be found, but for its letters as they are."""
    for spelling in {word, word.lower(), word.casefold(), word.upper()}:
        clear = spelling.encode()
        yield spelling.encode("utf-16-le")
        yield clear.hex().encode()
        for ahead in range(3):
            coded = base64.b64encode(b"\0" * ahead + clear)
            yield coded[4 if ahead else 0 : len(coded) // 4 * 4 - 4]
        for algorithm in HASHES:
            hashed = algorithm(clear).digest()
            yield from (hashed, hashed.hex().encode(), base64.b64encode(hashed).rstrip(b"="))


async def dumped(url: str) -> bytes:
    """Every row of every table, bytes as bytes and text as text."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
        out = BytesIO()
        for row in found:
            await connection.copy_from_table(row["tablename"], output=out, format="binary")
        return out.getvalue()
    finally:
        await connection.close()


def kept(folder: Path) -> bytes:
    """Every file below *folder*, with the names of all of them."""
    files = [one for one in sorted(folder.rglob("*")) if one.is_file()]
    return b"\n".join(str(one).encode() + b"\n" + one.read_bytes() for one in files)


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """A mail server."""
    async with post_office() as made:
        yield made


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    """Mails go out at once."""
    return replace(settings, smtp_url=office.url, message_notice_delay_s=0.0, mail_from="telegut@example.org")


class Desk:
    """The people of a clinic who use everything that takes words."""

    def __init__(self, client: Client, clinic: Clinic) -> None:
        self.client, self.clinic, self.words = client, clinic, Words()
        self.patient = Caller(client, clinic.patient)
        self.team = Caller(client, clinic.nutritionist)
        self.record = f"/api/v1/patients/{clinic.patient.id}"
        self.number = 0

    async def call(self, who: Caller, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """Any call, expecting *status*."""
        async with self.client.request(method, path, json=body, headers=who.who.bearer) as answer:
            assert status == answer.status, await answer.text()
            return await answer.json() if answer.content_type == "application/json" else None

    async def open(self) -> str:
        """The patient's place."""
        (one,) = (await self.patient.get("/api/v1/conversations"))["items"]
        return f"/api/v1/conversations/{one['id']}"

    def message(self, **more: Any) -> dict[str, Any]:
        """A message of new words."""
        self.number += 1
        return {"client_id": str(self.number), "body": self.words.some(), **more}

    async def talk(self, place: str) -> None:
        """Said, changed, taken back, urgent, about somebody, over a socket, and what is refused."""
        urgent = {"urgent": True, "urgent_confirmed": True}
        first = await self.patient.post(f"{place}/messages", self.message())
        await self.patient.post(f"{place}/messages", self.message(**urgent))
        await self.team.post(f"{place}/messages", self.message(mentions=[str(self.clinic.patient.id)]))
        day = [{"kind": "diary_day", "id": f"{utc_now():%Y-%m-%d}", "patient": str(self.clinic.patient.id)}]
        gone = await self.patient.post(f"{place}/messages", self.message(cites=day))
        await self.patient.post(f"{place}/messages/{first['id']}/edit", {"body": self.words.some()}, 200)
        await self.patient.post(f"{place}/messages/{gone['id']}/retract", None, 200)
        await self.patient.post(f"{place}/messages", {**self.message(), "nonsense": self.words.one()}, 422)
        await self.patient.post(f"{place}/messages", {"client_id": "1", "body": self.words.some()}, 422)
        async with self.team.socket() as socket:
            await socket.send_json({"type": "send", "conversation": place.rpartition("/")[2], **self.message()})
            assert "sent" == (await heard(socket, "sent"))["type"]
            await socket.send_json({"type": self.words.one(), "body": self.words.some()})
            assert "refused" == (await heard(socket, "refused"))["type"]

    async def hand_over(self, place: str) -> None:
        """Reasons."""
        turn = (await self.team.get(f"{place}/turn"))["version"]
        body = {"version": turn, "to": str(self.clinic.consultant.id), "reason": self.words.some()}
        turn = (await self.team.post(f"{place}/assign", body, 200))["version"]
        turn = (await self.team.post(f"{place}/wait", {"version": turn, "reason": self.words.some()}, 200))["version"]
        await self.team.post(f"{place}/settle", {"version": turn, "reason": self.words.some()}, 200)

    async def open_others(self) -> None:
        """Subjects."""
        for audience in ("everyone", "team"):
            wish = {"patient": str(self.clinic.patient.id), "subject": self.words.some(), "audience": audience}
            made = await self.team.post("/api/v1/conversations", wish)
            await self.team.post(f"/api/v1/conversations/{made['id']}/messages", self.message())

    async def keep_for_later(self, place: str) -> None:
        """Saved replies and messages with a time."""
        made = await self.team.post("/api/v1/saved-replies", {"title": self.words.one(), "body": self.words.some()})
        change = {"version": 1, "title": self.words.one(), "body": self.words.some()}
        await self.call(self.team, "PATCH", f"/api/v1/saved-replies/{made['id']}", change)
        assert change["title"] in [one["title"] for one in (await self.team.get("/api/v1/saved-replies"))["items"]]
        moment = f"{utc_now() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        later = await self.team.post(f"{place}/scheduled", self.message(send_at=moment))
        path = f"/api/v1/scheduled-messages/{later['id']}"
        await self.call(self.team, "PATCH", path, {"version": 1, "body": self.words.some()})
        gone = await self.team.post(f"{place}/scheduled", self.message(send_at=moment))
        await self.call(self.team, "DELETE", f"/api/v1/scheduled-messages/{gone['id']}", status=204)

    async def look_for(self) -> None:
        """Questions that are found, and not."""
        for word in (self.words.used[0], self.words.used[1][:5], self.words.one()):
            await self.patient.get(f"{self.record}/messages/search?q={word}")

    async def hand_in(self, place: str) -> None:
        """Files by their names and what is in them, sent and refused."""
        mine = Files(self.client, self.clinic.patient, place.rpartition("/")[2])
        pdf = files.document(Title=String(self.words.some()), Subject=String(self.words.some()))
        made = [await mine.hand_in(pdf, name=f"{self.words.one()}.pdf")]
        made.append(await mine.hand_in(files.picture("PNG"), name=f"{self.words.one()}.png"))
        await mine.hand_in(self.words.some().encode(), 415, name=f"{self.words.one()}.txt")
        await mine.hand_in(b"%PDF-1.7\n" + self.words.some().encode(), name=f"{self.words.one()}.pdf")
        for one in made:
            while (await mine.state(one["id"]))["state"] == "pending":
                await _moment()
        ready = [one["id"] for one in made if (await mine.state(one["id"]))["state"] == "clean"]
        await self.patient.post(f"{place}/messages", self.message(attachments=ready))

    async def hold(self) -> None:
        """Why a record is held, and not any more."""
        admin = Caller(self.client, self.clinic.admin)
        wish = {"patient": str(self.clinic.patient.id), "reason": self.words.some()}
        made = await admin.post("/api/v1/legal-holds", wish)
        await admin.post(f"/api/v1/legal-holds/{made['id']}/lift", {"reason": self.words.some()}, 200)

    async def live(self) -> None:
        """What else somebody writes about themselves: a diary, a plan."""
        await self.patient.post(f"{self.record}/diary", {"mood": 3, "note": self.words.some()})
        plan = f"{self.record}/care-plan"
        await self.call(
            Caller(self.client, self.clinic.consultant), "POST", f"{plan}/goals", {"title": self.words.some()}, 201
        )
        await self.team.post(f"{plan}/steps", {"title": self.words.some(), "kind": "fibre"}, 422)  # gates are open


async def _moment() -> None:
    await asyncio.sleep(0.05)


def holding(found: bytes, wanted: Iterator[bytes]) -> list[bytes]:
    """Those of *wanted* that *found* holds; by their beginnings first, since there are thousands of them."""
    beginnings = {found[at : at + BEGINNING] for at in range(len(found) - BEGINNING)}
    return [one for one in wanted if one[:BEGINNING] in beginnings and one in found]


def test_a_trace_would_be_found() -> None:
    word = "Kabelodufine"
    for kept in (word.encode().hex(), hashlib.sha1(word.lower().encode()).hexdigest()):
        assert [kept.encode()] == holding(f"before {kept} after".encode(), traces(word))
    assert holding(b"0" + base64.b64encode(f"so {word} it is".encode()), traces(word))


@pytest.mark.long
async def test_nothing_that_is_kept_or_sent_holds_a_word(
    client: Client,
    db: Database,
    database_url: str,
    settings: Settings,
    office: PostOffice,
    worker: None,
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.configure("test", stream=(heard_in_logs := StringIO()))
    desk = Desk(client, await build.clinic(db))
    place = await desk.open()
    await desk.live()
    await desk.talk(place)
    await desk.hand_over(place)
    await desk.open_others()
    await desk.keep_for_later(place)
    await desk.hand_in(place)
    await desk.look_for()
    await desk.hold()
    while not office.taken:
        await _moment()

    mails = b"\n".join(mail.as_bytes() for _, mail in office.taken)
    said = "".join([heard_in_logs.getvalue(), *capfd.readouterr()]).encode()
    assert b"/api/v1/conversations" in said
    found = b"\n".join([await dumped(database_url), kept(settings.data), mails, said])
    lower = found.lower()
    assert desk.clinic.patient.id.bytes in found
    words = desk.words.used
    assert [] == [word for word in words if word.lower().encode() in lower]
    assert [] == holding(found, (trace for word in words for trace in traces(word)))
    assert len(words) >= 200
