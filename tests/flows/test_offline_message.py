"""A nutritionist writes while the patient is away: a neutral mail says so, and the message waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build
from tests.messaging.test_handlers import PATIENCE_S, Caller, heard
from tests.notices.post_office import PostOffice, post_office

WORDS = "Please leave out the canary seeds this week."


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """The mail server."""
    async with post_office() as made:
        yield made


@pytest.fixture
def settings(database_url: str, root_key_file: Path, tmp_path: Path, office: PostOffice) -> Settings:
    """A clinic with a mail server that does not wait before it says that something is unread."""
    return replace(
        Settings(mode="test", data=tmp_path, database_url=database_url, root_key_file=root_key_file),
        smtp_url=office.url,
        public_url="https://clinic.example",
        message_notice_delay_s=0.0,
    )


async def until(true: Callable[[], bool]) -> None:
    """Wait for it, not for ever."""
    async with asyncio.timeout(PATIENCE_S * 3):
        while not true():
            await asyncio.sleep(0.05)


@pytest.mark.long
async def test_a_message_to_somebody_offline_arrives_when_they_return(
    db: Database,
    client: TestClient[web.Request, web.Application],
    settings: Settings,
    office: PostOffice,
    worker: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clinic = await build.clinic(db)
    patient, nutritionist = Caller(client, clinic.patient), Caller(client, clinic.nutritionist)
    (place,) = (await patient.get("/api/v1/conversations"))["items"]
    path = f"/api/v1/conversations/{place['id']}"
    async with patient.client.ws_connect("/events", headers=clinic.patient.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": None})
        cursor = (await heard(socket))["cursor"]

    sent = await nutritionist.post(f"{path}/messages", {"client_id": "1", "body": WORDS})
    await until(lambda: clinic.patient.email in {to for to, _ in office.taken})
    waiting = (await patient.get("/api/v1/conversations"))["items"][0]
    async with patient.socket(cursor) as socket:
        arrived = (await heard(socket, "event"))["event"]
        await patient.post(f"{path}/read", {"up_to": arrived["seq"]}, 200)
        read = (await heard(socket, "event"))["event"]
    mails = [mail for to, mail in office.taken if to == clinic.patient.email]

    assert (1, WORDS) == (waiting["unread"], waiting["last"]["body"])
    assert (sent["id"], WORDS) == (arrived["id"], arrived["body"])
    assert ("read", str(clinic.patient.id), sent["seq"]) == (read["type"], read["sender"], read["up_to"])
    assert ["You have a message in telegut"] == [mail["Subject"] for mail in mails]
    assert 0 == sum("canary" in str(mail) for _, mail in office.taken)
    assert "canary" not in caplog.text
    assert f"https://clinic.example/messages/{place['id']}" in str(mails[0]).splitlines()
    assert str(clinic.patient.id) not in "".join(str(mail) for _, mail in office.taken)
