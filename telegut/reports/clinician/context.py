"""
The context list: what was published about the genera that are shown, with what speaks against it beside it. Pure.

It is for the care team, off until somebody opens it, and ends nowhere: nothing in it can be pressed to add a step
(domain research, 8.1, item 6). A row is never taken out of the library without the null and opposite findings that
belong beside it; rows that share these stand together, so that they are read once and not five times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from telegut.evidence.library import Library, Shown
from telegut.evidence.rules import Evidence
from telegut.reports.taxonomy.names import also_called, spelled
from telegut.reports.taxonomy.synonyms import rows_of


@dataclass(frozen=True, slots=True)
class Genus:
    """A genus of the sample. *differs*: databases are known not to mean the same group by its name."""

    name: str
    differs: bool


@dataclass(slots=True)
class Seen:
    """One published association, and the genera of this sample that it is about."""

    row: Evidence
    genera: list[Genus] = field(default_factory=list)


@dataclass(slots=True)
class Together:
    """Associations with what stands *beside* each of them: null and opposite findings."""

    beside: tuple[Evidence, ...]
    seen: list[Seen] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything there is on these genera; *without*: those with nothing on record."""

    parts: tuple[Together, ...]
    without: tuple[str, ...]


def context_of(genera: Iterable[str], library: Library) -> Context:
    """What *library* has seen together with *genera*, in the order of the library."""
    found: dict[str, tuple[Shown, Seen]] = {}
    without = []
    for name in genera:
        shown = _associations(name, library)
        if not shown:
            without.append(name)
        for one in shown:
            found.setdefault(one.row.id, (one, Seen(one.row)))[1].genera.append(Genus(name, _differs(name)))
    order = list(library.current)
    return Context(_together([found[id] for id in sorted(found, key=order.index)]), tuple(without))


def _associations(name: str, library: Library) -> list[Shown]:
    """Under this name, and under those that it certainly had or has."""
    plain = spelled(name)
    names = (plain, *also_called(plain, "genus"))
    return [one for known in dict.fromkeys(names) for one in library.associations(known)]


def _differs(name: str) -> bool:
    return any(row.relation in {"split", "uncertain"} for row in rows_of(spelled(name), "genus"))


def _together(found: Sequence[tuple[Shown, Seen]]) -> tuple[Together, ...]:
    parts: dict[tuple[str, ...], Together] = {}
    for shown, seen in found:
        beside = tuple(row.stamp for row in shown.beside)
        parts.setdefault(beside, Together(shown.beside)).seen.append(seen)
    return tuple(parts.values())
