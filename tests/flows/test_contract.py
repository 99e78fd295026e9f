"""The public contract, walked call by call by an outsider: a real `telegut serve`, a seeded database, plain HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

API = "/api/v1"
PROFILE = """#mpa_v30_CHOCOPhlAn_201901
#SampleID\tMetaphlan_Analysis
#clade_name\tNCBI_tax_id\trelative_abundance\tadditional_species
UNKNOWN\t-1\t10.0\t
k__Bacteria\t2\t90.0\t
k__Bacteria|p__Bacteroidetes\t2|976\t60.0\t
k__Bacteria|p__Bacteroidetes|c__Bacteroidia\t2|976|200643\t60.0\t
k__Bacteria|p__Bacteroidetes|c__Bacteroidia|o__Bacteroidales\t2|976|200643|171549\t60.0\t
k__Bacteria|p__Bacteroidetes|c__Bacteroidia|o__Bacteroidales|f__Bacteroidaceae\t2|976|200643|171549|815\t60.0\t
k__Bacteria|p__Bacteroidetes|c__Bacteroidia|o__Bacteroidales|f__Bacteroidaceae|g__Bacteroides\t2|976|200643|171549|815|816\t60.0\t
k__Bacteria|p__Firmicutes\t2|1239\t30.0\t
k__Bacteria|p__Firmicutes|c__Clostridia\t2|1239|186801\t30.0\t
k__Bacteria|p__Firmicutes|c__Clostridia|o__Clostridiales\t2|1239|186801|186802\t30.0\t
k__Bacteria|p__Firmicutes|c__Clostridia|o__Clostridiales|f__Lachnospiraceae\t2|1239|186801|186802|186803\t30.0\t
k__Bacteria|p__Firmicutes|c__Clostridia|o__Clostridiales|f__Lachnospiraceae|g__Roseburia\t2|1239|186801|186802|186803|841\t30.0\t
"""


@dataclass
class Outsider:
    """Somebody with the fixture's JSON and a running server."""

    url: str
    facts: dict[str, Any]
    http: aiohttp.ClientSession

    def account(self, role: str, number: int = 0) -> dict[str, Any]:
        found = [one for one in self.facts["accounts"] if one["role"] == role and not one.get("minor")]
        return dict(found[number])

    def of(self, account_id: str) -> dict[str, Any]:
        return next(one for one in self.facts["accounts"] if one["id"] == account_id)

    async def call(
        self, method: str, path: str, who: dict[str, Any] | None = None, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who:
            sent["Authorization"] = f"Bearer {who['token']}"
        async with self.http.request(method, self.url + path, json=body, headers=sent) as answer:
            content = await answer.read()
            is_json = "json" in answer.content_type
            return answer.status, json.loads(content) if is_json and content else content

    async def get(self, path: str, who: dict[str, Any] | None = None) -> tuple[int, Any]:
        return await self.call("GET", path, who)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _telegut(*arguments: str, stdout: int = asyncio.subprocess.PIPE) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "telegut", *arguments, stdout=stdout)


@pytest.fixture(scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outsider]:
    data: Path = tmp_path_factory.mktemp("contract") / "data"
    seeding = await _telegut("seed", "--fixture", "acceptance", "--json", "--data", str(data))
    said, _ = await asyncio.wait_for(seeding.communicate(), 120)
    assert seeding.returncode == 0
    facts = json.loads(said)
    listen = f"127.0.0.1:{_free_port()}"
    server = await _telegut("serve", "--data", str(data), "--listen", listen)
    assert server.stdout is not None
    try:
        ready = (await asyncio.wait_for(server.stdout.readline(), 60)).decode().strip()
        assert ready == f"ready http://{listen}"
        async with aiohttp.ClientSession() as http:
            yield Outsider(f"http://{listen}", facts, http)
    finally:
        server.terminate()
        await asyncio.wait_for(server.wait(), 60)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def _slots(clinic: Outsider, service: dict[str, Any], who: dict[str, Any], *practitioners: str) -> list[Any]:
    start = datetime.now(UTC) + timedelta(days=2)
    span = f"from={_instant(start)}&to={_instant(start + timedelta(days=3))}"
    chosen = "".join(f"&practitioner={one}" for one in practitioners)
    status, page = await clinic.get(f"{API}/slots?service={service['id']}&{span}{chosen}", who)
    assert status == 200
    return list(page["items"])


def _service(clinic: Outsider, *needs: str, buffered: bool = False) -> dict[str, Any]:
    return next(
        dict(one)
        for one in clinic.facts["services"]
        if set(one["needs"]) == set(needs) and (one["buffer_after_minutes"] > 0) == buffered
    )


async def _booked(clinic: Outsider, patient: dict[str, Any], number: int = 0) -> dict[str, Any]:
    service = _service(clinic, "consultant")
    practitioner = clinic.account("consultant", 2)
    slot = (await _slots(clinic, service, patient, practitioner["id"]))[number]
    body = {"service": service["id"], "practitioners": [practitioner["id"]], "start": slot["start"]}
    status, appointment = await clinic.call("POST", f"{API}/appointments", patient, body)
    assert status == 201, appointment
    return dict(appointment)


class TestEverywhere:
    async def test_probes_answer(self, clinic: Outsider) -> None:
        assert [200, 200, 200] == [(await clinic.get(path))[0] for path in ("/livez", "/readyz", "/metrics")]

    async def test_the_description_is_published(self, clinic: Outsider) -> None:
        status, described = await clinic.get(f"{API}/openapi.json")
        documented, _ = await clinic.get("/api/docs")

        assert (200, 200, "3.1.0") == (status, documented, described["openapi"])

    async def test_a_stranger_gets_401_and_a_problem_document(self, clinic: Outsider) -> None:
        status, problem = await clinic.get(f"{API}/me")

        assert (401, 401, True) == (status, problem["status"], {"type", "title", "detail", "code"} <= set(problem))

    async def test_lists_have_items_and_next(self, clinic: Outsider) -> None:
        for path in ("services", "practitioners", "patients", "conversations"):
            _, page = await clinic.get(f"{API}/{path}", clinic.account("consultant"))

            assert {"items", "next"} <= set(page), path


class TestAccounts:
    async def test_a_token_is_issued_used_and_ended(self, clinic: Outsider) -> None:
        patient = clinic.account("patient", 5)
        body = {"email": patient["email"], "password": patient["password"]}
        status, made = await clinic.call("POST", f"{API}/tokens", body=body)
        holder = {"token": made["token"]}
        before, me = await clinic.get(f"{API}/me", holder)
        ended, _ = await clinic.call("DELETE", f"{API}/tokens/current", holder)
        after, _ = await clinic.get(f"{API}/me", holder)

        assert (201, 200, 204, 401) == (status, before, ended, after)
        assert {"token", "expires_at", "account"} <= set(made)
        assert (patient["id"], patient["name"], ["patient"], patient["zone"]) == (
            me["id"],
            me["name"],
            me["roles"],
            me["zone"],
        )

    async def test_bad_credentials_and_a_missing_code_are_told_apart_only_with_the_password(
        self, clinic: Outsider
    ) -> None:
        consultant = clinic.account("consultant")
        wrong = await clinic.call("POST", f"{API}/tokens", body={"email": consultant["email"], "password": "wrong"})
        unknown = await clinic.call("POST", f"{API}/tokens", body={"email": "a@b.example", "password": "wrong"})
        right = {"email": consultant["email"], "password": consultant["password"]}
        without = await clinic.call("POST", f"{API}/tokens", body=right)

        codes = [(status, problem["code"]) for status, problem in (wrong, unknown, without)]
        assert [(401, "bad_credentials"), (401, "bad_credentials"), (401, "otp_required")] == codes

    async def test_a_code_from_the_app_signs_staff_in(self, clinic: Outsider) -> None:
        import pyotp

        admin = clinic.account("admin")
        body = {
            "email": admin["email"],
            "password": admin["password"],
            "otp": pyotp.TOTP(admin["otp_secret"]).now(),
        }
        first, _ = await clinic.call("POST", f"{API}/tokens", body=body)
        second, problem = await clinic.call("POST", f"{API}/tokens", body=body)

        assert (201, 401) == (first, second), problem

    async def test_patients_are_only_those_in_ones_care(self, clinic: Outsider) -> None:
        team = clinic.facts["care_teams"][0]
        inside, outside = clinic.of(team["members"][0]), clinic.account("patient", 29)
        listed = await clinic.get(f"{API}/patients", inside)
        mine = await clinic.get(f"{API}/patients/{team['patient']}", inside)
        foreign = await clinic.get(f"{API}/patients/{team['patient']}", outside)

        assert team["patient"] in {one["id"] for one in listed[1]["items"]}
        assert (200, 404) == (mine[0], foreign[0])

    async def test_the_care_team_is_read_and_changed_under_its_version(self, clinic: Outsider) -> None:
        team = clinic.facts["care_teams"][3]
        coordinator = clinic.account("coordinator")
        path = f"{API}/patients/{team['patient']}/care-team"
        _, current = await clinic.get(path, coordinator)
        members = [{"account": one["account"], "role": one["role"]} for one in current["members"]]
        body = {"version": current["version"], "members": members}
        first, _ = await clinic.call("PUT", path, coordinator, body)
        stale = await clinic.call("PUT", path, coordinator, {**body, "version": current["version"] + 7})

        assert (200, 409) == (first, stale[0])

    async def test_the_patient_sees_who_looked(self, clinic: Outsider) -> None:
        team = clinic.facts["care_teams"][0]
        await clinic.get(f"{API}/patients/{team['patient']}/care-plan", clinic.of(team["members"][0]))
        status, page = await clinic.get(f"{API}/patients/{team['patient']}/accesses", clinic.of(team["patient"]))

        assert (200, True) == (status, bool(page["items"]))

    async def test_the_sign_in_page_is_one_form(self, clinic: Outsider) -> None:
        status, page = await clinic.get("/sign-in")

        assert (200, True, True) == (status, b'name="email"' in page, b'name="password"' in page)


class TestScheduling:
    async def test_services_and_practitioners(self, clinic: Outsider) -> None:
        patient = clinic.account("patient")
        _, services = await clinic.get(f"{API}/services", patient)
        _, practitioners = await clinic.get(f"{API}/practitioners", patient)
        fields = {"id", "name", "duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "needs"}

        assert all(fields <= set(one) for one in services["items"])
        assert all({"id", "name", "role", "zone", "services"} <= set(one) for one in practitioners["items"])
        assert 5 == len(practitioners["items"])

    async def test_hours_are_read_and_written_by_their_owner(self, clinic: Outsider) -> None:
        owner = clinic.account("nutritionist", 1)
        path = f"{API}/practitioners/{owner['id']}/availability"
        _, current = await clinic.get(path, owner)
        wanted = {**current, "rules": [{"weekdays": ["MO", "WE"], "start": "09:00", "end": "12:30"}]}
        first, _ = await clinic.call("PUT", path, owner, wanted)
        stale, _ = await clinic.call("PUT", path, owner, wanted)
        foreign, _ = await clinic.call("PUT", path, clinic.account("consultant"), wanted)

        assert (200, 409) == (first, stale)
        assert foreign in {403, 404}

    @pytest.mark.parametrize(
        "change",
        [
            {"rules": [{"weekdays": ["MO"], "start": "09:00", "end": "09:00"}]},
            {"rules": [{"weekdays": ["MO"], "start": "25:00", "end": "26:00"}]},
            {"rules": [{"weekdays": ["XX"], "start": "09:00", "end": "10:00"}]},
            {"rules": None},
            {"zone": "Mars/Olympus"},
            {"exceptions": [{"start": "2027-01-02T10:00", "end": "2027-01-01T10:00", "kind": "off"}]},
            {"nonsense": 1},
        ],
    )
    async def test_hours_that_cannot_be_are_422(self, clinic: Outsider, change: dict[str, Any]) -> None:
        owner = clinic.account("consultant", 1)
        path = f"{API}/practitioners/{owner['id']}/availability"
        _, current = await clinic.get(path, owner)
        status, problem = await clinic.call("PUT", path, owner, {**current, **change})

        assert (422, True) == (status, bool(problem.get("errors"))), problem

    async def test_a_visit_is_booked_moved_and_cancelled(self, clinic: Outsider) -> None:
        patient = clinic.account("patient", 6)
        booked = await _booked(clinic, patient)
        path = f"{API}/appointments/{booked['id']}"
        slots = await _slots(clinic, _service(clinic, "consultant"), patient, *booked["practitioners"])
        other = next(slot for slot in slots if slot["start"] != booked["start"])
        body = {"start": other["start"], "version": booked["version"]}
        moved = await clinic.call("POST", f"{path}/reschedule", patient, body)
        stale = await clinic.call("POST", f"{path}/reschedule", patient, body)
        gone = await clinic.call(
            "POST", f"{path}/cancel", patient, {"reason": "cannot come", "version": moved[1]["version"]}
        )

        assert [200, 409, 200] == [moved[0], stale[0], gone[0]]
        assert (booked["id"], booked["sequence"] + 1) == (moved[1]["id"], moved[1]["sequence"])
        assert "cancelled" == gone[1]["status"]
        fields = {"id", "version", "status", "service", "patient", "practitioners", "start", "end", "zone", "sequence"}
        assert fields | {"visit"} <= set(booked)

    async def test_a_taken_time_is_409_and_its_reasons_are_told(self, clinic: Outsider) -> None:
        patient, other = clinic.account("patient", 7), clinic.account("patient", 8)
        booked = await _booked(clinic, patient, 3)
        body = {key: booked[key] for key in ("service", "practitioners", "start")}
        taken = await clinic.call("POST", f"{API}/appointments", other, body)
        query = f"service={booked['service']}&practitioner={booked['practitioners'][0]}&start={booked['start']}"
        _, explained = await clinic.get(f"{API}/slots/explain?{query}", other)

        assert (409, "slot_taken") == (taken[0], taken[1]["code"])
        assert (False, True) == (explained["offered"], bool(explained["reasons"]))

    async def test_impossible_starts_are_422(self, clinic: Outsider) -> None:
        patient = clinic.account("patient", 9)
        service, practitioner = _service(clinic, "consultant"), clinic.account("consultant", 2)
        tomorrow = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=1)
        starts = [
            "2027-01-04T10:00:00",
            _instant(tomorrow + timedelta(minutes=7)),
            _instant(datetime.now(UTC) - timedelta(days=1)),
            _instant(datetime.now(UTC) + timedelta(days=4 * 365)),
            None,
        ]
        for start in starts:
            body = {"service": service["id"], "practitioners": [practitioner["id"]], "start": start}
            status, problem = await clinic.call("POST", f"{API}/appointments", patient, body)
            assert 422 == status, (start, problem)
        body = {"service": service["id"], "practitioners": [str(uuid4())], "start": _instant(tomorrow)}
        assert (await clinic.call("POST", f"{API}/appointments", patient, body))[0] in {404, 422}

    async def test_a_hold_becomes_an_appointment_once(self, clinic: Outsider) -> None:
        patient = clinic.account("patient", 10)
        service, practitioner = _service(clinic, "consultant"), clinic.account("consultant", 1)
        slot = (await _slots(clinic, service, patient, practitioner["id"]))[0]
        body = {"service": service["id"], "practitioners": [practitioner["id"]], "start": slot["start"]}
        held = await clinic.call("POST", f"{API}/holds", patient, body)
        other = await clinic.call("POST", f"{API}/holds", clinic.account("patient", 11), body)
        confirmed = await clinic.call("POST", f"{API}/appointments", patient, {"hold": held[1]["id"]})
        again = await clinic.call("POST", f"{API}/appointments", patient, {"hold": held[1]["id"]})

        assert [201, 409, 201] == [held[0], other[0], confirmed[0]]
        assert again[0] in {409, 410}

    async def test_the_calendar_file_has_the_sequence(self, clinic: Outsider) -> None:
        from icalendar import Calendar

        patient = clinic.account("patient", 12)
        booked = await _booked(clinic, patient, 5)
        headers = {"Authorization": f"Bearer {patient['token']}"}
        async with clinic.http.get(f"{clinic.url}{API}/appointments/{booked['id']}.ics", headers=headers) as answer:
            kind, text = answer.headers["Content-Type"], await answer.text()
        event = next(iter(Calendar.from_ical(text).walk("VEVENT")))

        assert booked["sequence"] == int(str(event["SEQUENCE"]))
        assert ("REQUEST", True) == (str(Calendar.from_ical(text)["METHOD"]), "method=REQUEST" in kind)

    async def test_the_same_key_books_once(self, clinic: Outsider) -> None:
        patient = clinic.account("patient", 13)
        service, practitioner = _service(clinic, "consultant"), clinic.account("consultant", 2)
        slot = (await _slots(clinic, service, patient, practitioner["id"]))[8]
        body = {"service": service["id"], "practitioners": [practitioner["id"]], "start": slot["start"]}
        key = str(uuid4())
        first = await clinic.call("POST", f"{API}/appointments", patient, body, Idempotency_Key=key)
        again = await clinic.call("POST", f"{API}/appointments", patient, body, Idempotency_Key=key)
        other = await clinic.call(
            "POST", f"{API}/appointments", patient, {**body, "reason": "new"}, Idempotency_Key=key
        )

        assert (201, first) == (first[0], again)
        assert (422, "idempotency_key_reused") == (other[0], other[1]["code"])


class TestVisits:
    async def test_the_visit_its_link_and_a_ticket(self, clinic: Outsider) -> None:
        appointment = clinic.facts["appointments"][0]
        patient = clinic.of(appointment["patient"])
        path = f"{API}/visits/{appointment['visit']}"
        _, visit = await clinic.get(path, patient)
        _, link = await clinic.get(f"{path}/link", patient)
        status, ticket = await clinic.call("POST", f"{path}/tickets", patient)
        foreign, _ = await clinic.get(path, clinic.account("patient", 29))

        assert {"id", "version", "state", "participants", "started_at"} <= set(visit)
        assert link["url"] in {one["url"] for one in appointment["links"] if one["account"] == patient["id"]}
        assert (201, 404) == (status, foreign)
        assert {"ticket", "expires_at", "ice_servers"} <= set(ticket)

    async def test_a_personal_link_needs_no_sign_in(self, clinic: Outsider) -> None:
        for link in clinic.facts["appointments"][0]["links"]:
            async with aiohttp.ClientSession() as nobody, nobody.get(clinic.url + link["url"]) as page:
                assert 200 == page.status
        status, _ = await clinic.get("/j/" + "x" * 32)
        assert 404 == status

    async def test_knock_admit_signal_leave(self, clinic: Outsider) -> None:
        appointment = clinic.facts["appointments"][0]
        guest, host = clinic.of(appointment["patient"]), clinic.of(appointment["practitioners"][0])
        async with await self._joined(clinic, appointment, host) as hosting:
            first = await hosting.receive_json(timeout=10)
            assert "state" == first["type"]
            async with await self._joined(clinic, appointment, guest) as waiting:
                await waiting.receive_json(timeout=10)
                await waiting.send_json({"type": "knock"})
                await self._until(hosting, guest["id"], "waiting")
                await hosting.send_json({"type": "admit", "participant": guest["id"]})
                state = await self._until(waiting, guest["id"], "inside")
                assert "inside" == _seat(state, host["id"])
                await hosting.send_json({"type": "signal", "to": guest["id"], "data": {"candidate": "x"}})
                while (message := await waiting.receive_json(timeout=10))["type"] != "signal":
                    continue
                assert {"candidate": "x"} == message["data"]

    async def _joined(
        self, clinic: Outsider, appointment: dict[str, Any], who: dict[str, Any]
    ) -> aiohttp.ClientWebSocketResponse:
        _, made = await clinic.call("POST", f"{API}/visits/{appointment['visit']}/tickets", who)
        bearer = {"Authorization": f"Bearer {who['token']}"}
        room = await clinic.http.ws_connect(f"{clinic.url}/rooms", headers=bearer)
        await room.send_json({"type": "join", "ticket": made["ticket"]})
        return room

    async def _until(self, room: aiohttp.ClientWebSocketResponse, account: str, state: str) -> dict[str, Any]:
        async with asyncio.timeout(15):
            while True:
                message = await room.receive_json()
                if message["type"] == "state" and _seat(message["visit"], account) == state:
                    return dict(message["visit"])


def _seat(visit: dict[str, Any], account: str) -> str:
    return str(next(one["state"] for one in visit["participants"] if one["account"] == account))


class TestMessaging:
    async def _conversation(self, clinic: Outsider, team: dict[str, Any]) -> str:
        patient = clinic.of(team["patient"])
        _, page = await clinic.get(f"{API}/conversations", patient)
        return str(page["items"][0]["id"])

    async def test_send_read_edit_retract_are_one_gap_free_log(self, clinic: Outsider) -> None:
        team = clinic.facts["care_teams"][2]
        patient, member = clinic.of(team["patient"]), clinic.of(team["members"][0])
        path = f"{API}/conversations/{await self._conversation(clinic, team)}"
        body = {"client_id": str(uuid4()), "body": "How do I start with oats?"}
        sent = await clinic.call("POST", f"{path}/messages", patient, body)
        again = await clinic.call("POST", f"{path}/messages", patient, body)
        await clinic.call("POST", f"{path}/messages/{sent[1]['id']}/edit", patient, {"body": "How do I begin?"})
        read = await clinic.call("POST", f"{path}/read", member, {"up_to": sent[1]["seq"]})
        await clinic.call("POST", f"{path}/messages/{sent[1]['id']}/retract", patient)
        _, mine = await clinic.get(f"{path}/events?after=0&limit=100", patient)
        _, theirs = await clinic.get(f"{path}/events?after=0&limit=100", member)

        assert (201, sent[1]["id"], sent[1]["seq"]) == (sent[0], again[1]["id"], again[1]["seq"])
        assert read[0] in {200, 204}
        assert mine["items"] == theirs["items"]
        assert list(range(1, len(mine["items"]) + 1)) == [one["seq"] for one in mine["items"]]
        types = [one["type"] for one in mine["items"]]
        assert {"message.sent", "message.edited", "read", "message.retracted"} <= set(types)
        assert {"id", "seq", "client_id", "sent_at"} <= set(sent[1])

    async def test_a_send_over_the_socket_is_delivered_to_the_other(self, clinic: Outsider) -> None:
        team = clinic.facts["care_teams"][4]
        patient, member = clinic.of(team["patient"]), clinic.of(team["members"][0])
        conversation = await self._conversation(clinic, team)
        async with await self._hello(clinic, member) as listening, await self._hello(clinic, patient) as writing:
            ids = [str(uuid4()) for _ in range(5)]
            for number, client_id in enumerate(ids):
                message = {"type": "send", "conversation": conversation, "client_id": client_id, "body": f"{number}"}
                await writing.send_json(message)
            sent = [await self._next(writing, "sent") for _ in ids]
            heard: list[dict[str, Any]] = []
            while len(heard) < 5:
                event = (await self._next(listening, "event"))["event"]
                if event["type"] == "message.sent" and event["conversation"] == conversation:
                    heard.append(event)
        seqs = [one["seq"] for one in sent]
        assert ids == [one["client_id"] for one in sent]
        assert seqs == sorted(seqs)
        assert [("0", patient["id"]), ("4", patient["id"])] == [(heard[n]["body"], heard[n]["sender"]) for n in (0, 4)]

    async def _hello(self, clinic: Outsider, who: dict[str, Any]) -> aiohttp.ClientWebSocketResponse:
        bearer = {"Authorization": f"Bearer {who['token']}"}
        stream = await clinic.http.ws_connect(f"{clinic.url}/events", headers=bearer)
        await stream.send_json({"type": "hello", "cursor": None})
        assert "welcome" == (await stream.receive_json(timeout=10))["type"]
        return stream

    async def _next(self, stream: aiohttp.ClientWebSocketResponse, kind: str) -> Any:
        async with asyncio.timeout(15):
            while True:
                message = await stream.receive_json()
                if message["type"] == kind:
                    return message

    async def test_outsiders_have_no_way_in(self, clinic: Outsider) -> None:
        conversation = await self._conversation(clinic, clinic.facts["care_teams"][2])
        stranger = clinic.account("patient", 29)
        body = {"client_id": str(uuid4()), "body": "hello"}
        answers = [
            await clinic.get(f"{API}/conversations/{conversation}/events?after=0&limit=5", stranger),
            await clinic.call("POST", f"{API}/conversations/{conversation}/messages", stranger, body),
        ]

        assert [404, 404] == [status for status, _ in answers]


class TestReports:
    async def test_a_file_becomes_a_report_and_stays_itself(self, clinic: Outsider) -> None:
        team = clinic.facts["care_teams"][0]
        member, patient = clinic.of(team["members"][0]), clinic.of(team["patient"])
        form = aiohttp.FormData()
        form.add_field("file", PROFILE.encode(), filename="whatever.pdf", content_type="application/octet-stream")
        form.add_field("metadata", "{}")
        bearer = {"Authorization": f"Bearer {member['token']}"}
        where = f"{clinic.url}{API}/patients/{team['patient']}/reports"
        async with clinic.http.post(where, data=form, headers=bearer) as answer:
            status, made = answer.status, await answer.json()
        report = await self._settled(clinic, made["id"], patient)
        original = await clinic.get(f"{API}/reports/{made['id']}/original", member)
        page, _ = await clinic.get(f"/reports/{made['id']}", patient)
        foreign, _ = await clinic.get(f"{API}/reports/{made['id']}", clinic.account("patient", 29))

        assert (202, "ready", 200, 404) == (status, report["state"], page, foreign)
        assert PROFILE.encode() == original[1]
        genera = {one["name"]: one["percent"] for one in report["taxa"] if one["rank"] == "genus"}
        assert {"Bacteroides": 60.0, "Roseburia": 30.0} == genera

    async def _settled(self, clinic: Outsider, report: str, who: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while True:
                _, found = await clinic.get(f"{API}/reports/{report}", who)
                if found["state"] != "received":
                    return dict(found)
                await asyncio.sleep(0.2)


class TestCarePlan:
    async def test_the_plan_is_read_and_an_unanswered_gate_blocks(self, clinic: Outsider) -> None:
        team = clinic.facts["care_teams"][0]
        member = clinic.of(team["members"][0])
        status, plan = await clinic.get(f"{API}/patients/{team['patient']}/care-plan", member)

        assert (200, True) == (status, {"goals", "steps"} <= set(plan))

    async def test_instruments_are_listed_and_a_missing_item_gives_no_total(self, clinic: Outsider) -> None:
        status, page = await clinic.get(f"{API}/instruments", clinic.account("patient"))

        assert (200, True) == (status, bool(page["items"]))
