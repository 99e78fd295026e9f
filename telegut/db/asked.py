"""
Statements that are compiled once and asked of the driver itself.

Making a statement, finding its compiled form and wrapping its result costs SQLAlchemy several times what PostgreSQL and
the driver need for a row by its key. What is asked again and again, at every opening of a link, is made ready once: the
same Core statement, in the words of the driver, with the same types. `Transaction.ask` and `Database.ask` take it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.dialects.postgresql import asyncpg

_DIALECT: Final = asyncpg.dialect()  # type: ignore[no-untyped-call]


class Asked:
    """
    *statement*, whose values are `bindparam`s by name; what has a value in it keeps that.

    Lists of ``IN`` are of no fixed length and have no place here: ``= any(…)`` of an array says the same.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        assert "POSTCOMPILE" not in compiled.string, "a list of no fixed length: ask = any(array)"
        self.sql = compiled.string
        given = compiled.params
        into = {name: kind.bind_processor(_DIALECT) for name, kind in _bound(compiled).items()}
        self._values = [(name, given.get(name), into.get(name)) for name in compiled.positiontup or ()]
        columns = list(statement.exported_columns)
        self._names = [str(column.key) for column in columns]
        self._row = row_class(self._names)
        out = [column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns]
        self._out = [(place, process) for place, process in enumerate(out) if process is not None]

    def values(self, **given: Any) -> list[Any]:
        """The values in the driver's order."""
        found = []
        for name, constant, process in self._values:
            value = given.get(name, constant)
            found.append(value if process is None else process(value))
        return found

    def rows(self, records: Sequence[Any]) -> list[Any]:
        """What the driver gave, each row with its columns by name, values as SQLAlchemy would give them."""
        if not self._names:
            return []
        if not self._out:
            return [self._row._make(one) for one in records]
        return [self._processed(one) for one in records]

    def _processed(self, record: Any) -> Any:
        values = list(record)
        for place, process in self._out:
            values[place] = process(values[place])
        return self._row._make(values)


def row_class(names: list[str]) -> Any:
    """A class for rows with columns of these *names*."""
    return namedtuple("Row", names, rename=True)


def _bound(compiled: Any) -> dict[str, Any]:
    return {name: bind.type.dialect_impl(_DIALECT) for name, bind in compiled.binds.items()}


class Asker(Protocol):
    """A transaction, or the database outside of any."""

    async def ask(self, asked: Asked, **values: Any) -> list[Any]:
        """The rows of *asked* for *values*."""
