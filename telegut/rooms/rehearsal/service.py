"""Rehearsals: a browser's two throw-away connections with the forwarder, and what came of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import Invalid, TelegutError
from telegut.rooms.ice import IceServers
from telegut.rooms.media import sdp
from telegut.rooms.media.control import MediaAway
from telegut.rooms.media.link import MediaLink
from telegut.rooms.paths import Paths
from telegut.rooms.rehearsal.rules import Found, Grade, Trouble, Verdict, verdict
from telegut.rooms.rehearsal.tables import rehearsals
from telegut.rooms.service import SYSTEM, Rooms, own_seat

THERE, BACK = "there", "back"
"""The two seats of a rehearsal: one sends, the other is shown it."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One connection: the browser's offer, what its m-lines send, and its places (see `media.session.Layout`)."""

    offer: str
    sends: Mapping[str, str]
    shows: Iterable[Mapping[str, str]]


class Rehearsals:
    """The service. links: the media processes that this web process is connected with."""

    def __init__(self, rooms: Rooms, paths: Paths, links: Callable[[], Iterable[MediaLink]]) -> None:
        self._rooms = rooms
        self._paths = paths
        self._links = links

    async def servers(self, caller: Caller, visit: UUID) -> IceServers:
        """
        By which servers the caller finds a way, with credentials from now on.

        Raises:
            NotFound: the caller has no seat in such a visit.
        """
        return await self._paths.servers(visit, await self._seat(caller, visit))

    async def begin(self, caller: Caller, visit: UUID, there: Leg, back: Leg) -> tuple[str, str]:
        """
        The forwarder's answers to both connections. An earlier rehearsal of the same person ends.

        Raises:
            NotFound: the caller has no seat in such a visit. MediaAway: no forwarder takes it. Invalid: it makes no
                sense.
        """
        room = _name(visit, await self._seat(caller, visit))
        for leg in (there, back):
            _check(leg.offer)
        link = min(self._links(), key=_load, default=None)
        if link is None:
            raise MediaAway
        await link.do(do="leave", room=room)
        answers = [await link.do(do="join", room=room, seat=seat, **_body(leg)) for seat, leg in _both(there, back)]
        return answers[0]["answer"], answers[1]["answer"]

    async def end(self, caller: Caller, visit: UUID, found: Found) -> Verdict:
        """
        Let the forwarder forget it, and keep what it means for the visit.

        Raises:
            NotFound: the caller has no seat in such a visit.
        """
        account, means = await self._seat(caller, visit), verdict(found)
        for link in self._links():
            await _leave(link, _name(visit, account))
        known = {"grade": means.grade.value, "troubles": [one.value for one in means.troubles]}
        row = {**known, "checked_at": func.statement_timestamp()}
        async with self._rooms.db.begin(SYSTEM) as tx:
            keep = insert(rehearsals).values(visit=visit, account=account, **row)
            await tx.execute(keep.on_conflict_do_update(constraint="rooms_rehearsal_pkey", set_=row))
        return means

    async def _seat(self, caller: Caller, visit: UUID) -> UUID:
        return own_seat(await self._rooms.view(caller, visit), caller).account


async def verdicts(tx: Transaction, visits: Collection[UUID]) -> dict[UUID, dict[UUID, Verdict]]:
    """Of each of *visits*, how the last check of each person went. Checks nobody's right to know it."""
    found: defaultdict[UUID, dict[UUID, Verdict]] = defaultdict(dict)
    for row in await tx.execute(select(rehearsals).where(rehearsals.c.visit.in_(visits))):
        found[row.visit][row.account] = Verdict(Grade(row.grade), tuple(Trouble(one) for one in row.troubles))
    return found


def _check(offer: str) -> None:
    try:
        sdp.read(offer)
    except sdp.NotUnderstood as exc:
        raise Invalid(str(exc)) from exc


async def _leave(link: MediaLink, room: str) -> None:
    try:
        await link.do(do="leave", room=room)
    except TelegutError:
        return  # it forgets by itself whoever is silent for half a minute


def _load(link: MediaLink) -> float:
    return link.health.load if link.health is not None else 1.0


def _name(visit: UUID, account: UUID) -> str:
    """The room of a rehearsal: no visit has such a name."""
    return f"try {visit} {account}"


def _both(there: Leg, back: Leg) -> tuple[tuple[str, Leg], tuple[str, Leg]]:
    return (THERE, there), (BACK, back)


def _body(leg: Leg) -> dict[str, Any]:
    return {"offer": leg.offer, "sends": dict(leg.sends), "shows": [dict(one) for one in leg.shows]}
