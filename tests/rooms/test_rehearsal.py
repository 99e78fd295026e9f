"""The check before a visit over the real path: what it means, who may say it, where it is shown."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.rooms.rehearsal.rules import DELAY_S, LOSS, Found, Grade, Trouble, Verdict, Way, verdict
from telegut.rooms.rehearsal.service import verdicts
from tests import build
from tests.rooms.visits import SYSTEM, agree

Client = TestClient[web.Request, web.Application]
FINE: dict[str, Any] = {"camera": True, "microphone": True, "way": "direct", "relay": True, "round_trip_s": 0.05}


@pytest.mark.parametrize(
    ("found", "troubles"),
    [
        (Found(True, True, Way.DIRECT, None, 0.0, 0.05), ()),
        (Found(True, True, Way.RELAY, True, LOSS, DELAY_S), ()),
        (Found(True, True, Way.TCP, True, 0.0, 0.05), (Trouble.TCP,)),
        (Found(True, True, Way.DIRECT, False, 0.0, 0.05), (Trouble.RELAY,)),
        (Found(True, True, Way.NONE, False, 0.0, None), (Trouble.NO_WAY,)),
        (Found(False, True, Way.DIRECT, None, 0.0, 0.05), (Trouble.CAMERA,)),
        (
            Found(False, False, Way.DIRECT, None, 0.2, 0.9),
            tuple(t for t in Trouble if t in "microphone loss delay camera"),
        ),
    ],
)
def test_what_a_check_means(found: Found, troubles: tuple[Trouble, ...]) -> None:
    assert Verdict(Grade.RISKY if troubles else Grade.READY, troubles) == verdict(found)


async def test_the_last_check_counts_and_nothing_else_is_kept(client: Client, db: Database) -> None:
    visit = await agree(db)
    path = f"/api/v1/visits/{visit.id}/rehearsal"
    said = []
    for change in ({"way": "tcp", "loss": 0.2}, {}):
        async with client.put(path, json=FINE | change, headers=visit.patient.bearer) as answer:
            assert answer.status == 200
            said.append(await answer.json())
    async with db.begin(SYSTEM) as tx:
        kept = await verdicts(tx, [visit.id])

    assert said == [{"grade": "risky", "troubles": ["loss", "tcp"]}, {"grade": "ready", "troubles": []}]
    assert kept == {visit.id: {visit.patient.id: Verdict(Grade.READY, ())}}


@pytest.mark.parametrize(
    "change", [{"way": "pigeon"}, {"loss": 2}, {"round_trip_s": -1}, {"camera_name": "FaceTime HD"}]
)
async def test_what_makes_no_sense_is_refused_by_field(client: Client, db: Database, change: dict[str, Any]) -> None:
    visit = await agree(db)
    path = f"/api/v1/visits/{visit.id}/rehearsal"
    async with client.put(path, json=FINE | change, headers=visit.patient.bearer) as answer:
        assert answer.status == 422
        assert [one["field"] for one in (await answer.json())["errors"]] == list(change)


async def test_without_a_forwarder_it_says_so_and_a_broken_offer_is_refused_before(
    client: Client, db: Database
) -> None:
    visit = await agree(db)
    path = f"/api/v1/visits/{visit.id}/rehearsal"
    legs = {"there": {"offer": "v=0"}, "back": {"offer": "v=0"}}
    async with client.post(path, json=legs, headers=visit.patient.bearer) as answer:
        assert answer.status == 422


async def test_servers_are_told_to_who_has_a_seat_alone(client: Client, db: Database) -> None:
    visit = await agree(db)
    stranger = await build.person(db, "patient", "Mia Berg")
    path = f"/api/v1/visits/{visit.id}/ice-servers"
    async with client.get(path, headers=visit.patient.bearer) as answer:
        told = await answer.json()
    async with client.get(path, headers=stranger.bearer) as answer:
        assert answer.status == 404

    assert told == {"ice_servers": [], "ice_transport_policy": "all"}
