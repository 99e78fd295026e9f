"""Conversations over HTTP and on ``/events``, call by call as the contract says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from tests import build
from tests.build import Account, Clinic

Client = TestClient[web.Request, web.Application]
PATIENCE_S = 20


class Caller:
    """One person's way of calling."""

    def __init__(self, client: Client, who: Account) -> None:
        self.client = client
        self.who = who

    async def get(self, path: str, status: int = 200) -> Any:
        """GET, expecting *status*."""
        async with self.client.get(path, headers=self.who.bearer) as answer:
            assert status == answer.status, await answer.text()
            return await answer.json()

    async def post(self, path: str, body: Any = None, status: int = 201, key: str | None = None) -> Any:
        """POST, expecting *status*, with *key* as its ``Idempotency-Key``."""
        headers = {} if key is None else {"Idempotency-Key": key}
        async with self.client.post(path, json=body, headers={**self.who.bearer, **headers}) as answer:
            assert status == answer.status, await answer.text()
            return await answer.json() if status != 204 else None

    @asynccontextmanager
    async def socket(self, cursor: str | None = None) -> AsyncIterator[ClientWebSocketResponse]:
        """``/events``, after its welcome."""
        async with self.client.ws_connect("/events", headers=self.who.bearer) as socket:
            await socket.send_json({"type": "hello", "cursor": cursor})
            assert "welcome" == (await heard(socket))["type"]
            yield socket


async def heard(socket: ClientWebSocketResponse, kind: str = "") -> dict[str, Any]:
    """The next message, or the next of *kind*."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message: dict[str, Any] = await socket.receive_json()
            if not kind or message["type"] == kind:
                return message


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    """Its people."""
    return await build.clinic(db)


@pytest.fixture
def patient(client: Client, clinic: Clinic) -> Caller:
    """The patient's way of calling."""
    return Caller(client, clinic.patient)


@pytest.fixture
def nutritionist(client: Client, clinic: Clinic) -> Caller:
    """The nutritionist's way of calling."""
    return Caller(client, clinic.nutritionist)


@pytest.fixture
async def path(patient: Caller) -> str:
    """The place of the patient and their care team."""
    (one,) = (await patient.get("/api/v1/conversations"))["items"]
    return f"/api/v1/conversations/{one['id']}"


async def test_a_message_is_answered_with_its_place_and_found_in_the_log(
    patient: Caller, nutritionist: Caller, path: str
) -> None:
    asked = {"urgent": True, "urgent_confirmed": True}
    sent = await patient.post(f"{path}/messages", {"client_id": "a1", "body": "Hello", **asked})

    found = (await nutritionist.get(f"{path}/events?after=4"))["items"]
    assert {"id", "conversation", "seq", "client_id", "sender", "sent_at"} == set(sent)
    beside: dict[str, list[str]] = {"mentions": [], "cites": [], "attachments": []}
    expected = {**sent, "type": "message.sent", "body": "Hello", "urgent": True, **beside}
    assert [expected] == found
    assert sent["sent_at"].endswith("Z")


async def test_a_second_try_gets_the_first_answer(patient: Caller, path: str) -> None:
    message = {"client_id": "a1", "body": "Hello"}
    first = await patient.post(f"{path}/messages", message, key="k1")

    assert first == await patient.post(f"{path}/messages", message, key="k1")
    assert first == await patient.post(f"{path}/messages", message, key="k2")
    assert first == await patient.post(f"{path}/messages", message)


@pytest.mark.parametrize(
    ("message", "key"),
    [({"client_id": "a1", "body": "Other"}, None), ({"client_id": "a2", "body": "Other"}, "k1")],
)
async def test_a_key_that_was_used_for_other_words_is_refused(
    message: dict[str, str], key: str | None, patient: Caller, path: str
) -> None:
    await patient.post(f"{path}/messages", {"client_id": "a1", "body": "Hello"}, key="k1")

    problem = await patient.post(f"{path}/messages", message, 422, key)

    assert "idempotency_key_reused" == problem["code"]
    assert 1 == len((await patient.get(f"{path}/events?after=4"))["items"])


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"client_id": "a1", "body": ""}, "body"),
        ({"client_id": "a1", "body": "x" * 8001}, "body"),
        ({"client_id": "a1", "body": "a\u0000b"}, "body"),
        ({"client_id": "a1", "body": "\ud800"}, "body"),
        ({"client_id": "", "body": "Hello"}, "client_id"),
        ({"body": "Hello"}, "client_id"),
        ({"client_id": "a1", "body": 7}, "body"),
        ({"client_id": "a1", "body": "Hello", "colour": "red"}, "colour"),
        ({"client_id": "a1", "body": "Hello", "attachments": ["nothing"]}, "attachments"),
        ({"client_id": "a1", "body": "Hello", "cites": [{"kind": "report", "id": "x"}]}, "cites"),
        ({"client_id": "a1", "body": "Hello", "mentions": [str(UUID(int=7))]}, "mentions"),
        ({"client_id": "a1", "body": "Hello", "urgent": True, "urgent_confirmed": False}, "urgent_confirmed"),
    ],
)
async def test_a_message_that_makes_no_sense_says_which_field(
    message: dict[str, Any], field: str, patient: Caller, path: str
) -> None:
    problem = await patient.post(f"{path}/messages", message, 422)

    assert [field] == [one["field"] for one in problem["errors"]]


async def test_nobody_else_reaches_it_by_any_call(client: Client, clinic: Clinic, path: str, patient: Caller) -> None:
    sent = await patient.post(f"{path}/messages", {"client_id": "a1", "body": "Hello"})
    message = f"{path}/messages/{sent['id']}"

    for who in (clinic.stranger_patient, clinic.stranger_consultant, clinic.coordinator, clinic.admin, clinic.auditor):
        stranger = Caller(client, who)
        assert [] == (await stranger.get("/api/v1/conversations"))["items"]
        await stranger.get(path, 404)
        await stranger.get(f"{path}/events", 404)
        await stranger.post(f"{path}/messages", {"client_id": "b", "body": "Hello"}, 404)
        await stranger.post(f"{message}/edit", {"body": "Hello"}, 404)
        await stranger.post(f"{message}/retract", None, 404)
        await stranger.post(f"{path}/read", {"up_to": 1}, 404)
    async with client.get(path) as answer:
        assert 401 == answer.status


async def test_edit_retract_and_read_answer_as_the_contract_says(
    patient: Caller, nutritionist: Caller, path: str
) -> None:
    sent = await patient.post(f"{path}/messages", {"client_id": "a1", "body": "Otas"})
    message = f"{path}/messages/{sent['id']}"

    edited = await patient.post(f"{message}/edit", {"body": "Oats"}, 200)
    await nutritionist.post(f"{message}/edit", {"body": "Mine"}, 403)
    read = await nutritionist.post(f"{path}/read", {"up_to": sent["seq"]}, 200)
    lower = await nutritionist.post(f"{path}/read", {"up_to": 1}, 200)
    await nutritionist.post(f"{path}/read", {"up_to": 99}, 422)
    retracted = await patient.post(f"{message}/retract", None, 200)
    await patient.post(f"{message}/retract", None, 409)

    assert [6, 8] == [edited["seq"], retracted["seq"]]
    assert sent["seq"] == read["up_to"] == lower["up_to"]
    log = (await patient.get(f"{path}/events"))["items"]
    types = ["message.sent", "message.edited", "read", "message.retracted"]
    assert types == [one["type"] for one in log][4:]
    assert list(range(1, 9)) == [one["seq"] for one in log]


async def test_the_log_pages_until_nothing_is_left(patient: Caller, path: str) -> None:
    for n in range(7):
        await patient.post(f"{path}/messages", {"client_id": str(n), "body": str(n)})

    pages, after = [], 0
    while items := (page := await patient.get(f"{path}/events?after={after}&limit=4"))["items"]:
        pages.append(len(items))
        after = items[-1]["seq"]
        assert page["next"] in {str(after), None}
    backwards = (await patient.get(f"{path}/events?before=10&limit=3"))["items"]

    assert [4, 4, 3] == pages
    assert [7, 8, 9] == [one["seq"] for one in backwards]
    await patient.get(f"{path}/events?limit=0", 422)
    await patient.get(f"{path}/events?after=-1", 422)
    assert 11 == len((await patient.get(f"{path}/events?limit=100000"))["items"])


async def test_a_conversation_about_a_subject(patient: Caller, nutritionist: Caller, clinic: Clinic) -> None:
    body = {"patient": str(clinic.patient.id), "subject": "Oats", "members": [str(clinic.nutritionist.id)]}

    made = await patient.post("/api/v1/conversations", body)

    assert ("Oats", 2) == (made["subject"], len(made["members"]))
    assert made["id"] in {one["id"] for one in (await nutritionist.get("/api/v1/conversations"))["items"]}
    await patient.post("/api/v1/conversations", {**body, "members": [str(clinic.stranger_patient.id)]}, 422)
    await patient.post("/api/v1/conversations", {**body, "subject": " "}, 422)


async def test_a_send_on_the_socket_is_answered_after_it_is_stored_and_reaches_the_others(
    patient: Caller, nutritionist: Caller, path: str
) -> None:
    conversation = path.rsplit("/", 1)[1]

    async with patient.socket() as mine, nutritionist.socket() as theirs:
        await mine.send_json({"type": "send", "conversation": conversation, "client_id": "s1", "body": "Live"})
        sent = await heard(mine, "sent")
        arrived = (await heard(theirs, "event"))["event"]
        own = (await heard(mine, "event"))["event"]

    assert ("s1", 5) == (sent["client_id"], sent["seq"])
    assert ("message.sent", conversation, "Live", sent["id"]) == (
        arrived["type"],
        arrived["conversation"],
        arrived["body"],
        arrived["id"],
    )
    assert arrived == own
    (history,) = (await nutritionist.get(f"{path}/events?after=4"))["items"]
    assert history == {name: value for name, value in arrived.items() if name != "patient"}


async def test_pipelined_sends_on_one_socket_keep_their_order(patient: Caller, path: str) -> None:
    conversation = path.rsplit("/", 1)[1]

    async with patient.socket() as socket:
        for n in range(400):  # more than may be under way at once
            message = {"type": "send", "conversation": conversation, "client_id": f"s{n}", "body": str(n)}
            await socket.send_json(message)
        answers = [await heard(socket, "sent") for _ in range(400)]

    assert [(f"s{n}", n + 5) for n in range(400)] == [(one["client_id"], one["seq"]) for one in answers]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"conversation": "01900000-0000-7000-8000-000000000001"}, 404, "not_found"),
        ({"conversation": "nothing"}, 422, "invalid"),
        ({"body": ""}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
    ],
)
async def test_a_send_that_is_refused_says_so_with_its_client_id(
    change: dict[str, str], status: int, code: str, patient: Caller, path: str
) -> None:
    message = {"type": "send", "conversation": path.rsplit("/", 1)[1], "client_id": "s1", "body": "Live", **change}

    async with patient.socket() as socket:
        await socket.send_json(message)
        refused = await heard(socket, "refused")

    assert ("s1", status, code) == (refused["client_id"], refused["problem"]["status"], refused["problem"]["code"])


async def test_an_offline_reader_resumes_where_they_stopped(patient: Caller, nutritionist: Caller, path: str) -> None:
    async with patient.client.ws_connect("/events", headers=patient.who.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": None})
        cursor = (await heard(socket))["cursor"]
    for n in range(3):
        await nutritionist.post(f"{path}/messages", {"client_id": str(n), "body": f"While you were away {n}"})

    async with patient.socket(cursor) as socket:
        arrived = [(await heard(socket, "event"))["event"]["body"] for _ in range(3)]
    polled = await patient.get(f"/api/v1/events?cursor={cursor}")

    assert [f"While you were away {n}" for n in range(3)] == arrived
    assert arrived == [one["body"] for one in polled["items"]]


async def test_typing_reaches_the_others_and_nobody_else(
    patient: Caller, nutritionist: Caller, client: Client, clinic: Clinic, path: str
) -> None:
    conversation = path.rsplit("/", 1)[1]
    stranger = Caller(client, clinic.stranger_consultant)

    async with patient.socket() as mine, nutritionist.socket() as theirs, stranger.socket() as foreign:
        await foreign.send_json({"type": "typing", "conversation": conversation})
        refused = await heard(foreign)
        await mine.send_json({"type": "typing", "conversation": conversation})
        hint = await heard(theirs)

    assert ("refused", 404) == (refused["type"], refused["problem"]["status"])
    assert {"type": "typing", "conversation": conversation, "account": str(clinic.patient.id)} == hint


async def test_who_left_the_care_team_gets_no_later_event(
    db: Database, patient: Caller, nutritionist: Caller, clinic: Clinic, path: str
) -> None:
    cursor = (await nutritionist.get("/api/v1/events"))["cursor"]
    async with nutritionist.socket(cursor) as socket:
        await build.care(db, clinic.patient, clinic.consultant)
        await patient.post(f"{path}/messages", {"client_id": "1", "body": "Not for Jonas"})
        await socket.send_json({"type": "typing", "conversation": path.rsplit("/", 1)[1]})
        said = await heard(socket)
        polled = await nutritionist.get(f"/api/v1/events?cursor={cursor}")

    assert ("refused", 404) == (said["type"], said["problem"]["status"])
    assert [] == polled["items"]


async def test_every_read_and_write_leaves_a_row_for_the_patient_to_see(
    patient: Caller, nutritionist: Caller, clinic: Clinic, path: str
) -> None:
    await patient.post(f"{path}/messages", {"client_id": "1", "body": "Hello"})
    await nutritionist.get(f"{path}/events")

    seen = await patient.get(f"/api/v1/patients/{clinic.patient.id}/accesses")

    acts = {(one["account"], one["action"], one["what"]) for one in seen["items"]}
    assert (str(clinic.nutritionist.id), "read", "conversation") in acts
    assert (str(clinic.patient.id), "write", "message") in acts


async def test_pages_open_for_whom_they_are_made(client: Client, patient: Caller, clinic: Clinic, path: str) -> None:
    conversation = path.rsplit("/", 1)[1]
    html = {"Accept": "text/html"}

    async def opened(who: Account, page: str) -> int:
        async with client.get(page, headers={**who.bearer, **html}, allow_redirects=False) as answer:
            await answer.text()
            return answer.status

    assert 302 == await opened(clinic.patient, "/messages")
    assert 200 == await opened(clinic.nutritionist, "/messages")
    assert 200 == await opened(clinic.stranger_consultant, "/messages")
    for who, status in ((clinic.patient, 200), (clinic.guardian, 200), (clinic.stranger_consultant, 404)):
        assert status == await opened(who, f"/messages/{conversation}")
        assert status == await opened(who, f"/patients/{clinic.patient.id}/panels/thread")
    assert 403 == await opened(clinic.coordinator, "/messages")
