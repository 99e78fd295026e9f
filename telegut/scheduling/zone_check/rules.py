"""Whether the wall time that was agreed still means the instant that was kept. Pure."""

from __future__ import annotations

from datetime import datetime

from telegut.scheduling import zones


def would_be(agreed_start: datetime, zone: str, start: datetime) -> datetime | None:
    """
    The instant that a wall time means now; None when it is *start* as it was kept.

    agreed_start: what the clocks of *zone* were to show, without a zone. In a repeated hour both instants are right, so
    neither is found; one that a clock change skips by now begins on the clock before the change (RFC 5545, 3.3.5).

    Raises:
        UnknownZone: the zone data has no such zone any more.
    """
    zones.load(zone)
    kept = zones.instant(zones.seconds(start))
    meant = zones.instants(agreed_start, zone)
    if kept in meant:
        return None
    if meant:
        return min(meant, key=lambda one: (abs(one - kept), one))
    wall = zones.wall_seconds(agreed_start)
    return zones.instant(zones.anchor(wall, zones.regimes(zone, wall - zones.DAY, wall + zones.DAY)))
