"""
What a laboratory found in quality material: the same stool again and again, so that its method can be held to itself.

One homogenised stool went to seven companies in 21 kits, and their reports differed as much as people do (Servetas et
al., Communications Biology 2026). A clinic that sends such material (as NIST's RM 8048) once in a while sees how much
of a change is its laboratory's own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.reports.change.whole import bray_curtis
from telegut.reports.isolation import Reader
from telegut.reports.protocols import service
from telegut.reports.protocols.tables import quality_result
from telegut.reports.rules import UNASSIGNED


class SameResult(Conflict):
    """This very file is kept for this protocol already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityResult:
    """
    One measurement of a material. genera: percent of the file's whole.

    differs: Bray-Curtis distance of its genera from the result before on the same material and lot, 0 (the same) to 1
    (nothing in common); ``None`` for the first.
    """

    id: UUID
    version: int
    material: str
    lot: str
    measured_on: date
    genera: dict[str, float]
    shannon: float | None
    reads: int | None
    made_at: datetime
    made_by: UUID
    differs: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What somebody hands in: the material's name, its lot, the day of measurement, the laboratory's file."""

    material: str
    lot: str
    measured_on: date
    file: bytes
    sample: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """The service."""

    db: Database
    now: Clock
    reader: Reader

    async def add(self, caller: Caller, protocol: UUID, said: Measurement) -> None:
        """
        Read the file and keep what it says.

        Raises:
            Invalid: no file, or one that cannot be read; no material; a day that has not come.
            SameResult: it is kept already. NotFound: there is no such protocol.
        """
        self._check(said)
        found = await self.reader.outcome([said.file], said.sample)
        if found["state"] != "ready":
            raise Invalid(errors=[FieldError("file", _why(found))])
        async with self.db.begin(caller) as tx:
            newest = await service.current(tx, protocol)
            values = {
                "id": (made := new_id()),
                "protocol": protocol,
                "protocol_version": newest.version,
                "material": said.material.strip(),
                "lot": said.lot.strip(),
                "measured_on": said.measured_on,
                "sha256": hashlib.sha256(said.file).digest(),
                "content": _content(found["answer"]),
                "made_at": self.now(),
                "made_by": caller.account,
            }
            with on_violation(reports_quality_result_one_file=SameResult):
                await tx.execute(insert(quality_result).values(values))
            await audit.record(tx, "write", "quality result", made, patient=None)

    async def of(self, caller: Caller, protocol: UUID) -> list[QualityResult]:
        """What holds for *protocol*, the newest first."""
        async with self.db.begin(caller) as tx:
            return await results(tx, protocol)

    async def withdraw(self, caller: Caller, protocol: UUID, result: UUID) -> None:
        """
        It was a mistake: it counts no more. Once more is no error.

        Raises:
            NotFound: there is none of this protocol.
        """
        here = (quality_result.c.id == result) & (quality_result.c.protocol == protocol)
        gone = {"withdrawn_at": self.now(), "withdrawn_by": caller.account}
        async with self.db.begin(caller) as tx:
            if await tx.scalar(select(quality_result.c.id).where(here)) is None:
                raise NotFound
            await tx.execute(update(quality_result).where(here, quality_result.c.withdrawn_at.is_(None)).values(gone))
            await audit.record(tx, "withdraw", "quality result", result, patient=None)

    def _check(self, said: Measurement) -> None:
        wrong = []
        if not said.file:
            wrong.append(FieldError("file", "is needed: the laboratory's file"))
        if not said.material.strip():
            wrong.append(FieldError("material", "is needed, such as NIST RM 8048"))
        if said.measured_on > self.now().date():
            wrong.append(FieldError("measured_on", "has not come yet"))
        if len(said.file) > self.reader.limits.file_bytes:
            wrong.append(FieldError("file", f"may have {self.reader.limits.file_bytes // 1024**2} MB at most"))
        if wrong:
            raise Invalid(errors=wrong)


async def results(tx: Transaction, protocol: UUID) -> list[QualityResult]:
    """What holds for *protocol*, the newest first, each beside the one before on the same material and lot."""
    rows = await tx.execute(
        select(quality_result)
        .where(quality_result.c.protocol == protocol, quality_result.c.withdrawn_at.is_(None))
        .order_by(quality_result.c.material, quality_result.c.lot, quality_result.c.measured_on, quality_result.c.id)
    )
    found = beside_the_one_before([_result(row) for row in rows])
    return sorted(found, key=lambda one: (one.measured_on, one.id), reverse=True)


def beside_the_one_before(found: list[QualityResult]) -> list[QualityResult]:
    """*found*, in the order of material, lot and day, each with how it differs from the one before of the same."""
    told = found[:1]
    for before, one in pairwise(found):
        same = (before.material, before.lot) == (one.material, one.lot)
        told.append(replace(one, differs=bray_curtis(one.genera, before.genera)) if same else one)
    return told


def _content(answer: dict[str, Any]) -> dict[str, Any]:
    genera = {
        row["name"]: row["percent"]
        for row in answer["taxa"]
        if row["rank"] == "genus" and not row["name"].startswith(UNASSIGNED)
    }
    return {
        "genera": genera,
        "shannon": answer["diversity"]["shannon"],
        "reads": answer["total_reads"],
        "format": answer["format"],
        "parser_version": answer["parser_version"],
    }


def _why(found: dict[str, Any]) -> str:
    if found["state"] == "choose_sample":
        names = ", ".join(found["samples"][:10])
        return f"The file holds several samples. Please name the one of the material: {names}."
    return str(found["problem"]["detail"])


def _result(row: Row[Any]) -> QualityResult:
    return QualityResult(
        id=row.id,
        version=row.protocol_version,
        material=row.material,
        lot=row.lot,
        measured_on=row.measured_on,
        genera=row.content["genera"],
        shannon=row.content["shannon"],
        reads=row.content["reads"],
        made_at=row.made_at,
        made_by=row.made_by,
    )
