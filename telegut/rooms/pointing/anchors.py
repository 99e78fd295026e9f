"""
The names of places in a record that somebody can point at during a visit. Pure.

    finding:REPORT:MARK    step:STEP    diary:2026-11-22    report:REPORT

They are the places that messages cite, by their ids alone: a name travels between processes, so it holds no clinical
word. MARK is the FNV-1a hash (32 bits, eight hexadecimal digits) of a finding's name in lower case and UTF-8, which a
page computes of what it shows itself.

Source: FNV-1a as in RFC 9923, section 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from telegut.errors import FieldError, Invalid

Kind = Literal["finding", "report", "step", "diary"]
LONGEST: Final = 80
_FNV_OFFSET: Final = 0x811C9DC5
_FNV_PRIME: Final = 0x01000193


class NoAnchor(Invalid):
    """This is not the name of a place in a record."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One place. id: of the report or step, of a diary day its date; mark: of a finding, else empty."""

    kind: Kind
    id: str
    mark: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.kind, self.id, self.mark) if part)


def read(text: Any) -> Anchor:
    """
    The place that *text* names.

    Raises:
        NoAnchor: it names none.
    """
    kind, _, rest = text.partition(":") if isinstance(text, str) and len(text) <= LONGEST else ("", "", "")
    match kind:
        case "finding" if re.fullmatch(r"[0-9a-f]{8}", (mark := rest.partition(":")[2])):
            return Anchor("finding", _uuid(rest.partition(":")[0]), mark)
        case "report" | "step":
            return Anchor("report" if kind == "report" else "step", _uuid(rest))
        case "diary":
            return Anchor("diary", _day(rest))
    raise _no_anchor()


def mark_of(name: str) -> str:
    """The mark of a finding called *name*."""
    value = _FNV_OFFSET
    for byte in name.lower().encode():
        value = (value ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return f"{value:08x}"


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as exc:
        raise _no_anchor() from exc


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as exc:
        raise _no_anchor() from exc


def _no_anchor() -> NoAnchor:
    return NoAnchor(errors=[FieldError("anchor", NoAnchor().message)])
