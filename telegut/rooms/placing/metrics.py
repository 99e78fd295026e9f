"""What the media processes report, for ``/metrics``: how they are, and nobody who is in a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from telegut.rooms.media.fleet import Fleet

SHOWN: Final = {
    "rooms": "rooms of a media process",
    "seats": "people connected with a media process",
    "load": "part of a core that a media process uses, over some seconds",
    "lag": "how late the loop of a media process is, in seconds",
    "residence": "seconds in which 99 of 100 packets leave a media process again",
    "received": "datagrams received since it began",
    "sent": "datagrams sent since it began",
    "dropped": "datagrams that could not be sent at once, since it began",
    "memory": "bytes of a media process that lie in memory",
    "takes": "1 when it takes new rooms, 0 when it drains or is above a limit",
}


class MediaMetrics(Collector):
    """The last report of each media process that this web process is connected with."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def collect(self) -> Iterator[Metric]:
        """One gauge for each fact, with the process's name as its only label."""
        up = GaugeMetricFamily("telegut_media_up", "1 while web is connected with it", labels=["process"])
        for link in self._fleet.links:
            up.add_metric([link.contact.name], float(link.up))
        yield up
        for name, meaning in SHOWN.items():
            gauge = GaugeMetricFamily(f"telegut_media_{name}", meaning, labels=["process"])
            for link in self._fleet.up():
                gauge.add_metric([link.contact.name], float(getattr(link.health, name)))
            yield gauge
