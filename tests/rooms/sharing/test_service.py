"""Sharing a screen over sockets: a host may, a guest with a host's leave, in any process."""

from __future__ import annotations

import pytest

from telegut.db.engine import Database
from tests.conftest import Serve
from tests.rooms.pointing.test_service import refused
from tests.rooms.test_socket import in_a_call
from tests.rooms.visits import Agreed, agree, at


@pytest.fixture
async def visit(db: Database) -> Agreed:
    """A visit."""
    return await agree(db)


async def test_a_guest_shares_with_leave_and_not_without(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        assert "not_allowed_to_share" == await refused(guest, "screen", event="sharing", on=True)
        assert "not_the_host" == await refused(guest, "screen", event="stop", to=host.me)

        await guest.say("screen", event="ask")
        await host.hears("screen", event="ask")
        await host.say("screen", event="allow", to=guest.me)
        leave = (await guest.hears("screen", event="allow"))["pass"]
        await guest.say("screen", event="sharing", on=True, **{"pass": leave})
        assert guest.me == (await host.hears("screen", event="sharing", on=True))["from"]

        # Somebody else's leave is none.
        forged = "A" * len(leave)
        assert "not_allowed_to_share" == await refused(guest, "screen", event="sharing", on=True, **{"pass": forged})
        await host.say("screen", event="stop", to=guest.me)
        await guest.hears("screen", event="stop")


async def test_a_host_shares_and_is_asked_by_the_other(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        await host.say("screen", event="sharing", on=True)
        await guest.hears("screen", event="sharing", on=True)
        await host.say("photo", event="taking")
        await guest.hears("photo", event="taking")
        assert "invalid" == await refused(host, "screen", event="dance")


async def test_captions_are_refused_where_there_is_no_source(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, _ = await in_a_call(here, here, visit)

        assert "no_captions" == await refused(host, "captions", on=True)
