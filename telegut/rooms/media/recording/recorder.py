"""
One recording of one room: who is recorded, and when it stands still by itself.

It is a taker of every stream of the people who agreed (`inbound.Taker`), and costs the call a few bytes of copying for
each packet. It stands still as soon as somebody is connected who has not agreed, whatever web has heard of them, and
when web has not said for `LEASE_S` that it goes on: nobody could ask it to stop then.

Times are seconds of the process's monotonic clock; on disk they are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from telegut.rooms.media import payloads
from telegut.rooms.media.inbound import Inbound, Kept
from telegut.rooms.media.recording import spool
from telegut.rooms.media.recording.writing import Writing
from telegut.rooms.media.room import Room
from telegut.rooms.media.track import Track

LEASE_S: Final = 10.0
"""Web says every 3 s that a recording goes on."""
KEY_FRAME_EVERY_S: Final = 10.0
"""A picture can be found again in a recording where a key frame is; each costs its sender about a third of a second."""
HAND_OVER_BYTES: Final = 65_536
CODECS: Final = frozenset({"opus", "vp8"})
"""What WebM takes. Of who sends H.264 the voice is recorded, and the page says so."""


class Tap:
    """Takes one stream."""

    __slots__ = ("_number", "_recorder", "_reported")

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder = recorder
        self._number = number
        self._reported: tuple[int, int] | None = None

    def forward(self, stream: Inbound, packets: Sequence[Kept]) -> None:
        """See `inbound.Taker`."""
        recorder = self._recorder
        came = recorder.instant(stream.last_at)
        if stream.report is not self._reported and stream.report is not None:
            self._reported = stream.report
            recorder.put(spool.report(self._number, came, *stream.report))
        for sequence, timestamp, marker, payload, _ in packets:
            if stream.redundant and (newest := payloads.red_primary(payload)) is not None:
                payload = newest[1]
            recorder.put(spool.packet(self._number, came, timestamp, sequence, marker, payload))


class Recorder:
    """
    A recording that goes on. agreed: seats that are recorded. wall: Unix time minus the monotonic clock.

    It begins standing still.
    """

    def __init__(self, recording: UUID, room: str, writing: Writing, wall: float) -> None:
        self.recording = recording
        self.room = room
        self.agreed: frozenset[str] = frozenset()
        self.wanted = False
        self.running = False
        self.told_at = float("-inf")
        self.unseen: set[str] = set()
        """Seats whose picture cannot be recorded: it comes in another codec."""
        self.writing = writing
        self._wall = wall
        self._taps: dict[Inbound, Tap] = {}
        self._streams = 0
        self._buffer = bytearray()
        self._key_asked_at = float("-inf")

    def instant(self, at: float) -> int:
        """*at* as it is kept."""
        return int((at + self._wall) * 1_000_000)

    def put(self, entry: bytes) -> None:
        """Keep *entry*."""
        self._buffer += entry
        if len(self._buffer) >= HAND_OVER_BYTES:
            self.hand_over()

    def hand_over(self) -> None:
        """What came since the last time is written."""
        if self._buffer:
            self.writing.put(bytes(self._buffer))
            self._buffer.clear()

    def tell(self, agreed: frozenset[str], *, run: bool, now: float) -> None:
        """Web says who agreed, and whether to go on."""
        self.agreed, self.wanted, self.told_at = agreed, run, now

    def beat(self, room: Room | None, now: float) -> None:
        """Several times a second: begin with new streams, or stand still."""
        present = {seat for seat, session in room.sessions.items() if session.up} if room is not None else set()
        may = self.wanted and bool(present) and present <= self.agreed and now - self.told_at < LEASE_S
        if may != self.running:
            self.running = may
            self.put(spool.mark(self.instant(now), may))
        if not may or self.writing.problem:
            self._let_go()
        elif room is not None:
            self._take_new(room)
            self._ask_for_key_frames(now)
        self.hand_over()

    def end(self, now: float) -> None:
        """It is over: let go of everything; what was kept is written."""
        self._let_go()
        if self.running:
            self.running = False
            self.put(spool.mark(self.instant(now), False))
        self.hand_over()
        self.writing.close()

    def _let_go(self) -> None:
        for stream, tap in self._taps.items():
            stream.drop(tap)
        self._taps.clear()

    def _take_new(self, room: Room) -> None:
        there = set()
        for seat, track, stream in _streams_of(room):
            there.add(stream)
            if stream.codec not in CODECS:
                self.unseen.add(seat)
            elif stream not in self._taps:
                self._take(seat, track, stream)
        for stream in self._taps.keys() - there:
            self._taps.pop(stream)

    def _take(self, seat: str, track: Track, stream: Inbound) -> None:
        self._streams += 1
        rank = track.rids.index(stream.layer) if stream.layer in track.rids else 0
        self.put(spool.stream(spool.Stream(self._streams, seat, track.kind, stream.codec, stream.clock, rank)))
        tap = self._taps[stream] = Tap(self, self._streams)
        stream.add(tap)
        if stream.codec != "opus":
            stream.want_key()

    def _ask_for_key_frames(self, now: float) -> None:
        if now - self._key_asked_at >= KEY_FRAME_EVERY_S:
            self._key_asked_at = now
            for stream in self._taps:
                if stream.codec != "opus":
                    stream.want_key()


def _streams_of(room: Room) -> Iterator[tuple[str, Track, Inbound]]:
    for seat, session in room.sessions.items():
        for track in session.tracks.values():
            for stream in track.layers.values():
                yield seat, track, stream
