"""A worker is killed while it reminds: nobody is forgotten, nothing stale goes out, a kill doubles one mail at most."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from telegut.clock import utc_now
from telegut.composition import build_foundation, build_services
from telegut.db.embedded import running_url
from telegut.db.engine import Database
from telegut.notices.tables import notice
from telegut.scheduling import appointments
from telegut.scheduling.reminders.tables import reminder
from telegut.scheduling.tables import appointment, policy
from telegut.settings import Settings
from tests import build
from tests.cli.running import DEADLINE_S, Server, serving
from tests.notices.post_office import PostOffice, post_office
from tests.rooms.visits import SYSTEM, Agreed, agree

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes under /proc"),
    pytest.mark.long,
]

HOUR = timedelta(hours=1)
VISITS, STALE, KILLS = 120, 20, 5
"""Visits to remind of, of which some are cancelled or moved first, and how often the worker is killed meanwhile."""
PAUSE_S = 0.02


@dataclass
class Clinic:
    """Many visits whose reminders fall due together; *stale*: cancelled or moved away, and not to be reminded of."""

    db: Database
    visits: list[Agreed]
    stale: list[Agreed] = field(default_factory=list)

    async def change(self, visits: list[Agreed], **values: object) -> None:
        """Change the appointments of some visits."""
        mine = appointment.c.id.in_([one.appointment for one in visits])
        async with self.db.begin(SYSTEM) as tx:
            await tx.execute(update(appointment).where(mine).values(**values))

    async def cancel(self, visits: list[Agreed]) -> None:
        """They do not take place."""
        ended = {"status": "cancelled", "cancelled_at": utc_now(), "sequence": 1, "version": 2}
        await self.change(visits, **ended)
        self.stale += visits

    async def move(self, visits: list[Agreed]) -> None:
        """They are in three days; the reminders of the old time are still there."""
        start = utc_now() + timedelta(days=3)
        times = {"start_at": start, "end_at": start + HOUR / 2, "changed_at": utc_now()}
        await self.change(visits, sequence=1, version=2, **times)
        self.stale += visits

    async def left(self) -> int:
        """Reminders and notices that still wait although they are due."""
        async with self.db.begin(SYSTEM) as tx:
            due = (reminder.c.state == "waiting") & (reminder.c.due_at <= func.statement_timestamp())
            reminders = await tx.scalar(select(func.count()).select_from(reminder).where(due))
            notices = await tx.scalar(select(func.count()).select_from(notice).where(notice.c.state == "waiting"))
            return int(reminders or 0) + int(notices or 0)


async def _clinic(data: Path) -> Clinic:
    url = await running_url(data / "postgres")
    assert url is not None
    base = build_foundation(Settings(mode="test", data=data, database_url=url))
    reminders = build_services(base).reminders
    made = []
    async with base.db.begin(SYSTEM) as tx:
        await tx.execute(update(policy).values(reminder_minutes=[60]))
    for _ in range(VISITS):
        visit = await agree(base.db, starts_in=HOUR + timedelta(seconds=30))
        made.append(visit)
    clinic = Clinic(base.db, made)
    await clinic.change(made, changed_at=utc_now() - timedelta(days=10))
    for visit in made:
        async with base.db.begin(SYSTEM) as tx:
            await reminders.plan(tx, await appointments.one(tx, visit.appointment))
    return clinic


async def _until(count: int, office: PostOffice) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while len(office.taken) < count:
            await asyncio.sleep(PAUSE_S)


async def _kill_again_and_again(server: Server, office: PostOffice, clinic: Clinic) -> None:
    """Each time a share was sent, kill the worker; while it is dead somebody cancels who was not reminded yet."""
    for turn in range(1, KILLS + 1):
        await _until((VISITS - STALE) * turn // (KILLS + 2), office)
        worker = server.child("telegut worker")
        os.kill(worker, signal.SIGKILL)
        reached = {to for to, _ in office.taken}
        unreached = [one for one in clinic.visits if one.patient.email not in reached and one not in clinic.stale]
        await clinic.cancel(unreached[-1:])
        await server.new_child("telegut worker", instead_of=worker)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose root key the tests know."""
    keys = tmp_path / "data" / "keys"
    keys.mkdir(parents=True)
    (tmp_path / "data").chmod(0o700)
    file = keys / "root.key"
    file.write_text(f"{build.ROOT_KEY.id} {build.ROOT_KEY.secret.hex()}\n")
    file.chmod(0o600)
    return tmp_path / "data"


async def test_a_worker_that_is_killed_five_times_sends_none_stale_and_doubles_one_a_kill_at_most(data: Path) -> None:
    async with post_office() as office:
        slow = {"TELEGUT_SMTP_URL": office.url, "TELEGUT_JOB_LEASE_S": "2"}
        async with serving(data, "--mode", "test", **slow) as server:
            clinic = await _clinic(data)
            await clinic.cancel(clinic.visits[: STALE // 2])
            await clinic.move(clinic.visits[STALE // 2 : STALE])
            await _kill_again_and_again(server, office, clinic)
            async with asyncio.timeout(DEADLINE_S):
                while await clinic.left():
                    await asyncio.sleep(PAUSE_S)
            await clinic.db.dispose()

    sent = Counter(str(mail["Message-ID"]) for _, mail in office.taken)
    reminded = {to for to, _ in office.taken}
    assert {one.patient.email for one in clinic.visits if one not in clinic.stale} == reminded
    assert len(reminded) == len(sent)  # one reminder each, whatever its copies
    assert sum(sent.values()) - len(sent) <= KILLS
