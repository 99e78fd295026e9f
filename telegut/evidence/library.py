"""
The rows that hold today and every version that ever held. Pure.

A row is never handed out for showing without the rows that belong beside it: `Shown` holds both, and there is no other
way to a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from telegut.errors import FieldError, Invalid, NotFound
from telegut.evidence.built_in import ROWS
from telegut.evidence.rules import About, Evidence, Kind


@dataclass(frozen=True, slots=True)
class Shown:
    """A row, and the null and opposite findings that stand beside it."""

    row: Evidence
    beside: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """
    Every version, and which one of a row holds now (*current*: its number by the row's name, in the order of pages).

    A version that was signed once stays here: a step keeps the one that it was agreed on.
    """

    versions: Mapping[tuple[str, int], Evidence]
    current: Mapping[str, int]

    def row(self, id: str) -> Evidence | None:
        """The row *id* as it holds now."""
        number = self.current.get(id)
        return None if number is None else self.versions[id, number]

    def shown(self, id: str) -> Shown:
        """
        The row *id* with what belongs beside it.

        Raises:
            NotFound: there is no such row.
        """
        row = self.row(id)
        if row is None:
            raise NotFound
        return self.beside(row)

    def pinned(self, id: str | None, version: int | None) -> Shown | None:
        """Version *version* of the row, as a step was agreed on; what stands beside it is of now. None: no row."""
        if id is None:
            return None
        row = self.versions.get((id, version)) if version is not None else None
        row = row or self.row(id)
        return None if row is None else self.beside(row)

    def beside(self, row: Evidence) -> Shown:
        """*row*, ready to be shown. Rows are never taken away, so what stands beside one is always there."""
        return Shown(row, tuple(self.versions[id, self.current[id]] for id in row.beside))

    def rows(self, *about: About) -> list[Shown]:
        """Every row of now (of those kinds, when named), in the order of the library."""
        found = (self.versions[id, number] for id, number in self.current.items())
        return [self.beside(row) for row in found if not about or row.about in about]

    def history(self, id: str) -> list[Evidence]:
        """All versions of a row, the newest first."""
        return sorted((row for (name, _), row in self.versions.items() if name == id), key=lambda row: -row.version)

    def cited(self, id: str | None, kind: Kind) -> Evidence | None:
        """
        The row that a new step of *kind* cites; None when it cites none.

        Raises:
            Invalid: there is no such row, or it says nothing about steps of this kind.
        """
        if id is None:
            return None
        row = self.row(id)
        if row is None:
            raise Invalid(errors=[FieldError("evidence", "There is no such row in the evidence library.")])
        if kind not in row.kinds:
            raise Invalid(errors=[FieldError("evidence", f"{row.id} says nothing about steps of this kind.")])
        return row

    def associations(self, genus: str) -> list[Shown]:
        """
        What was published about *genus* (its canonical name): each with the null or opposite findings beside it.

        For the care team, off by default, and never beside anything that can be pressed to add a step.
        """
        return [one for one in self.rows(About.ASSOCIATION) if genus in one.row.taxa]

    def with_signed(self, signed: Iterable[Evidence], current: Mapping[str, int]) -> Library:
        """This library with a clinic's *signed* versions, of which *current* hold now."""
        versions = {**self.versions, **{(row.id, row.version): row for row in signed}}
        return Library(versions, {**self.current, **current})


def of_rows(rows: Iterable[Evidence]) -> Library:
    """A library of *rows*, in which the highest version of each holds."""
    kept = list(rows)
    current: dict[str, int] = {}
    for row in kept:
        current[row.id] = max(row.version, current.get(row.id, 0))
    return Library({(row.id, row.version): row for row in kept}, current)


BUILT_IN: Final = of_rows(ROWS)
"""What telegut ships."""
