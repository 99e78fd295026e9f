"""
Many rows in one statement, whatever their number: ``insert … select … from unnest(…)``.

One prepared statement serves every size, and the database parses, plans and checks it once. Meant for groups that are
written while others wait; a single row is as well served by a plain insert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql

from telegut.db.engine import Transaction

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_AS_TEXT = frozenset({"JSONB", "TSTZRANGE"})
"""Sent as text and cast by the database: arrays of them need nothing of the driver then."""


async def insert_many(
    tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], *, on_conflict: str = ""
) -> None:
    """
    Insert *rows*, which all name the same columns; what is not named gets its default.

    Values are the driver's own (ids, instants, numbers, texts), JSON and ranges as PostgreSQL writes them in text.
    on_conflict: the clause that stands at the end, such as ``on conflict do nothing``.
    """
    if not rows:
        return
    names = tuple(rows[0])
    values = {f"c{number}": [row[name] for row in rows] for number, name in enumerate(names)}
    await tx.execute(_statement(table, names, on_conflict), values)


@dataclass(slots=True)
class Together:
    """
    What is written in one statement, once everything is decided: one way to the database and back.

    Rows may point at each other; every constraint is asked as if they had come one after the other. No part sees
    what another one writes.
    """

    _parts: list[tuple[str, str]] = field(default_factory=list)
    _values: dict[str, Any] = field(default_factory=dict)

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]], *, on_conflict: str = "") -> None:
        """Insert *rows* of one table; see `insert_many`."""
        if not rows:
            return
        part, names = f"part{len(self._parts)}", tuple(rows[0])
        self._parts.append((part, _insert(table, names, on_conflict, part)))
        self._values |= {f"{part}c{number}": [row[name] for row in rows] for number, name in enumerate(names)}

    def also(self, name: str, statement: str, values: Mapping[str, Any]) -> None:
        """A *statement* that changes something, whose rows later ones find under *name*; no two *values* share one."""
        assert not self._values.keys() & values.keys(), "two values of one statement have the same name"
        self._parts.append((name, statement))
        self._values.update(values)

    async def write(self, tx: Transaction) -> None:
        """Write all of it; nothing when there is nothing."""
        if self._parts:
            await tx.execute(_together(tuple(self._parts)), self._values)


@lru_cache(maxsize=256)
def _together(parts: tuple[tuple[str, str], ...]) -> TextClause:
    *first, (_, last) = parts
    before = ", ".join(f"{name} as ({one})" for name, one in first)
    return text(f"with {before} {last}" if before else last)


@lru_cache(maxsize=256)
def _statement(table: Table, names: tuple[str, ...], on_conflict: str) -> TextClause:
    return text(_insert(table, names, on_conflict))


@lru_cache(maxsize=256)
def _insert(table: Table, names: tuple[str, ...], on_conflict: str, prefix: str = "") -> str:
    types = [table.c[name].type.compile(_DIALECT) for name in names]
    arrays = [f"cast(:{prefix}c{number} as {_sent_as(kind)}[])" for number, kind in enumerate(types)]
    taken = [
        f"cast(v.c{number} as {kind})" if kind in _AS_TEXT else f"v.c{number}" for number, kind in enumerate(types)
    ]
    columns = ", ".join(f"c{number}" for number in range(len(names)))
    source = f"unnest({', '.join(arrays)}) as v ({columns})"
    # Names and types are those of our own tables; values are parameters.
    return f"insert into {table.name} ({', '.join(names)}) select {', '.join(taken)} from {source} {on_conflict}"  # noqa: S608


def _sent_as(kind: str) -> str:
    return "text" if kind in _AS_TEXT else kind
