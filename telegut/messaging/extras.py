"""
What a message carries beside its words: who is mentioned, and what it points at. Pure.

All of it lies sealed in the message's own entry, because it can tell something clinical (the name of a finding does),
so that readers get it with the entry, and all of them the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from telegut.errors import FieldError, Invalid


class CiteKind(StrEnum):
    """What a message can point at."""

    FINDING = "finding"
    PLAN_STEP = "plan_step"
    DIARY_DAY = "diary_day"
    REPORT = "report"
    VISIT = "visit"


class NotInThisConversation(Invalid):
    """Somebody who is mentioned does not take part here."""


@dataclass(frozen=True, slots=True)
class Cite:
    """
    A place in the patient's record.

    id: of the report, step or visit; of a diary day the date, ``2026-11-22``. place: where inside it, such as the
    name of a finding.
    """

    kind: CiteKind
    id: str
    place: str | None = None

    def path(self, patient: UUID) -> str:
        """Where a page shows it; the part behind ``#`` is for the page alone and never reaches a server."""
        match self.kind:
            case CiteKind.FINDING | CiteKind.REPORT:
                where = f"/patients/{patient}/panels/report?report={self.id}"
                return where if self.kind is CiteKind.REPORT else f"{where}#finding"
            case CiteKind.PLAN_STEP:
                return f"/patients/{patient}/panels/plan#step-{self.id}"
            case CiteKind.DIARY_DAY:
                return f"/patients/{patient}/scores#day-{self.id}"
            case CiteKind.VISIT:
                return f"/appointments/{self.id}"


@dataclass(frozen=True, slots=True)
class Extras:
    """Everything beside the words."""

    mentions: tuple[UUID, ...] = ()
    cites: tuple[Cite, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.mentions or self.cites)

    def sealed_form(self) -> str:
        """The text that is sealed."""
        return json.dumps(
            {
                "mentions": [str(one) for one in self.mentions],
                "cites": [{"kind": one.kind.value, "id": one.id, "place": one.place} for one in self.cites],
            }
        )

    @classmethod
    def of(cls, text: str | None) -> Extras:
        """What `sealed_form` gave; nothing for None."""
        if text is None:
            return NOTHING
        raw = json.loads(text)
        return cls(
            tuple(UUID(one) for one in raw["mentions"]),
            tuple(Cite(CiteKind(one["kind"]), one["id"], one["place"]) for one in raw["cites"]),
        )

    def shown(self, patient: UUID) -> dict[str, Any]:
        """As everybody who takes part sees it."""
        return {
            "mentions": [str(one) for one in self.mentions],
            "cites": [
                {"kind": one.kind.value, "id": one.id, "place": one.place, "path": one.path(patient)}
                for one in self.cites
            ],
        }


NOTHING = Extras()
"""A message that is words alone."""


def check_mentions(mentions: Collection[UUID], members: Collection[UUID]) -> None:
    """
    Only who takes part can be mentioned.

    Raises:
        NotInThisConversation: somebody in *mentions* is not among *members*.
    """
    if not set(mentions) <= set(members):
        raise NotInThisConversation(errors=[FieldError("mentions", NotInThisConversation().message)])
