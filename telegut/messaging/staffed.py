"""When devices of people who work here may ring: from the next moment on at which the clinic is staffed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from telegut.messaging.promise import parse_staffed_hours
from telegut.scheduling import zones
from telegut.settings import Settings


def next_staffed(settings: Settings) -> Callable[[datetime], datetime]:
    """
    A function from an instant to the first one at or after it at which somebody is there; itself when nobody ever is.

    Raises:
        Invalid: the staffed hours or their zone cannot be read.
    """
    hours, zone = parse_staffed_hours(settings.staffed_hours), zones.load(settings.clinic_zone).key

    def following(at: datetime) -> datetime:
        wall = zones.on_the_wall(at, zone).replace(tzinfo=None)
        opens = hours.next_open(wall)
        if opens is None or opens == wall:
            return at
        found = zones.instants(opens, zone)
        return max(at, found[0]) if found else at

    return following
