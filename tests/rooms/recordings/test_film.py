"""From packets to films: a real WebM for each person, read back and decoded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import av
import numpy as np
import pytest

from telegut.rooms.media.recording import spool, writing
from telegut.rooms.media.recording.recorder import LEASE_S, Recorder
from telegut.rooms.media.recording.sealing import Changed, Sealer
from telegut.rooms.media.room import Room
from telegut.rooms.recordings import sealed_file
from telegut.rooms.recordings.developing import Developed, Order, develop, path_of
from telegut.rooms.recordings.sealed_file import PIECE_BYTES, SEALED_PIECE_BYTES, SealedTarget
from tests.rooms.recordings.talking import RATE, Person, Place, packets_of, pictures, voice

KEY = bytes(range(32))
WALL = 1_700_000_000.0
AMARA, LENA = str(UUID(int=1)), str(UUID(int=2))


class Studio:
    """A recorder whose time the test decides."""

    def __init__(self, folder: Path, *people: Person) -> None:
        self.order = Order(uuid4(), KEY, folder / "spool", folder / "films")
        self.room = cast(Room, Place(*people))
        self.people = {one.seat: one for one in people}
        self.recorder = self._begin()

    def _begin(self) -> Recorder:
        made = writing.begin(
            self.order.spool, KEY, self.order.recording, uuid4(), waiting_bytes=50_000_000, most_bytes=50_000_000
        )
        return Recorder(self.order.recording, "room", made, WALL)

    def tell(self, now: float, *, run: bool = True, agreed: tuple[str, ...] = (AMARA, LENA)) -> None:
        """What web says."""
        self.recorder.tell(frozenset(agreed), run=run, now=now)
        self.recorder.beat(self.room, now)

    def end(self, now: float) -> None:
        """The recording is over, and on disk."""
        self.recorder.end(now)
        assert self.recorder.writing.wait(10)

    def films(self) -> dict[str, dict[str, Any]]:
        """The films by seat."""
        return {one["seat"]: one for one in develop(self.order).films}

    def clear(self, film: dict[str, Any]) -> bytes:
        """A film, opened."""
        sealer = Sealer(KEY, self.order.recording, UUID(film["film"]))
        path = path_of(self.order.films, UUID(film["film"]))
        return sealed_file.read(path, sealer, film["size_bytes"], 0, film["size_bytes"])


def seen(webm: bytes) -> list[tuple[float, int, int]]:
    """When each picture is shown, and its size; every one is decoded."""
    with av.open(io.BytesIO(webm), "r") as film:
        return [(float(one.time or 0), one.width, one.height) for one in film.decode(video=0)]


def loudness(webm: bytes, begin: float, end: float) -> float:
    """How loud it is between two seconds."""
    samples = []
    with av.open(io.BytesIO(webm), "r") as film:
        for one in film.decode(audio=0):
            if begin <= float(one.time or 0) < end:
                samples.append(one.to_ndarray().astype(np.float64))
    return float(np.sqrt(np.mean(np.concatenate([part.ravel() for part in samples]) ** 2)))


def first_sound(webm: bytes) -> float:
    """When something is heard first."""
    with av.open(io.BytesIO(webm), "r") as film:
        return next(float(one.time or 0) for one in film.decode(audio=0) if np.abs(one.to_ndarray()).max() > 0.03)


def pitch(webm: bytes, begin: float, end: float) -> float:
    """The strongest tone between two seconds, in hertz."""
    samples = []
    with av.open(io.BytesIO(webm), "r") as film:
        for one in film.decode(audio=0):
            if begin <= float(one.time or 0) < end:
                samples.append(one.to_ndarray()[0])
    whole = np.concatenate(samples)
    return float(np.fft.rfftfreq(len(whole), 1 / 48_000)[np.argmax(np.abs(np.fft.rfft(whole)))])


def talk(studio: Studio, seconds: float, *, begin: float = 0.0, hertz: dict[str, float]) -> None:
    """Everybody talks and is seen for so long; reports come each second. The way takes 50 ms."""
    parts = {}
    for seat, person in studio.people.items():
        sound, sight = person.stream("audio"), person.stream("camera")
        parts[seat] = (sound, voice(seconds, hertz[seat]), sight, pictures(seconds, (160, 120)))
    studio.tell(begin)
    for number in range(round(seconds * 50)):
        at = begin + number / 50
        if number % 25 == 0:
            studio.tell(at)
        for seat, (sound, voices, sight, shown) in parts.items():
            person = studio.people[seat]
            if number % 50 == 0:
                person.report(sound, taken=at)
                person.report(sight, taken=at)
            person.send(sound, voices[number], taken=at, now=at + 0.05)
            if number % (50 // RATE) == 0:
                person.send(sight, shown[number * RATE // 50], taken=at, now=at + 0.05)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """Two people and a recorder."""
    made = Studio(tmp_path, Person(AMARA), Person(LENA))
    yield made
    made.recorder.writing.close()


def test_everybody_has_a_film_with_their_voice_and_picture(studio: Studio) -> None:
    talk(studio, 3.0, hertz={AMARA: 440.0, LENA: 880.0})
    studio.end(3.1)
    films = studio.films()
    assert set(films) == {AMARA, LENA}
    for seat, hertz in ((AMARA, 440.0), (LENA, 880.0)):
        film = films[seat]
        webm = studio.clear(film)
        assert webm.startswith(b"\x1a\x45\xdf\xa3"), "EBML"
        assert b"\x1c\x53\xbb\x6b" in webm, "Cues, so that a player finds its place"
        shown = seen(webm)
        assert len(shown) == 3 * RATE
        assert {(width, height) for _, width, height in shown} == {(160, 120)}
        assert pitch(webm, 0.5, 2.5) == pytest.approx(hertz, abs=5)
        assert film["picture"] is True
        assert film["duration_ms"] == 3100
        with av.open(io.BytesIO(webm), "r") as opened:
            assert (opened.duration or 0) / 1e6 == pytest.approx(3.1, abs=0.05)
            assert [stream.codec_context.name for stream in opened.streams] == ["vp8", "opus"]


def test_on_disk_nothing_is_in_clear(studio: Studio) -> None:
    talk(studio, 1.0, hertz={AMARA: 440.0, LENA: 880.0})
    studio.end(1.0)
    films = studio.films()
    payload = next(packets_of(pictures(1.0, (160, 120))[0]))[0][20:60]
    for path in (path for path in studio.order.spool.parent.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for telling in (b"\x1a\x45\xdf\xa3", b"OpusHead", AMARA.encode(), payload):
            assert telling not in content
        assert path.stat().st_mode & 0o077 == 0
    film = films[LENA]
    path = path_of(studio.order.films, UUID(film["film"]))
    with pytest.raises(Changed):
        sealed_file.read(path, Sealer(bytes(32), studio.order.recording, UUID(film["film"])), film["size_bytes"], 0, 10)


def test_lips_match_by_the_reports_whatever_the_ways_cost(studio: Studio) -> None:
    """Sound comes 300 ms later than the picture of the same moment; the reports put them together again."""
    person = studio.people[LENA]
    sound, sight = person.stream("audio"), person.stream("camera")
    tone, hush = voice(1.0, 440.0), voice(1.0, 0.0)
    studio.tell(0.0)
    shown = pictures(2.0, (160, 120))
    arriving: list[tuple[float, Any]] = []
    for number in range(100):
        at = number / 50
        arriving.append((at + 0.35, (sound, (hush + tone)[number], at)))
        if number % 5 == 0:
            arriving.append((at + 0.05, (sight, shown[number // 5], at)))
    for now, (stream, data, at) in sorted(arriving, key=lambda one: one[0]):
        person.report(stream, taken=at)
        person.send(stream, data, taken=at, now=now)
        studio.tell(now)
    studio.end(2.5)
    webm = studio.clear(studio.films()[LENA])
    begins = first_sound(webm)
    pictured = [at for at, _, _ in seen(webm)]
    assert begins - pictured[10] == pytest.approx(0.0, abs=0.08)


def test_a_pause_is_cut_out_and_what_is_said_in_it_is_nowhere(studio: Studio) -> None:
    hertz = {AMARA: 440.0, LENA: 880.0}
    talk(studio, 1.0, hertz=hertz)
    studio.tell(1.0, run=False)
    for seat, person in studio.people.items():
        secret = person.stream("audio")
        for number, data in enumerate(voice(1.0, 3000.0)):
            person.send(secret, data, taken=2 + number / 50, now=2.05 + number / 50)
        assert seat in hertz
    talk(studio, 1.0, begin=10.0, hertz=hertz)
    studio.end(11.0)
    film = studio.films()[LENA]
    webm = studio.clear(film)
    assert film["duration_ms"] == 2000
    assert pitch(webm, 0.1, 1.9) == pytest.approx(880, abs=5)
    shown = seen(webm)
    assert len(shown) == 2 * RATE
    assert max(later - at for (at, *_), (later, *_) in pairwise(shown)) < 0.3


def test_somebody_who_did_not_agree_stops_it_at_once_whatever_web_says(studio: Studio) -> None:
    talk(studio, 0.5, hertz={AMARA: 440.0, LENA: 880.0})
    assert studio.recorder.running
    cast(Any, studio.room).sessions["somebody new"] = Person("somebody new")
    studio.tell(0.6)
    assert not studio.recorder.running
    assert all(
        not layer.takers for one in studio.people.values() for t in one.tracks.values() for layer in t.layers.values()
    )
    studio.tell(0.7, agreed=(AMARA, LENA, "somebody new"))
    assert studio.recorder.running


def test_without_a_word_of_web_it_stands_still(studio: Studio) -> None:
    studio.tell(0.0)
    studio.recorder.beat(studio.room, LEASE_S - 0.1)
    assert studio.recorder.running
    studio.recorder.beat(studio.room, LEASE_S + 0.1)
    assert not studio.recorder.running


def test_a_muted_voice_is_silence_and_does_not_come_too_early(studio: Studio) -> None:
    person = studio.people[LENA]
    sound = person.stream("audio")
    studio.tell(0.0)
    for number, data in enumerate(voice(3.0, 440.0)):
        at = number / 50
        studio.tell(at)
        if number % 50 == 0:
            person.report(sound, taken=at)
        if not 1.0 <= at < 2.0:
            person.send(sound, data, taken=at, now=at)
    studio.end(3.0)
    film = studio.films()[LENA]
    webm = studio.clear(film)
    assert film["picture"] is False
    assert loudness(webm, 0.3, 0.9) > 0.05
    assert loudness(webm, 1.2, 1.8) < 0.01
    assert loudness(webm, 2.2, 2.8) > 0.05


def test_a_smaller_layer_takes_over_and_the_better_one_comes_back(studio: Studio) -> None:
    person = studio.people[LENA]
    high = person.stream("camera", rid="h", rids=("h", "l"))
    low = person.stream("camera", rid="l", rids=("h", "l"))
    large, small = pictures(6.0, (320, 240), keys_at=(4.0,)), pictures(6.0, (160, 120), keys_at=(2.0, 4.0))
    studio.tell(0.0)
    for number in range(6 * RATE):
        at = number / RATE
        studio.tell(at)
        if not 1.0 <= at < 4.0:
            person.send(high, large[number], taken=at, now=at)
        person.send(low, small[number], taken=at, now=at)
    studio.end(6.0)
    shown = seen(studio.clear(studio.films()[LENA]))
    assert {width for at, width, _ in shown if at < 0.95} == {320}
    assert {width for at, width, _ in shown if 2.05 < at < 3.9} == {160}
    assert {width for at, width, _ in shown if at > 4.05} == {320}


def test_a_picture_that_was_lost_is_not_built_upon(studio: Studio) -> None:
    person = studio.people[LENA]
    sight = person.stream("camera")
    shown = pictures(3.0, (160, 120), keys_at=(2.0,))
    studio.tell(0.0)
    for number in range(3 * RATE):
        studio.tell(number / RATE)
        person.send(sight, shown[number], taken=number / RATE, now=number / RATE, lose=number == 10)
    studio.end(3.0)
    times = [at for at, _, _ in seen(studio.clear(studio.films()[LENA]))]
    assert not [at for at in times if 0.95 < at < 1.9]
    assert [at for at in times if at > 1.9]


def test_of_h264_the_page_is_told(studio: Studio) -> None:
    studio.people[LENA].stream("camera", "h264")
    studio.tell(0.0)
    assert studio.recorder.unseen == {LENA}


def test_a_log_that_was_cut_off_gives_what_it_has(studio: Studio) -> None:
    talk(studio, 2.0, hertz={AMARA: 440.0, LENA: 880.0})
    studio.end(2.0)
    [name] = spool.found(studio.order.spool, studio.order.recording)
    path = name.within(studio.order.spool)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.7)])
    film = studio.films()[LENA]
    assert 500 < film["duration_ms"] < 2000
    assert seen(studio.clear(film))


def test_a_killed_process_and_the_next_one_make_one_film(studio: Studio) -> None:
    hertz = {AMARA: 440.0, LENA: 880.0}
    talk(studio, 1.0, hertz=hertz)
    studio.end(1.0)
    studio.recorder = studio._begin()
    talk(studio, 1.0, begin=30.0, hertz=hertz)
    studio.end(31.0)
    film = studio.films()[AMARA]
    assert film["duration_ms"] == 2000
    assert len(seen(studio.clear(film))) == 2 * RATE
    assert develop(studio.order).missing is None


@pytest.mark.parametrize(("cut", "missing"), [((), None), ((0,), "between"), ((1,), "end"), ((0, 1), "both")], ids=str)
def test_a_log_that_broke_off_is_said_to_lack_what_came_after(
    studio: Studio, cut: tuple[int, ...], missing: str | None
) -> None:
    logs: list[Path] = []
    for begin in (0.0, 30.0):
        talk(studio, 1.0, begin=begin, hertz={AMARA: 440.0, LENA: 880.0})
        studio.end(begin + 1.0)
        found = {name.within(studio.order.spool) for name in spool.found(studio.order.spool, studio.order.recording)}
        logs += found - set(logs)
        studio.recorder = studio._begin()
    for number in cut:
        logs[number].write_bytes(logs[number].read_bytes()[:-10])
    assert develop(studio.order).missing == missing


def test_a_log_that_was_changed_gives_nothing(studio: Studio) -> None:
    talk(studio, 0.5, hertz={AMARA: 440.0, LENA: 880.0})
    studio.end(0.5)
    [name] = spool.found(studio.order.spool, studio.order.recording)
    path = name.within(studio.order.spool)
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    with pytest.raises(Changed):
        develop(studio.order)


def test_a_recording_of_nothing_has_no_films(studio: Studio) -> None:
    studio.end(0.0)
    assert develop(studio.order) == Developed([], None)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [({"waiting_bytes": 10, "most_bytes": 10_000}, "disk"), ({"waiting_bytes": 10_000, "most_bytes": 150}, "full")],
)
def test_a_slow_disk_and_a_full_one_end_it_and_nobody_waits(
    tmp_path: Path, limits: dict[str, int], problem: str
) -> None:
    made = writing.begin(tmp_path, KEY, uuid4(), uuid4(), **limits)
    for _ in range(3):
        made.put(bytes(100))
    assert made.problem == problem
    made.close()
    assert made.wait(10)


def test_a_folder_that_cannot_be_written_ends_it(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    made = writing.begin(tmp_path / "taken", KEY, uuid4(), uuid4(), waiting_bytes=1000, most_bytes=1000)
    made.put(b"x")
    made.close()
    assert made.wait(10)
    assert made.problem == "disk"


def test_any_part_of_a_film_can_be_read_and_none_be_moved(tmp_path: Path) -> None:
    recording, film = uuid4(), uuid4()
    sealer, path = Sealer(KEY, recording, film), tmp_path / "film"
    with path.open("wb") as file:
        target = SealedTarget(file, sealer)
        content = bytes(range(256)) * 3000
        for at in range(0, len(content), 10_007):
            target.write(content[at : at + 10_007])
        target.seek(5)
        target.write(b"HEAD")
        with pytest.raises(OSError, match="head"):
            target.seek(PIECE_BYTES + 5)
            target.write(b"x")
        target.finish()
    content = content[:5] + b"HEAD" + content[9:]
    size = len(content)
    assert target.size == size
    for start, end in ((0, size), (3, 20), (PIECE_BYTES - 2, PIECE_BYTES + 2), (size - 1, size)):
        assert sealed_file.read(path, sealer, size, start, end) == content[start:end]
    sealed = path.read_bytes()
    swapped = sealed[SEALED_PIECE_BYTES : 2 * SEALED_PIECE_BYTES] + sealed[:SEALED_PIECE_BYTES]
    path.write_bytes(swapped + sealed[2 * SEALED_PIECE_BYTES :])
    with pytest.raises(Changed):
        sealed_file.read(path, sealer, size, 0, 10)
    path.write_bytes(sealed[:-100])
    with pytest.raises(Changed):
        sealed_file.read(path, sealer, size, size - 1, size)
