"""The reading level of each reader: kept for the person, on every device."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.reports.patient.levels import DEFAULT, Level
from telegut.reports.patient.tables import reading_level


@dataclass(frozen=True, slots=True)
class ReadingLevels:
    """One's own reading level; nobody reads or changes another's."""

    db: Database
    now: Clock

    async def of(self, caller: Caller) -> Level:
        """What the caller chose; the standard one before they choose, and for a guest of a visit."""
        if caller.account is None:
            return DEFAULT
        async with self.db.begin(caller) as tx:
            level = await tx.scalar(select(reading_level.c.level).where(reading_level.c.account == caller.account))
        return DEFAULT if level is None else Level(level)

    async def choose(self, caller: Caller, level: Level) -> Level:
        """Keep it from now on."""
        assert caller.account is not None
        chosen = {"level": level.value, "chosen_at": self.now()}
        async with self.db.begin(caller) as tx:
            await tx.execute(
                upsert(reading_level)
                .values(account=caller.account, **chosen)
                .on_conflict_do_update(index_elements=[reading_level.c.account], set_=chosen)
            )
        return level
