"""The demonstration clinic and the acceptance fixture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegut.clock import utc_now
from telegut.settings import Settings


async def seed_acceptance(settings: Settings) -> Mapping[str, Any]:
    """Fill an empty database with the clinic of the public contract; see `telegut.demonstration.acceptance`."""
    from telegut.composition import build_foundation, build_services
    from telegut.demonstration import acceptance

    base = build_foundation(settings)
    try:
        return await acceptance.seed(base, build_services(base))
    finally:
        await base.db.dispose()


async def seed_demo(settings: Settings) -> Mapping[str, Any]:
    """See that the demonstration clinic is there, with visits today; see `telegut.demonstration.clinic`."""
    from telegut.composition import build_foundation
    from telegut.demonstration import clinic

    base = build_foundation(settings)
    try:
        return await clinic.seed(base, utc_now)
    finally:
        await base.db.dispose()
