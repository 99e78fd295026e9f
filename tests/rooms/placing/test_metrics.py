"""What is told of media processes: how they are."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from telegut.rooms.media.contacts import Contact
from telegut.rooms.media.control import Health
from telegut.rooms.media.fleet import Fleet
from telegut.rooms.placing.metrics import MediaMetrics


def test_each_process_that_is_connected_tells_how_it_is(tmp_path: Path) -> None:
    names = [Contact("media-0", path=tmp_path / "a"), Contact("media-1", path=tmp_path / "b")]
    fleet = Fleet(names, tmp_path / "key", lambda *_: None, lambda _: None, lambda _: None)
    fleet.links[0].health = Health(3479, 7, "life", rooms=2, seats=5, load=0.25, residence=0.002, takes=False)
    registry = CollectorRegistry()
    registry.register(MediaMetrics(fleet))
    said = generate_latest(registry).decode().splitlines()

    assert 'telegut_media_up{process="media-0"} 1.0' in said
    assert 'telegut_media_up{process="media-1"} 0.0' in said
    assert 'telegut_media_seats{process="media-0"} 5.0' in said
    assert 'telegut_media_takes{process="media-0"} 0.0' in said
    assert 1 == len([line for line in said if line.startswith("telegut_media_rooms{")])
