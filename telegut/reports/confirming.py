"""
Names that the house does not know, and who said that they are groups of organisms all the same.

Which names are asked about: `telegut.reports.taxonomy.known`. A confirmation is kept name by name with whoever gave it
and when: beside the reading it was given for, and with a laboratory's description that is kept for its next table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from telegut.errors import FieldError, Invalid
from telegut.reports.taxonomy.known import looks_like_a_name

Unanswered = Literal["ask", "leave_out"]
"""What becomes of names that are not known and were not confirmed: a refusal that lists them, or they are left out."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """*name* is a group of organisms: *by* said so, *at* that moment."""

    name: str
    by: UUID | None
    at: datetime

    def as_dict(self) -> dict[str, Any]:
        """JSON of it; `of_dicts` is the way back."""
        return {"name": self.name, "by": str(self.by) if self.by else None, "at": self.at.isoformat()}


def of_dicts(said: Iterable[Mapping[str, Any]]) -> tuple[Confirmed, ...]:
    """Confirmations from their JSON."""
    return tuple(
        Confirmed(one["name"], UUID(one["by"]) if one["by"] else None, datetime.fromisoformat(one["at"]))
        for one in said
    )


def merged(
    before: Sequence[Confirmed], names: Iterable[str], *, by: UUID | None, at: datetime
) -> tuple[Confirmed, ...]:
    """A confirmation for each of *names*: the one *before*, where there is one, else by whoever says so now."""
    known = {one.name: one for one in before}
    return tuple(known.get(name) or Confirmed(name, by, at) for name in dict.fromkeys(names))


class NamesNotKnown(Invalid):
    """Some names are not known to us. Are they groups of bacteria or other organisms? Nothing was kept."""

    def __init__(self, names: Sequence[str], fields: Sequence[str] = (), how: str = "") -> None:
        """*fields*: where an answer goes, one or one for each of *names*. how: what to send."""
        super().__init__(errors=[FieldError(one, f"{len(names)} names are not known to us. {how}") for one in fields])
        self._names = tuple(names)
        self._how = how

    @property
    def extension(self) -> Mapping[str, Any]:
        """The names, and what to send to confirm them."""
        return {"unknown_names": told(self._names), "to_confirm": self._how}


def told(names: Iterable[str]) -> list[dict[str, Any]]:
    """JSON of *names* for whoever is asked: those that are at least written as names of organisms are told apart."""
    return [{"name": name, "looks_like_a_name": looks_like_a_name(name)} for name in names]
