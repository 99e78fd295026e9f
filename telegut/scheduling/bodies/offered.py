"""What there is to book, and with whom."""

from __future__ import annotations

from uuid import UUID

from telegut.scheduling.bodies.fields import MINUTE
from telegut.scheduling.rules import VisitType
from telegut.scheduling.service import Practitioner
from telegut.web.api import Answer


class ServiceAnswer(Answer):
    """
    A kind of visit. Its own notice, horizon and grid; null: the clinic's. *seats*: more than one in a group session.
    """

    id: UUID
    name: str
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    needs: list[str]
    minimum_notice_minutes: int | None = None
    horizon_days: int | None = None
    grid_minutes: int | None = None
    seats: int = 1

    @classmethod
    def of(cls, visit: VisitType) -> ServiceAnswer:
        """As an answer."""
        lengths = (visit.duration, visit.buffer_before, visit.buffer_after)
        duration, before, after = (int(one.total_seconds()) // 60 for one in lengths)
        return cls(
            id=visit.id,
            name=visit.name,
            duration_minutes=duration,
            buffer_before_minutes=before,
            buffer_after_minutes=after,
            needs=list(visit.needs),
            seats=visit.seats,
            minimum_notice_minutes=None if visit.minimum_notice is None else visit.minimum_notice // MINUTE,
            horizon_days=visit.horizon.days if visit.horizon else None,
            grid_minutes=visit.grid // MINUTE if visit.grid else None,
        )


class PractitionerAnswer(Answer):
    """Somebody who takes visits; *zone* is where their hours are written. *languages*: BCP 47, the best one first."""

    id: UUID
    name: str
    role: str
    zone: str
    services: list[UUID]
    languages: list[str] = []

    @classmethod
    def of(cls, one: Practitioner) -> PractitionerAnswer:
        """As an answer."""
        provider = one.provider
        return cls(
            id=provider.id,
            name=one.name,
            role=provider.role,
            zone=provider.zone,
            services=list(provider.services),
            languages=list(one.languages),
        )
