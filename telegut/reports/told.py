"""
What people said about a file that the reader cannot read alone: what its columns mean, or what stands in a document.

Checks nobody's rights. The newest word counts; older ones stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select, update

from telegut.accounts import people
from telegut.db.engine import Transaction
from telegut.db.sealed import PatientKey, Vault
from telegut.reports.confirming import Confirmed, of_dicts
from telegut.reports.mapping.tables import described
from telegut.reports.states import State
from telegut.reports.tables import report
from telegut.reports.typed.tables import look, typed


@dataclass(frozen=True, slots=True)
class ConfirmedBy:
    """Names that are not known, and who said on which day that they are groups of organisms."""

    names: tuple[str, ...]
    by: UUID | None
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    Who said it, and when. kind ``columns``: of a table's columns; ``typed``: the numbers themselves.

    number: which word on this report, from 1. name: the description's laboratory and version. looked_by, looked_at: who
    compared typed numbers with the document. confirmed: by whom and when. Names are empty for people who are gone.
    """

    kind: Literal["columns", "typed"]
    number: int
    by: UUID | None
    by_name: str
    at: datetime
    name: str = ""
    looked_by: UUID | None = None
    looked_by_name: str = ""
    looked_at: datetime | None = None
    confirmed: tuple[ConfirmedBy, ...] = ()


async def for_the_reader(tx: Transaction, vault: Vault, key: PatientKey, id: UUID) -> dict[str, Any] | None:
    """What `telegut.reports.reader.outcome` is told of report *id*; ``None`` when nobody said anything."""
    lines = (
        await tx.execute(select(typed).where(typed.c.report == id).order_by(typed.c.number.desc()).limit(1))
    ).first()
    if lines is not None:
        return {"rows": json.loads(vault.open(typed.c.lines, key, lines.id, lines.lines))}
    query = select(described).where(described.c.report == id).order_by(described.c.number.desc()).limit(1)
    row = (await tx.execute(query)).first()
    if row is None:
        return None
    said: dict[str, Any] = json.loads(vault.open(described.c.mapping, key, row.id, row.mapping))
    return said


async def of_report(tx: Transaction, vault: Vault, key: PatientKey, id: UUID) -> Told | None:
    """Who said what of report *id*, by name."""
    joined = typed.outerjoin(look, (look.c.report == typed.c.report) & (look.c.number == typed.c.number))
    typed_columns = (typed.c.id, typed.c.number, typed.c.lines, typed.c.typed_by, typed.c.typed_at)
    query = select(*typed_columns, look.c.looked_by, look.c.looked_at).select_from(joined).where(typed.c.report == id)
    row = (await tx.execute(query.order_by(typed.c.number.desc()).limit(1))).first()
    if row is not None:
        names = await _names(tx, row.typed_by, row.looked_by)
        return Told(
            kind="typed",
            number=row.number,
            by=row.typed_by,
            by_name=names.get(row.typed_by, ""),
            at=row.typed_at,
            looked_by=row.looked_by,
            looked_by_name=names.get(row.looked_by, ""),
            looked_at=row.looked_at,
            confirmed=_of_lines(vault, key, row, names.get(row.typed_by, "")),
        )
    found = (
        await tx.execute(select(described).where(described.c.report == id).order_by(described.c.number.desc()).limit(1))
    ).first()
    if found is None:
        return None
    said: Mapping[str, Any] = json.loads(vault.open(described.c.mapping, key, found.id, found.mapping))
    names = await _names(tx, found.said_by)
    return Told(
        kind="columns",
        number=found.number,
        by=found.said_by,
        by_name=names.get(found.said_by, ""),
        at=found.said_at,
        name=said["name"],
        confirmed=await _by_person(tx, of_dicts(said.get("confirmed", ()))),
    )


async def order_again(tx: Transaction, id: UUID, version: int, states: tuple[State, ...]) -> int | None:
    """Back to `received` from one of *states*; the new version, or ``None`` when it had moved on from *version*."""
    changed: int | None = await tx.scalar(
        update(report)
        .where(report.c.id == id, report.c.version == version, report.c.state.in_(states))
        .values(state="received", version=version + 1, wanted=None, findings=None, read_at=None, parser_version=None)
        .returning(report.c.version)
    )
    return changed


def _of_lines(vault: Vault, key: PatientKey, row: Row[Any], name: str) -> tuple[ConfirmedBy, ...]:
    """Typed lines whose names the typist confirmed."""
    lines = json.loads(vault.open(typed.c.lines, key, row.id, row.lines))
    names = tuple(line["name"] for line in lines if line.get("confirmed"))
    return (ConfirmedBy(names, row.typed_by, name, row.typed_at),) if names else ()


async def _by_person(tx: Transaction, confirmed: Sequence[Confirmed]) -> tuple[ConfirmedBy, ...]:
    """*confirmed*, together by who said so and when."""
    names = await _names(tx, *{one.by for one in confirmed})
    together: dict[tuple[UUID | None, datetime], list[str]] = {}
    for one in confirmed:
        together.setdefault((one.by, one.at), []).append(one.name)
    return tuple(ConfirmedBy(tuple(found), by, names.get(by, ""), at) for (by, at), found in together.items())


async def _names(tx: Transaction, *ids: UUID | None) -> dict[UUID | None, str]:
    found = await people.named(tx, [one for one in ids if one is not None])
    return {id: person.name for id, person in found.items()}
