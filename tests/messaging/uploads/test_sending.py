"""From a file to a message and back, over HTTP, with the worker's part done in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient
from PIL import Image
from sqlalchemy import select, text, update

from telegut.app import build_foundation
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.jobs import queue
from telegut.messaging.uploads.isolation import Reader
from telegut.messaging.uploads.making import UploadServices, build_uploads
from telegut.messaging.uploads.reader import remade
from telegut.messaging.uploads.remaking import Remade
from telegut.messaging.uploads.service import FORGET_JOB
from telegut.messaging.uploads.tables import upload
from telegut.settings import Settings
from tests import build
from tests.build import Account, Clinic
from tests.messaging.test_handlers import Caller, heard
from tests.messaging.uploads import files
from tests.messaging.uploads.scanners import FakeClamd, fake_clamd

NAME = "Breakfast at Kastanienallee.HEIC"


class Files:
    """One person's way of handing files in and getting them."""

    def __init__(self, client: TestClient[web.Request, web.Application], who: Account, conversation: str) -> None:
        self.client = client
        self.who = who
        self.conversation = conversation

    async def hand_in(
        self, content: bytes, status: int = 201, *, alone: bool = False, key: str | None = None, name: str = NAME
    ) -> dict[str, Any]:
        """Hand *content* in for the conversation, or for none (*alone*), expecting *status*."""
        form = FormData(quote_fields=False)
        form.add_field("file", BytesIO(content), filename=name, content_type="image/png")
        if not alone:
            form.add_field("conversation", self.conversation)
        headers = {**self.who.bearer, **({"Idempotency-Key": key} if key else {})}
        async with self.client.post("/api/v1/uploads", data=form, headers=headers) as answer:
            assert status == answer.status, await answer.text()
            said: dict[str, Any] = await answer.json()
            return said

    async def get(self, path: str, status: int = 200, **headers: str) -> tuple[bytes, dict[str, str]]:
        """GET below ``/api/v1/uploads/``, expecting *status*."""
        async with self.client.get(f"/api/v1/uploads/{path}", headers={**self.who.bearer, **headers}) as answer:
            assert status == answer.status, await answer.text()
            return await answer.read(), dict(answer.headers)

    async def state(self, id: str) -> dict[str, Any]:
        """How far a file has come."""
        async with self.client.get(f"/api/v1/uploads/{id}/state", headers=self.who.bearer) as answer:
            assert 200 == answer.status
            said: dict[str, Any] = await answer.json()
            return said


@pytest.fixture
async def clamd() -> AsyncIterator[FakeClamd]:
    """A scanner."""
    async with fake_clamd() as made:
        yield made


@pytest.fixture
def settings(settings: Settings, clamd: FakeClamd) -> Settings:
    """With the scanner, and room for a few files only."""
    return replace(settings, clamd=clamd.address, clamd_s=20, upload_day_files=8, upload_patient_bytes=10 * 1_048_576)


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[UploadServices]:
    """The worker's half; files are looked into in this process, which `test_remaking` does in a child."""
    base = build_foundation(settings)
    made = build_uploads(base.db, base.vault, utc_now, settings)
    reader = made.checking.reader
    here = Here(time_s=reader.time_s, memory_bytes=reader.memory_bytes, bounds=reader.bounds)
    yield replace(made, checking=replace(made.checking, reader=here))
    await base.db.dispose()


class Here(Reader):
    """Without a process of its own, which costs a third of a second each."""

    async def remade(self, data: bytes) -> Remade:
        """See `Reader`."""
        return remade(data, self.bounds)


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    """Its people."""
    return await build.clinic(db)


@pytest.fixture
async def place(client: TestClient[web.Request, web.Application], clinic: Clinic) -> str:
    """The conversation of the patient and their care team."""
    (one,) = (await Caller(client, clinic.patient).get("/api/v1/conversations"))["items"]
    return str(one["id"])


@pytest.fixture
def patient(client: TestClient[web.Request, web.Application], clinic: Clinic, place: str) -> Files:
    """The patient's way."""
    return Files(client, clinic.patient, place)


@pytest.fixture
def nutritionist(client: TestClient[web.Request, web.Application], clinic: Clinic, place: str) -> Files:
    """The nutritionist's way."""
    return Files(client, clinic.nutritionist, place)


async def _clean(services: UploadServices, who: Files, content: bytes = b"", *, alone: bool = False) -> str:
    """A file of *who* that can be sent."""
    made = await who.hand_in(content or files.picture("PNG"), alone=alone)
    await services.checking.check(UUID(made["id"]))
    return str(made["id"])


async def _send(
    who: Files, attachments: list[str], status: int = 201, *, body: str = "", client_id: str | None = None
) -> dict[str, Any]:
    """Send a message with *attachments*."""
    wish = {"client_id": client_id or str(uuid4()), "body": body, "attachments": attachments}
    said: dict[str, Any] = await Caller(who.client, who.who).post(
        f"/api/v1/conversations/{who.conversation}/messages", wish, status
    )
    return said


async def _messages(who: Files) -> list[dict[str, Any]]:
    found = await Caller(who.client, who.who).get(f"/api/v1/conversations/{who.conversation}/events?after=0")
    return [one for one in found["items"] if one["type"] == "message.sent"]


async def test_a_photo_is_handed_in_checked_sent_and_seen_by_the_others(
    patient: Files, nutritionist: Files, services: UploadServices, clamd: FakeClamd
) -> None:
    photo = files.picture("HEIF")
    made = await patient.hand_in(photo)
    assert ("pending", patient.conversation) == (made["state"], made["conversation"])

    await services.checking.check(UUID(made["id"]))
    assert [len(photo)] == clamd.heard
    assert "clean" == (await patient.state(made["id"]))["state"]
    await _send(patient, [made["id"]])

    ((seen,),) = [one["attachments"] for one in await _messages(nutritionist)]
    content, headers = await nutritionist.get(seen["id"])
    expected = {"name": "Breakfast at Kastanienallee.jpg", "type": "image/jpeg", "width": 120, "height": 80}
    assert expected | {"id": made["id"], "size": len(content), "thumbnail": True} == seen
    with Image.open(BytesIO(content)) as picture:
        assert ((120, 80), {}) == (picture.size, dict(picture.getexif()))
    assert headers["Content-Disposition"].startswith('attachment; filename="Breakfast at Kastanienallee.jpg"')
    assert ("image/jpeg", "sandbox; default-src 'none'", "nosniff", "no-store") == (
        headers["Content-Type"],
        headers["Content-Security-Policy"],
        headers["X-Content-Type-Options"],
        headers["Cache-Control"],
    )
    small, _ = await nutritionist.get(f"{seen['id']}/thumbnail")
    assert small.startswith(b"\xff\xd8\xff")


async def test_the_worker_does_its_part_by_itself(patient: Files, worker: None) -> None:
    made = await patient.hand_in(files.picture("PNG"))
    async with asyncio.timeout(60):
        while "pending" == (said := await patient.state(made["id"]))["state"]:
            await asyncio.sleep(0.1)

    assert ("clean", "image/png") == (said["state"], said["type"])


async def test_everybody_reads_the_same_entry_and_hears_it_on_the_socket(
    patient: Files, nutritionist: Files, services: UploadServices
) -> None:
    id = await _clean(services, patient)
    async with Caller(nutritionist.client, nutritionist.who).socket() as socket:
        await _send(patient, [id], body="Look")
        event = (await heard(socket, "event"))["event"]

    assert await _messages(patient) == await _messages(nutritionist)
    assert event["attachments"] == (await _messages(patient))[0]["attachments"]


async def test_files_are_sent_over_the_socket_too(patient: Files, services: UploadServices) -> None:
    id = await _clean(services, patient)
    wish = {"type": "send", "conversation": patient.conversation, "client_id": "s1", "body": "", "attachments": [id]}
    async with Caller(patient.client, patient.who).socket() as socket:
        await socket.send_json(wish)
        await heard(socket, "sent")
        await socket.send_json({**wish, "client_id": "s2"})
        refused = await heard(socket, "refused")

    assert "upload_used" == refused["problem"]["code"]
    assert [id] == [file["id"] for one in await _messages(patient) for file in one["attachments"]]


async def test_the_owner_hears_what_became_of_it(patient: Files, services: UploadServices) -> None:
    async with Caller(patient.client, patient.who).socket() as socket:
        good = await _clean(services, patient)
        first = (await heard(socket, "event"))["event"]
        bad = await _clean(services, patient, files.scripted())
        second = (await heard(socket, "event"))["event"]

    assert ("upload.ready", good) == (first["type"], first["upload"])
    assert ("upload.refused", bad) == (second["type"], second["upload"])


@pytest.mark.parametrize(
    ("content", "problem"),
    [(files.scripted, "active_content"), (lambda: files.document() + files.EICAR, "infected")],
    ids=["script", "virus"],
)
async def test_a_refused_file_is_not_kept_not_served_and_not_sent(
    content: Any, problem: str, patient: Files, services: UploadServices, settings: Settings
) -> None:
    id = await _clean(services, patient, content())

    said = await patient.state(id)
    assert ("refused", problem) == (said["state"], said["problem"]["code"])
    assert b"file_refused" in (await patient.get(id, 409))[0]
    assert "upload_refused" == (await _send(patient, [id], 422, body="Hello"))["code"]
    assert [] == await _messages(patient)
    assert [] == [one for one in (settings.data / "uploads").rglob("*") if one.is_file()]


async def test_a_file_waits_while_the_scanner_is_away(
    patient: Files, services: UploadServices, clamd: FakeClamd, db: Database
) -> None:
    clamd.answer = b"something else ERROR\0"
    id = await _clean(services, patient)

    assert "pending" == (await patient.state(id))["state"]
    assert b"not_checked" in (await patient.get(id, 409))[0]
    assert "upload_pending" == (await _send(patient, [id], 422))["code"]
    assert 0 == await services.collecting.ask_again()
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(upload).values(created_at=text("now() - interval '2 minutes'")))
    assert 1 == await services.collecting.ask_again()
    clamd.answer = b""
    await services.checking.check(UUID(id))
    await _send(patient, [id])


async def test_only_a_clean_file_of_one_s_own_for_this_place_is_sent_and_only_once(
    patient: Files, nutritionist: Files, services: UploadServices, clinic: Clinic
) -> None:
    caller = Caller(patient.client, clinic.patient)
    wish = {"patient": str(clinic.patient.id), "subject": "Another", "members": [str(clinic.nutritionist.id)]}
    elsewhere = Files(patient.client, clinic.patient, (await caller.post("/api/v1/conversations", wish))["id"])
    mine, theirs, other = [await _clean(services, who) for who in (patient, nutritionist, elsewhere)]

    codes = [
        (await _send(patient, given, 422))["code"]
        for given in ([theirs], [other], [str(uuid4())], ["nonsense"], [mine, theirs])
    ]
    assert ["no_such_upload"] * 5 == codes
    assert "invalid" == (await _send(patient, [mine, mine], 422))["code"]
    assert [] == await _messages(patient)
    await _send(patient, [mine])
    assert "upload_used" == (await _send(patient, [mine], 422))["code"]


async def test_of_two_messages_at_once_one_gets_the_file(patient: Files, services: UploadServices) -> None:
    id = await _clean(services, patient)
    wishes = [{"client_id": one, "body": "Look", "attachments": [id]} for one in ("a1", "a2", "a1")]
    async with Caller(patient.client, patient.who).socket() as socket:
        for wish in wishes:
            await socket.send_json({"type": "send", "conversation": patient.conversation, **wish})
        first, other, twin = [await heard(socket) for _ in wishes]

    assert ("sent", "refused") == (first["type"], other["type"])
    assert "upload_used" == other["problem"]["code"]
    assert first == twin
    assert 1 == len(await _messages(patient))


async def test_a_second_try_is_the_same_message_and_other_files_are_not(
    patient: Files, services: UploadServices
) -> None:
    one, two = await _clean(services, patient), await _clean(services, patient)

    first = await _send(patient, [one], client_id="a1")

    assert first == await _send(patient, [one], client_id="a1")
    assert "idempotency_key_reused" == (await _send(patient, [two], 422, client_id="a1"))["code"]
    assert "idempotency_key_reused" == (await _send(patient, [], 422, client_id="a1", body="x"))["code"]
    assert 1 == len(await _messages(patient))


async def test_a_file_of_no_conversation_is_its_owner_s_until_it_is_sent(
    patient: Files, nutritionist: Files, services: UploadServices, db: Database
) -> None:
    id = await _clean(services, nutritionist, alone=True)
    await patient.get(id, 404)
    own, _ = await nutritionist.get(id)

    await _send(nutritionist, [id])

    assert own == (await patient.get(id))[0]
    async with db.begin(build.BUILDER) as tx:
        row = (await tx.execute(upload.select())).one()
    assert (patient.who.id, UUID(patient.conversation)) == (row.patient, row.conversation)


async def test_strangers_and_former_members_get_nothing(
    patient: Files, nutritionist: Files, services: UploadServices, clinic: Clinic, db: Database
) -> None:
    id = await _clean(services, patient)
    await nutritionist.get(id, 404)  # not sent yet
    await _send(patient, [id])
    await nutritionist.get(id)
    await Files(patient.client, clinic.stranger_consultant, patient.conversation).get(id, 404)
    await Files(patient.client, clinic.stranger_consultant, patient.conversation).hand_in(files.picture(), 404)

    await build.care(db, clinic.patient, clinic.consultant)

    await nutritionist.get(id, 404)
    await nutritionist.get(f"{id}/thumbnail", 404)


async def test_a_file_whose_message_was_taken_back_is_served_to_nobody(
    patient: Files, nutritionist: Files, services: UploadServices
) -> None:
    id = await _clean(services, patient)
    sent = await _send(patient, [id], body="Look")
    path = f"/api/v1/conversations/{patient.conversation}/messages/{sent['id']}/retract"
    await Caller(patient.client, patient.who).post(path, status=200)

    for who in (patient, nutritionist):
        assert b"taken_back" in (await who.get(id, 410))[0]
    assert [[]] == [one["attachments"] for one in await _messages(nutritionist)]


async def test_a_part_of_a_recording_is_given_when_asked_for(patient: Files, services: UploadServices) -> None:
    id = await _clean(services, patient, files.recording())
    whole, _ = await patient.get(id)

    part, headers = await patient.get(id, 206, Range="bytes=100-299")

    assert whole[100:300] == part
    assert f"bytes 100-299/{len(whole)}" == headers["Content-Range"]
    assert 1.0 == pytest.approx((await patient.state(id))["duration_s"], abs=0.1)


async def test_what_cannot_be_taken_is_said_at_the_door(patient: Files) -> None:
    refused = await patient.hand_in(files.EICAR, 415)
    large = await patient.hand_in(b"\xff\xd8\xff" + bytes(21 * 1_048_576), 413)
    room = await patient.hand_in(b"\xff\xd8\xff" + bytes(11 * 1_048_576), 422)

    assert ("file_not_taken", "too_large", "space_used_up") == (refused["code"], large["code"], room["code"])


async def test_a_day_s_files_are_counted_and_a_retry_is_the_first_answer(patient: Files) -> None:
    first = await patient.hand_in(files.picture(), key="k1")
    for _ in range(7):
        await patient.hand_in(files.picture())

    assert "upload_quota" == (await patient.hand_in(files.picture(), 429))["code"]
    assert first == await patient.hand_in(files.picture(), key="k1")
    assert "idempotency_key_reused" == (await patient.hand_in(files.picture("PNG"), 422, key="k1"))["code"]


async def test_without_a_scanner_production_takes_no_files(settings: Settings) -> None:
    from telegut.messaging.uploads.service import FilesNotTaken

    base = build_foundation(settings)
    for changes in ({"clamd": ""}, {"clamd": "", "upload_unscanned": False}):
        strict = replace(settings, mode="production", **changes)
        uploads = build_uploads(base.db, base.vault, utc_now, strict).uploads
        with pytest.raises(FilesNotTaken):
            await uploads.receive(build.BUILDER, None, "a", files.picture())
    accepted = replace(settings, mode="production", clamd="", upload_unscanned=True)
    assert build_uploads(base.db, base.vault, utc_now, accepted).uploads.taken
    await base.db.dispose()


async def test_what_is_never_sent_is_collected_with_its_bytes(
    patient: Files, services: UploadServices, settings: Settings, db: Database
) -> None:
    sent, unsent = await _clean(services, patient), await _clean(services, patient)
    await _send(patient, [sent])
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(upload).values(created_at=text("now() - interval '25 hours'")))
    later = replace_now(services)

    assert (1, 0) == (await later.collecting.collect(), await later.collecting.collect())
    await patient.get(unsent, 404)
    await patient.get(sent)
    kept = {one for one in (settings.data / "uploads").rglob("*") if one.is_file()}
    assert 2 == len(kept)  # the picture that was sent, and it in small


async def test_a_discarded_file_is_gone_and_counts_for_the_day(
    patient: Files, services: UploadServices, settings: Settings, db: Database
) -> None:
    id, sent = await _clean(services, patient), await _clean(services, patient)
    await _send(patient, [sent])
    for one, status in ((id, 204), (sent, 422)):
        async with patient.client.delete(f"/api/v1/uploads/{one}", headers=patient.who.bearer) as answer:
            assert status == answer.status
    async with db.begin(build.BUILDER) as tx:
        payload = await tx.scalar(select(queue.jobs.c.payload).where(queue.jobs.c.kind == FORGET_JOB))
    await services.collecting.forget([UUID(one) for one in payload["objects"]])

    assert "discarded" == (await patient.state(id))["problem"]["code"]
    assert "upload_refused" == (await _send(patient, [id], 422))["code"]
    assert 2 == len([one for one in (settings.data / "uploads").rglob("*") if one.is_file()])
    for _ in range(6):
        await patient.hand_in(files.picture())
    await patient.hand_in(files.picture(), 429)


async def test_a_file_that_was_changed_at_rest_is_shown_to_nobody(
    patient: Files, services: UploadServices, settings: Settings
) -> None:
    id = await _clean(services, patient)
    _change_everything(settings.data / "uploads")
    waiting = await patient.hand_in(files.picture())
    _change_everything(settings.data / "uploads")  # the first one is as it was again
    await services.checking.check(UUID(waiting["id"]))

    assert "unreadable" == (await patient.state(waiting["id"]))["problem"]["code"]
    await patient.get(id)
    _change_everything(settings.data / "uploads")
    await patient.get(id, 500)


def _change_everything(folder: Path) -> None:
    """Another bit in each file."""
    for one in folder.rglob("*"):
        if one.is_file():
            content = bytearray(one.read_bytes())
            content[20] ^= 1
            one.write_bytes(content)


def replace_now(services: UploadServices) -> UploadServices:
    """A day later, by our clock."""
    from datetime import timedelta

    collecting = replace(services.collecting, now=lambda: utc_now() + timedelta(hours=26))
    return replace(services, collecting=collecting)


async def test_a_file_is_checked_once_whatever_comes_twice(
    patient: Files, services: UploadServices, settings: Settings
) -> None:
    id = await _clean(services, patient)
    before = await patient.get(id)

    await services.checking.check(UUID(id))
    await services.checking.check(uuid4())

    assert before[0] == (await patient.get(id))[0]
    assert 2 == len([one for one in (settings.data / "uploads").rglob("*") if one.is_file()])


async def test_nothing_at_rest_can_be_read_and_an_erased_key_ends_it(
    patient: Files, nutritionist: Files, services: UploadServices, settings: Settings, database_url: str, db: Database
) -> None:
    ids = [await _clean(services, patient, one) for one in (files.document(), files.picture("PNG"))]
    await _clean(services, nutritionist, alone=True)
    await _send(patient, ids)

    words = [b"Kastanienallee", b"Breakfast", files.OWNER.encode(), b"%PDF", b"\x89PNG", b"image/png"]
    dump = await _dump(database_url)
    folder = b"".join(one.read_bytes() for one in (settings.data / "uploads").rglob("*") if one.is_file())
    assert [] == [word for word in words if word in dump or word in folder]
    assert 1_000 < len(folder)

    async with db.begin(build.BUILDER) as tx:
        await tx.execute(text("update db_patient_key set wrapped = null, destroyed_at = now()"))
    vault = Vault(build.ROOT_KEY)
    again = replace(services.uploads, vault=vault)
    with pytest.raises(Exception, match="erased"):
        await again.serve(patient.who.caller, UUID(ids[0]))


async def _dump(url: str) -> bytes:
    """Every row of every table that uploads can touch, in clear bytes."""
    connection = await asyncpg.connect(url)
    found = b""
    for table in ("messaging_upload", "messaging_entry", "realtime_item", "jobs_job", "db_audit", "web_idempotency"):
        for row in await connection.fetch(f"select * from {table}"):
            found += b"".join(one if isinstance(one, bytes) else str(one).encode() for one in row.values())
    await connection.close()
    return found
