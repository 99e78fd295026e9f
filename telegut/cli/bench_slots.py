"""
How fast free times are listed through HTTP: 20 practitioners over 90 days with 300 visits each, and one over 31 days.

There is no peer: no other server keeps these rules. The count is of statements that one question sends to the database,
from finding out who asks to the last row.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import event

from telegut.cli.bench_clinic import Clinic, clinic
from telegut.cli.bench_http import Connection, connections, get
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.measurement import Measurement
from telegut.db.caller import Caller
from telegut.settings import Settings

PRACTITIONERS: Final = 20
DAYS: Final = 90
VISITS: Final = 300
PATIENTS: Final = 4 * PRACTITIONERS
"""More than practitioners, so that nobody has two visits at one time."""
SYSTEM: Final = Caller.system("benchmark of free times")


async def measure(
    *, practitioners: int = PRACTITIONERS, days: int = DAYS, visits: int = VISITS, questions: int = 40
) -> list[Measurement]:
    """
    Fill a clinic of its own and ask it. *questions*: how often the large question is asked; the small one five times.

    Raises:
        CommandFailed: the server does not become ready, or lists nothing.
    """
    async with clinic() as place:
        busy = await _Filling(place, await place.database_url()).fill(practitioners, days, visits)
        async with connections(place.host, place.port, 1) as (line,):
            first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            large = await _p95_ms(line, busy.question(first, first + timedelta(days=days)), questions)
            alone = busy.question(first, first + timedelta(days=31), busy.consultants[0])
            small = await _p95_ms(line, alone, questions * 5)
        count = await busy.statements(first, first + timedelta(days=days))
    return [
        Measurement("slots", f"p95_{practitioners}x{days}", large, "ms"),
        Measurement("slots", "p95_1x31", small, "ms"),
        Measurement("slots", f"queries_{practitioners}x{days}", count, "count"),
    ]


async def _p95_ms(line: Connection, request: bytes, times: int) -> float:
    await _listed(line, request)  # the first one plans and imports
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await _listed(line, request)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]


async def _listed(line: Connection, request: bytes) -> None:
    status, body = await line.ask(request)
    if status != 200 or not body.startswith(b'{"items":[{'):
        raise CommandFailed(Exit.FAILED, f"free times were answered with {status}, {len(body)} bytes.")


class _Busy:
    """A clinic whose practitioners have full days."""

    def __init__(self, settings: Settings, token: str, service: UUID, consultants: list[UUID]) -> None:
        self._settings = settings
        self._token = token
        self.service = service
        self.consultants = consultants

    def question(self, since: datetime, until: datetime, practitioner: UUID | None = None) -> bytes:
        """The request for free times of one practitioner, or of all."""
        asked = {"service": str(self.service), "from": _text(since), "to": _text(until)}
        if practitioner is not None:
            asked["practitioner"] = str(practitioner)
        return get(f"/api/v1/slots?{urlencode(asked)}", self._token)

    async def statements(self, since: datetime, until: datetime) -> int:
        """How many statements the question costs, the one for who asks (over a line of its own) included."""
        from telegut.accounts.identity import caller_of
        from telegut.composition import build_foundation, build_services
        from telegut.scheduling.offers import Asked

        base = build_foundation(self._settings)
        services = build_services(base)
        said: list[str] = []
        event.listen(
            base.db.engine.sync_engine, "before_cursor_execute", lambda _, __, statement, *___: said.append(statement)
        )
        found = await services.accounts.resolve(self._token)
        if found is None:
            raise CommandFailed(Exit.FAILED, "the clinic's sign-ins are not good.")
        await services.scheduling.times.find(caller_of(found), Asked(self.service), since, until)
        await base.db.dispose()
        return len(said) + 1


class _Filling:
    """Makes practitioners, patients and visits beside the acceptance clinic."""

    def __init__(self, place: Clinic, url: str) -> None:
        self._place = place
        self._settings = Settings.load({}, data=str(place.data), database_url=url)

    async def fill(self, practitioners: int, days: int, visits: int) -> _Busy:
        """Everybody works from 08:00 to 20:00 in UTC; visits of half an hour are spread over their days."""
        from telegut.composition import build_foundation
        from telegut.db.ids import new_id
        from telegut.scheduling import calendars, catalogue
        from telegut.scheduling.rules import WEEKDAYS, Availability, VisitType, WeeklyRule

        base = build_foundation(self._settings)
        kind = VisitType(
            new_id(), "Measured", timedelta(minutes=30), timedelta(0), timedelta(minutes=10), ("consultant",)
        )
        hours = Availability("UTC", (WeeklyRule(WEEKDAYS, wall_time(8), wall_time(20)),))
        async with base.db.begin(SYSTEM) as tx:
            await catalogue.add_visit_type(tx, kind, place=99)
            consultants = [await self._person(tx, base.vault, "consultant", one) for one in range(practitioners)]
            patients = [await self._person(tx, base.vault, "patient", one) for one in range(4 * practitioners)]
            for one in consultants:
                await catalogue.add_provider(tx, one, "consultant", "UTC", [kind.id])
                await calendars.replace(tx, one, hours, version=None, by=None)
        for number in range(visits):
            async with base.db.begin(SYSTEM) as tx:
                await self._book(tx, kind.id, consultants, patients, number, days / visits)
        await base.db.dispose()
        token = self._place.accounts("patient")[0]["token"]
        return _Busy(self._settings, token, kind.id, consultants)

    async def _person(self, tx: Any, vault: Any, role: str, number: int) -> UUID:
        from telegut.accounts import people
        from telegut.accounts.people import NewPerson
        from telegut.accounts.rules import Role
        from telegut.db.ids import new_id

        made = NewPerson(
            id=new_id(),
            email=f"measured.{role}.{number}@clinic.example",
            name=f"Measured {role} {number}",
            roles=frozenset({Role(role)}),
            zone="UTC",
            created_at=datetime.now(UTC),
        )
        return (await people.add(tx, vault, made)).id

    async def _book(
        self, tx: Any, service: UUID, consultants: list[UUID], patients: list[UUID], number: int, apart: float
    ) -> None:
        """The visit *number* of everybody: at another hour for each day, and all of them at once."""
        from telegut.scheduling.booking import Wanted, take_all

        day = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
        start = day + timedelta(days=int(number * apart), hours=number * 7 % 12)
        wishes = [
            Wanted(service, (one,), start, patients[(number * 7 + place) % len(patients)], unasked=True)
            for place, one in enumerate(consultants)
        ]
        outcomes = await take_all(tx, wishes)
        if not all(hasattr(one, "visit") for one in outcomes):
            raise CommandFailed(Exit.FAILED, "the clinic could not be filled.")


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
