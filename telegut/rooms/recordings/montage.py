"""
From the sealed logs of a recording to what is on each film, in order: one film for each person, one for each screen.

One film a person and not one with everybody: browsers play one sound track of a film, and voices cannot be mixed
without decoding them. All films of a recording have the same time and length, so that they play side by side.

Each log is read twice: first for its instants, then for its frames. Times are seconds since 1970; on film from 0 on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from telegut.rooms.media.recording.spool import Entry, Mark, Packet, Report, Stream
from telegut.rooms.recordings import timing
from telegut.rooms.recordings.frames import Arrived, InOrder, Vp8Frames, vp8_piece, vp8_size
from telegut.rooms.recordings.timing import Line, Reel, Span, Told, Unwrap

LAYER_DEAD_S: Final = 1.0
"""Without a frame of the present layer for so long, another layer takes over with its next key frame."""

Log = Callable[[], Iterable[Entry]]
"""Reads one log from its beginning."""


class Film(NamedTuple):
    """Whose film: of a person (what is ``person``) or of the screen they share (``screen``)."""

    seat: str
    what: str

    @classmethod
    def of(cls, stream: Stream) -> Film:
        """Where *stream* belongs."""
        return cls(stream.seat, "screen" if stream.kind == "screen" else "person")


class Frame(NamedTuple):
    """One sound or picture of a film. size: of a key frame of a picture."""

    film: Film
    sound: bool
    at: float
    data: bytes
    size: tuple[int, int] | None


@dataclass(slots=True)
class Source:
    """A stream of one log with all that is known of its time."""

    stream: Stream
    line: Line
    sequences: Unwrap
    timestamps: Unwrap
    order: InOrder
    frames: Vp8Frames


@dataclass(slots=True)
class Survey:
    """What one log holds."""

    lines: dict[int, Line] = field(default_factory=dict)
    streams: dict[int, Stream] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    sizes: dict[Film, tuple[int, int]] = field(default_factory=dict)
    broke_off: bool = False
    """It has no last mark: the media process ended while it recorded."""

    def offsets(self) -> dict[str, float | None]:
        """See `timing.offset`, by seat."""
        theirs: dict[str, list[Line]] = defaultdict(list)
        for number, stream in self.streams.items():
            theirs[stream.seat].append(self.lines[number])
        return timing.offsets(theirs)


def survey(log: Iterable[Entry]) -> Survey:
    """Read a log for its instants, its pauses and the size of its pictures."""
    found, marks, last = Survey(), [], 0.0
    timestamps: dict[int, Unwrap] = defaultdict(lambda: Unwrap(32))
    for entry in log:
        match entry:
            case Stream():
                found.streams[entry.number] = entry
                found.lines[entry.number] = Line(entry.clock)
            case Packet():
                last = entry.came / 1e6
                found.lines[entry.number].came(timestamps[entry.number](entry.timestamp), last)
                _measure(found, entry)
            case Report():
                told = Told(timestamps[entry.number](entry.timestamp), timing.of_ntp(entry.ntp), entry.came / 1e6)
                found.lines[entry.number].told.append(told)
            case Mark():
                marks.append((entry.at / 1e6, entry.on))
    for line in found.lines.values():
        line.told.sort()
    found.spans = timing.spans(marks, last)
    found.broke_off = bool(marks) and marks[-1][1]
    return found


def missing(surveys: Iterable[Survey]) -> Literal["between", "end", "both"] | None:
    """Where something is missing because a log broke off: before another log goes on, at the end, or both."""
    in_order = sorted((one for one in surveys if one.spans), key=lambda one: one.spans)
    if not in_order:
        return None
    *before, last = in_order
    between = any(one.broke_off for one in before)
    if last.broke_off:
        return "both" if between else "end"
    return "between" if between else None


def _measure(found: Survey, packet: Packet) -> None:
    """The largest picture of each film; a film's header says one size, and its frames may be smaller."""
    stream = found.streams[packet.number]
    if stream.codec != "vp8" or not packet.payload or packet.payload[0] & 0x1F != 0x10:
        return
    piece = vp8_piece(packet.payload)
    size = vp8_size(piece.body) if piece is not None else None
    if size is not None:
        film = Film.of(stream)
        found.sizes[film] = max(size, found.sizes.get(film, (0, 0)))


def films(surveys: Iterable[Survey]) -> dict[Film, tuple[int, int] | None]:
    """All films, each with the size of its pictures; None: sound alone."""
    found: dict[Film, tuple[int, int] | None] = {}
    for one in surveys:
        for stream in one.streams.values():
            film = Film.of(stream)
            sizes = [size for size in (found.get(film), one.sizes.get(film)) if size is not None]
            found[film] = max(sizes, default=None)
    return {film: size for film, size in found.items() if film.what == "person" or size is not None}


@dataclass(slots=True)
class Shown:
    """Which layer a film shows now."""

    number: int | None = None
    rank: int = 0
    at: float = float("-inf")

    def takes(self, stream: Stream, at: float, *, key: bool) -> bool:
        """Whether a frame of *stream* that was taken at *at* is shown. A source anew has the rank of the one before."""
        if stream.number != self.number:
            better = self.number is None or stream.rank <= self.rank or at - self.at > LAYER_DEAD_S
            if not (key and better):
                return False
            self.number, self.rank = stream.number, stream.rank
        self.at = at
        return True


def frames(log: Iterable[Entry], known: Survey, reel: Reel) -> Iterator[Frame]:
    """What of one log is on the films, nearly in order; each film's sound and pictures each in order."""
    sources = {
        number: Source(stream, known.lines[number], Unwrap(16), Unwrap(32), InOrder(), Vp8Frames())
        for number, stream in known.streams.items()
    }
    offsets = known.offsets()
    shown: dict[Film, Shown] = defaultdict(Shown)
    for entry in log:
        if isinstance(entry, Packet):
            source = sources[entry.number]
            arrived = Arrived(
                source.sequences(entry.sequence),
                source.timestamps(entry.timestamp),
                entry.came / 1e6,
                entry.marker,
                entry.payload,
            )
            yield from _ready(source, source.order.put(arrived), offsets[source.stream.seat], shown, reel)
        elif isinstance(entry, Report):
            sources[entry.number].timestamps(entry.timestamp)
    for source in sources.values():
        yield from _ready(source, source.order.rest(), offsets[source.stream.seat], shown, reel)


def _ready(
    source: Source, packets: list[tuple[Arrived, bool]], offset: float | None, shown: dict[Film, Shown], reel: Reel
) -> Iterator[Frame]:
    stream, film = source.stream, Film.of(source.stream)
    for packet, lost in packets:
        if stream.codec == "opus":
            at = reel.place(source.line.at(packet.timestamp, offset))
            if at is not None:
                yield Frame(film, True, at, packet.payload, None)
            continue
        picture = source.frames.put(packet, lost)
        if picture is None:
            continue
        taken = source.line.at(picture.timestamp, offset)
        at = reel.place(taken)
        if at is not None and shown[film].takes(stream, taken, key=picture.size is not None):
            yield Frame(film, False, at, picture.data, picture.size)
