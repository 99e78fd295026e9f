"""Encryption over the real API and socket: the host's switch, sealed keys between two servers, candidates that hide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from telegut.app import build_app
from telegut.db.engine import Database
from telegut.rooms.tables import happened
from telegut.settings import Settings
from tests.build import Account
from tests.conftest import Serve
from tests.rooms.encryption.test_candidates import LINES, RELAY, RELAY_TOLD
from tests.rooms.test_socket import in_a_call
from tests.rooms.visits import SYSTEM, Agreed, At, agree, at, eventually

HALF, SEALED = "B" * 87, "s" * 88


@pytest.fixture
async def visit(db: Database) -> Agreed:
    """A visit whose room is open."""
    return await agree(db)


async def choose(here: At, who: Account, visit: Agreed, on: Any) -> tuple[int, dict[str, Any]]:
    """Switch encryption as *who*."""
    address = f"{here.url}/api/v1/visits/{visit.id}/encryption"
    async with here.session.put(address, json={"on": on}, headers=who.bearer) as answer:
        return answer.status, dict(await answer.json())


async def test_a_host_switches_it_and_everybody_inside_is_told(serve: Serve, db: Database, visit: Agreed) -> None:
    async with at(await serve()) as here:
        assert (await here.state(visit.patient, visit.id))["encrypted"] is False
        host, guest = await in_a_call(here, here, visit)

        status, said = await choose(here, visit.consultant, visit, True)
        assert (200, True) == (status, said["encrypted"])
        for seat in (host, guest):
            await eventually(lambda seat=seat: seat.visit.get("encrypted"), "everybody is told")  # type: ignore[misc]
        assert (await here.state(visit.patient, visit.id))["encrypted"] is True
        again, _ = await choose(here, visit.consultant, visit, True)
        assert 200 == again
        await choose(here, visit.consultant, visit, False)

        assert 403 == (await choose(here, visit.patient, visit, True))[0]
        assert 422 == (await choose(here, visit.consultant, visit, "perhaps"))[0]
    async with db.begin(SYSTEM) as tx:
        words = await tx.execute(
            select(happened.c.word).where(happened.c.visit == visit.id, happened.c.by == visit.consultant.id)
        )
        assert ["encrypted", "decrypted"] == [word for word in words.scalars() if word.endswith("crypted")]


async def test_the_clinics_setting_holds_until_a_host_chooses(settings: Settings, visit: Agreed) -> None:
    server = TestServer(build_app(replace(settings, visit_encrypted=True)), host="127.0.0.1")
    await server.start_server()
    try:
        async with at(str(server.make_url("")).rstrip("/")) as here:
            assert (await here.state(visit.patient, visit.id))["encrypted"] is True
            _, said = await choose(here, visit.consultant, visit, False)
            assert said["encrypted"] is False
            assert (await here.state(visit.patient, visit.id))["encrypted"] is False
    finally:
        await server.close()


async def test_sealed_keys_pass_between_processes_to_one_person_inside(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host = await here.join(visit.consultant, visit)
        guest = await there.join(visit.patient, visit)
        await guest.say("key", to=host.me, half=HALF)
        assert "not_inside" == (await guest.hears("refused", of="key"))["problem"]["code"]
        await guest.leave_silently()

        host, guest = await in_a_call(here, there, visit)
        await host.say("key", to=guest.me, half=HALF, sealed=SEALED, plain="nothing of this")
        heard = await guest.hears("key")
        assert heard == {"type": "key", "from": host.me, "half": HALF, "sealed": SEALED}
        await guest.say("key", to=host.me, half=HALF, sealed="s" * 4000)
        assert "invalid" == (await guest.hears("refused", of="key"))["problem"]["code"]


async def test_no_address_that_the_policy_hides_passes_the_socket(settings: Settings, visit: Agreed) -> None:
    hiding = replace(settings, turn_urls=("turn:turn.example:3478",), turn_secret="s3cret")
    server = TestServer(build_app(hiding), host="127.0.0.1")
    await server.start_server()
    try:
        async with at(str(server.make_url("")).rstrip("/")) as here:
            host, guest = await in_a_call(here, here, visit)
            for _, line, _ in LINES:
                await guest.say("signal", to=host.me, candidate={"candidate": line, "sdpMid": "0"})
            sdp = f"v=0\r\nc=IN IP4 192.0.2.77\r\na={RELAY}\r\na=candidate:2 1 udp 1 192.168.1.4 5 typ host\r\n"
            await guest.say("signal", to=host.me, description={"type": "offer", "sdp": sdp})
            heard = await host.hears("signal", description={"type": "offer", "sdp": _told(sdp)})

            signals = [one for one in host.heard if one["type"] == "signal"]
            assert heard in signals
            assert RELAY_TOLD in {one["candidate"]["candidate"] for one in signals if "candidate" in one}
            for address in ("192.168.", "192.0.2.", "2001:db8"):
                assert address not in str(signals)
    finally:
        await server.close()


def _told(sdp: str) -> str:
    kept = sdp.replace("192.0.2.77\r\na=", "0.0.0.0\r\na=", 1).replace(RELAY, RELAY_TOLD)
    return kept.replace("a=candidate:2 1 udp 1 192.168.1.4 5 typ host\r\n", "")


async def test_recording_and_encryption_exclude_each_other(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, _ = await in_a_call(here, here, visit)
        await choose(here, visit.consultant, visit, True)
        await host.say("record", do="ask", why="To watch it again")
        assert "not_recorded" == (await host.hears("refused", of="record"))["problem"]["code"]

        await choose(here, visit.consultant, visit, False)
        await host.say("record", do="ask", why="To watch it again")
        await eventually(lambda: [one for one in host.heard if one["type"] == "recording"], "it is asked")
        status, problem = await choose(here, visit.consultant, visit, True)
        assert (409, "recording_runs") == (status, problem["code"])
