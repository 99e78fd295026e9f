"""What ``telegut zone-check`` says of visits that an older release of zone data placed."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from pathlib import Path

from sqlalchemy import func, select

from telegut.cli.exits import Exit
from telegut.db.engine import Database
from telegut.notices.tables import notice
from telegut.scheduling.booking import agreed_start
from tests.cli.running import telegut
from tests.rooms.visits import SYSTEM, agree
from tests.scheduling.test_zone_check import VANCOUVER, place


async def test_visits_that_would_move_are_listed_and_told_only_when_asked(
    tmp_path: Path, db: Database, database_url: str, root_key_file: Path
) -> None:
    here = ("--data", str(tmp_path), "--mode", "test", "--root-key-file", str(root_key_file))
    right = await telegut("zone-check", *here, TELEGUT_DATABASE_URL=database_url)
    visit = await agree(db, starts_in=timedelta(days=30))
    start = visit.start.replace(minute=0, second=0, microsecond=0)
    await place(db, visit, start + timedelta(hours=1), agreed_start(start, VANCOUVER))
    looked = await telegut("zone-check", "--json", *here, TELEGUT_DATABASE_URL=database_url)
    before = await _told(db)
    applied = await telegut("zone-check", "--apply", *here, TELEGUT_DATABASE_URL=database_url)

    assert (Exit.DONE, True) == (right.code, right.out.startswith("Every visit keeps its hour"))
    (found,) = (json.loads(line) for line in looked.out.splitlines())
    assert Exit.FAILED == looked.code == applied.code
    assert (str(visit.appointment), VANCOUVER) == (found["appointment"], found["zone"])
    assert start.astimezone(UTC).isoformat().replace("+00:00", "Z") == found["would_be"]
    assert "One visit means another instant" in applied.out
    assert (0, 2) == (before, await _told(db))


async def _told(db: Database) -> int:
    async with db.begin(SYSTEM) as tx:
        return int(await tx.scalar(select(func.count()).select_from(notice)) or 0)
