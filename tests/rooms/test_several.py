"""Several messages in one, as pages say what they say in one moment."""

from __future__ import annotations

import json
from typing import Any

import pytest

from telegut.db.engine import Database
from telegut.errors import Invalid
from telegut.rooms.signalling import SEVERAL
from telegut.rooms.socket import parts
from tests.conftest import Serve
from tests.rooms.visits import agree, at, eventually

HAND = {"type": "hand", "raised": True}


def test_they_are_taken_in_their_order() -> None:
    said = [{"type": "follow", "following": True}, HAND, {"type": "leave"}]

    assert said == parts({"type": "several", "messages": said})


@pytest.mark.parametrize(
    "messages",
    [
        None,
        {},
        "knock",
        [],
        [7],
        [{}],
        [{"type": 7}],
        [HAND] * (SEVERAL + 1),
        [{"type": "several", "messages": [HAND]}],
    ],
)
def test_nothing_else_is(messages: Any) -> None:
    with pytest.raises(Invalid):
        parts({"type": "several", "messages": messages})


async def test_each_is_answered_as_if_it_came_alone(serve: Serve, db: Database) -> None:
    visit = await agree(db)
    async with at(await serve()) as here:
        host = await here.join(visit.consultant, visit)
        guest = await here.join(visit.patient, visit)
        assert SEVERAL == guest.heard[0]["several"]

        await guest.say("several", messages=[{"type": "dance"}, {"type": "knock"}, {"type": "ice"}])
        await host.sees(visit.patient.id, "waiting")
        assert "dance" == (await guest.hears("refused"))["of"]
        await guest.hears("ice")
        await guest.say("several", messages=[])
        await eventually(lambda: guest.heard[-1]["type"] == "refused", "an empty one is refused")
        assert not guest.socket.closed


async def test_each_counts_as_one(serve: Serve, db: Database) -> None:
    visit = await agree(db)
    async with at(await serve(room_messages_per_s=5)) as here:
        guest = await here.join(visit.patient, visit)
        for _ in range(2):
            await guest.say("several", messages=[{"type": "ice"}] * 10)
        refused = await guest.hears("refused")

        assert "too_many" == refused["problem"]["code"], json.dumps(refused)
