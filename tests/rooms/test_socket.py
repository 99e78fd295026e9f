"""Raw sockets at real servers: waiting, admission, signals, panels, two processes, a restart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from telegut.app import build_app
from telegut.db.engine import Database
from telegut.rooms.signalling import Switchboard
from telegut.rooms.socket import SWITCHBOARD
from telegut.settings import Settings
from tests import build
from tests.conftest import Serve
from tests.rooms.visits import Agreed, At, Seat, agree, at, eventually, outcome_of

QUICK: dict[str, Any] = {"room_beat_s": 0.2, "room_silent_s": 1.5}


@pytest.fixture
async def visit(db: Database) -> Agreed:
    """A visit that starts in five minutes: its room is open."""
    return await agree(db)


async def in_a_call(here: At, there: At, visit: Agreed) -> tuple[Seat, Seat]:
    """The consultant at one server and the patient at another, both inside."""
    host = await here.join(visit.consultant, visit)
    guest = await there.join(visit.patient, visit)
    await guest.say("knock")
    await host.sees(visit.patient.id, "waiting")
    await host.say("admit", participant=guest.me)
    await host.sees(visit.patient.id, "inside")
    await guest.sees(visit.patient.id, "inside")
    return host, guest


def silence(board: Switchboard) -> None:
    """The process of *board* says nothing any more, and cannot say goodbye: what a SIGKILL leaves behind."""

    async def nothing(*_: object) -> None:
        return

    board.beat = nothing  # type: ignore[method-assign]
    board.depart = lambda member: None  # type: ignore[method-assign]
    board.refresh = lambda visit, version=None: None  # type: ignore[method-assign]


async def test_a_patient_knocks_at_one_process_and_is_let_in_at_another(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host = await here.join(visit.consultant, visit)
        guest = await there.join(visit.patient, visit)
        assert (host.place(visit.consultant.id), guest.place(visit.patient.id)) == ("inside", "checking")

        await guest.say("knock")
        await host.sees(visit.patient.id, "waiting")
        await host.say("admit", participant=guest.me)
        await guest.sees(visit.patient.id, "inside")
        await host.sees(visit.patient.id, "inside")

        assert host.visit == guest.visit == await there.state(visit.patient, visit.id)
        assert "live" == host.visit["state"]


async def test_versions_rise_by_one_and_everybody_sees_the_same(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)

        for seat in (host, guest):
            versions = [one["visit"]["version"] for one in seat.heard if one["type"] == "state"]
            assert versions == sorted(set(versions))


async def test_signals_go_between_processes_to_who_is_inside(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        long = "v=0\r\n" * 4000

        await host.say("signal", to=guest.me, description={"type": "offer", "sdp": long})
        heard = await guest.hears("signal")
        await guest.say("signal", candidate={"candidate": "candidate:1"})
        back = await host.hears("signal")

        assert ({"type": "offer", "sdp": long}, host.me) == (heard["description"], heard["from"])
        assert ({"candidate": "candidate:1"}, guest.me) == (back["candidate"], back["from"])


async def test_who_waits_gets_no_signal_and_can_send_none(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host = await here.join(visit.consultant, visit)
        guest = await here.join(visit.patient, visit)
        await guest.say("knock")
        await host.sees(visit.patient.id, "waiting")

        for kind in ("signal", "status"):
            await guest.say(kind, to=host.me, description={})
            refused = await guest.hears("refused", of=kind)
            await host.say(kind, to=guest.me, description={})
            other = await host.hears("refused", of=kind)
            await host.say(kind, description={})

            assert ("not_inside", "not_inside") == (refused["problem"]["code"], other["problem"]["code"])
        await host.say("remove", participant=guest.me)
        await guest.closed()

        assert [] == [one for seat in (host, guest) for one in seat.heard if one["type"] in {"signal", "status"}]


async def test_a_guest_cannot_admit_themselves(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        guest = await here.join(visit.patient, visit)
        await guest.say("knock")
        await guest.say("admit", participant=guest.me)
        refused = await guest.hears("refused", of="admit")

        assert ("not_the_host", 403) == (refused["problem"]["code"], refused["problem"]["status"])
        assert "waiting" == guest.place(visit.patient.id)


async def test_what_the_host_shows_reaches_who_is_inside_and_who_comes_back(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        await host.say("panel", panel="report", report="0190")
        shown = await guest.hears("panel")
        await guest.leave_silently()
        back = await there.join(visit.patient, visit)

        assert ("report", "0190") == (shown["panel"], shown["report"])
        assert {"panel": "report", "report": "0190", "from": host.me} == back.panel


async def test_who_waits_does_not_learn_what_is_shown(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host = await here.join(visit.consultant, visit)
        await host.say("panel", panel="report", report="0190")
        await host.hears("panel")
        guest = await here.join(visit.patient, visit)
        await guest.say("knock")
        await guest.sees(visit.patient.id, "waiting")

        assert guest.panel is None
        assert [] == [one for one in guest.heard if one["type"] == "panel"]


async def test_only_the_host_shows_something_and_only_names(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        await guest.say("panel", panel="report")
        await host.say("panel", panel="report", text="x" * 500)

        assert "not_the_host" == (await guest.hears("refused", of="panel"))["problem"]["code"]
        assert "invalid" == (await host.hears("refused", of="panel"))["problem"]["code"]


async def test_who_is_sent_out_loses_the_socket(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        await host.say("remove", participant=guest.me)

        assert 4403 == await guest.closed()
        await host.sees(visit.patient.id, "left")


async def test_leaving_is_a_calm_end_and_the_seat_has_to_be_asked_for_again(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        await guest.say("leave")
        code = await guest.closed()
        await host.sees(visit.patient.id, "left")
        again = await here.join(visit.patient, visit)

        assert (1000, "checking") == (code, again.place(visit.patient.id))


async def test_the_end_closes_every_socket_and_settles_the_outcome(serve: Serve, db: Database, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        await host.say("end")

        assert [4410, 4410] == [await host.closed(), await guest.closed()]
        assert ("ended", "attended") == (guest.visit["state"], guest.visit["outcome"])
        assert ("completed", "attended") == await outcome_of(db, visit)


async def test_a_lost_connection_keeps_the_seat(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        await guest.leave_silently()
        await host.sees(visit.patient.id, "away")
        back = await here.join(visit.patient, visit)
        await host.sees(visit.patient.id, "inside")

        assert "inside" == back.place(visit.patient.id)


async def test_a_second_device_takes_the_seat_over(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        moved = await here.join(visit.patient, visit)

        assert 4409 == await guest.closed()
        assert "inside" == moved.place(visit.patient.id)
        assert "inside" == host.place(visit.patient.id)


async def test_a_process_that_died_is_noticed_and_its_people_come_back_inside(
    settings: Settings, serve: Serve, visit: Agreed
) -> None:
    dying = TestServer(build_app(replace(settings, **QUICK)), host="127.0.0.1")
    await dying.start_server()
    async with at(await serve(**QUICK)) as here, at(str(dying.make_url("")).rstrip("/")) as there:
        host, guest = await in_a_call(here, there, visit)
        silence(dying.app[SWITCHBOARD])
        await host.sees(visit.patient.id, "away")
        back = await here.join(visit.patient, visit)
        await host.sees(visit.patient.id, "inside")

        assert "inside" == back.place(visit.patient.id)
        assert not guest.socket.closed
    await dying.close()


async def test_a_restarted_server_asks_everybody_back_into_the_same_seats(
    settings: Settings, serve: Serve, visit: Agreed
) -> None:
    server = TestServer(build_app(settings), host="127.0.0.1")
    await server.start_server()
    async with at(str(server.make_url("")).rstrip("/")) as before:
        host, guest = await in_a_call(before, before, visit)
        await server.close()
        codes = {await host.closed(), await guest.closed()}
    async with at(await serve()) as after:
        host, guest = await asyncio.gather(after.join(visit.consultant, visit), after.join(visit.patient, visit))
        await host.sees(visit.patient.id, "inside")
        await guest.sees(visit.consultant.id, "inside")

        assert codes <= {1012, 1001, 1006}


async def test_of_a_hundred_uses_of_one_ticket_one_succeeds(serve: Serve, visit: Agreed) -> None:
    async with at(await serve(sockets_per_account=500)) as here:
        ticket = await here.ticket(visit.patient, visit.id)

        async def use() -> str:
            socket = await here.open(ticket)
            first = await socket.receive_json()
            return str(first["type"])

        answers = await asyncio.gather(*(use() for _ in range(100)))

        assert (1, 99) == (answers.count("state"), answers.count("refused"))


async def test_a_ticket_ends_by_the_database_clock(serve: Serve, visit: Agreed) -> None:
    async with at(await serve(ticket_lifetime_s=0)) as here:
        socket = await here.open(await here.ticket(visit.patient, visit.id))
        refused = await socket.receive_json()
        closing = await socket.receive()

        assert ("ticket_spent", 4400) == (refused["problem"]["code"], closing.data)


async def test_a_socket_without_a_ticket_is_closed(serve: Serve) -> None:
    async with at(await serve()) as here:
        for first in ('{"type": "knock"}', "not json", '{"type": "join"}', '{"type": "join", "ticket": 7}'):
            socket = await here.session.ws_connect(f"{here.url}/rooms")
            await socket.send_str(first)
            refused = await socket.receive_json()
            closing = await socket.receive()

            assert ("refused", 4400) == (refused["type"], closing.data)


async def test_a_silent_socket_is_closed(serve: Serve) -> None:
    async with at(await serve(room_join_s=0.1)) as here:
        socket = await here.session.ws_connect(f"{here.url}/rooms")

        assert 4400 == (await socket.receive()).data


async def test_a_foreign_page_is_refused_at_the_handshake(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await here.session.ws_connect(f"{here.url}/rooms", origin="https://elsewhere.example")

        assert 403 == refusal.value.status


async def test_a_flood_is_refused_and_then_closed_and_the_other_person_stays(serve: Serve, visit: Agreed) -> None:
    async with at(await serve(room_messages_per_s=5)) as here:
        host = await here.join(visit.consultant, visit)
        guest = await here.join(visit.patient, visit)
        for _ in range(200):
            if guest.socket.closed:
                break
            await guest.say("signal", candidate={"candidate": "x"})

        assert 4429 == await guest.closed()
        await host.sees(visit.patient.id, "expected")
        assert not host.socket.closed


async def test_an_oversized_message_ends_only_its_own_socket(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        await guest.say("signal", description={"sdp": "x" * 70_000})
        code = await guest.closed()
        await host.sees(visit.patient.id, "away")

        assert 1009 == code


async def test_nonsense_is_answered_kindly_and_changes_nothing(serve: Serve, visit: Agreed) -> None:
    nonsense = ["[]", "7", '{"no": "type"}', '{"type": "dance"}', '{"type": "admit"}', "{"]
    nonsense += ['{"type": "photo", "event": []}', '{"type": "screen", "event": {}}']
    nonsense += ['{"type": "panel", "kind": "\\u0000"}', '{"type": "knock", "why": "\\ud800"}', '{"type": NaN}']
    nonsense += ['{"type": "panel", "n": 1' + "0" * 400 + "}", '{"type": "panel", "n": 1e999}']
    async with at(await serve()) as here:
        host = await here.join(visit.consultant, visit)
        for message in nonsense:
            await host.socket.send_str(message)
        await eventually(lambda: len(host.heard) == 1 + len(nonsense), "all are answered")

        assert {422} == {one["problem"]["status"] for one in host.heard[1:]}
        assert not host.socket.closed


async def test_signing_out_ends_the_room_it_opened(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        guest = await here.join(visit.patient, visit)
        kept = await here.ticket(visit.patient, visit.id)
        async with here.session.delete(f"{here.url}/api/v1/tokens/current", headers=visit.patient.bearer) as answer:
            assert answer.status in (200, 204)

        assert 4401 == await guest.closed()
        late = Seat(await here.open(kept), visit.patient.id)  # a ticket from before opens nothing
        assert 4400 == await late.closed()
        assert not [one for one in late.heard if one["type"] == "state"]


async def test_somebody_else_has_no_way_in(serve: Serve, db: Database, visit: Agreed) -> None:
    stranger = await build.person(db, "consultant", "Mei Tanaka")
    async with at(await serve()) as here:
        for path in ("", "/link"):
            url = f"{here.url}/api/v1/visits/{visit.id}{path}"
            async with here.session.get(url, headers=stranger.bearer) as answer:
                assert answer.status == 404
        async with here.session.post(f"{here.url}/api/v1/visits/{visit.id}/tickets", headers=stranger.bearer) as answer:
            assert answer.status == 404


async def test_ice_servers_are_told_again_on_asking(serve: Serve, visit: Agreed) -> None:
    turn = {"turn_urls": ("turn:turn.example:3478",), "turn_secret": "north"}
    async with at(await serve(**turn)) as here:
        host = await here.join(visit.consultant, visit)
        await host.say("ice")
        told = await host.hears("ice")

        assert ("relay", ["turn:turn.example:3478"]) == (told["ice_transport_policy"], told["ice_servers"][0]["urls"])


async def test_a_connection_another_process_holds_is_left_alone(serve: Serve, visit: Agreed) -> None:
    async with at(await serve(**QUICK)) as here, at(await serve(**QUICK)) as there:
        host, guest = await in_a_call(here, there, visit)
        before = guest.visit["version"]
        await asyncio.sleep(2.0)  # longer than silence is allowed: both processes have spoken meanwhile

        assert before == (await here.state(visit.patient, visit.id))["version"]
        assert (False, False) == (host.socket.closed, guest.socket.closed)
        await eventually(lambda: host.visit["version"] == before, "nothing changed")
