"""Recordings over HTTP: parse, call, answer; and everything of recordings put into the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.realtime.handlers import BUS
from telegut.rooms.recordings import screens
from telegut.rooms.recordings.keys import LIVE_RECORDINGS, RECORDINGS
from telegut.rooms.recordings.live import CHANGED
from telegut.rooms.recordings.making import RecordingServices
from telegut.rooms.recordings.service import FilmMissing, Kept, NotInIt, Served, Withdrawn
from telegut.web.api import Answer, Call, Endpoints, Instant, Page
from telegut.web.keys import SETTINGS

api = Endpoints("recordings")

PART_BYTES = 1_048_576
"""So much of a film is opened at once."""
RANGE_BYTES = 4 * PART_BYTES
"""The longest answer to one range; a player that wants more asks again (RFC 9110, section 15.3.7)."""


def install(app: web.Application, made: RecordingServices) -> None:
    """Serve recordings in *app*."""
    app[LIVE_RECORDINGS], app[RECORDINGS] = made.live, made.recordings
    app[BUS].subscribe(CHANGED, made.live.hear_changed)
    api.install(app)
    screens.install(app)
    app.cleanup_ctx.append(_beating)


async def _beating(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[LIVE_RECORDINGS].run(app[SETTINGS].room_beat_s), name="recordings beat")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class FilmAnswer(Answer):
    """The film of one person, or of the screen they shared. *sha256*: of the whole, in clear."""

    id: UUID
    account: UUID
    name: str
    what: Literal["person", "screen"]
    picture: bool
    size_bytes: int
    duration_ms: int
    sha256: str


class SaidAnswer(Answer):
    """What somebody said of being recorded, and when."""

    account: UUID
    name: str
    word: Literal["asked", "yes", "no", "stop", "withdrawn"]
    at: Instant


class WatchAnswer(Answer):
    """Somebody watched it."""

    name: str
    at: Instant


class RecordingAnswer(Answer):
    """
    A recording of a visit.

    film: ``waiting`` while it is being made. held: the record is held, so that nothing of it is removed right now.
    missing: it was interrupted, and lacks what was said meanwhile, or from then on.
    """

    id: UUID
    visit: UUID
    patient: UUID
    why: str
    state: Literal["running", "paused", "ended"]
    film: Literal["none", "waiting", "made", "failed", "removed"]
    asked_by: str
    asked_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    ending: Literal["declined", "stopped", "over", "disk", "full"] | None
    keep_until: Instant
    withdrawn_at: Instant | None
    may_withdraw: bool
    held: bool
    missing: Literal["between", "end", "both"] | None
    films: list[FilmAnswer]
    said: list[SaidAnswer]
    watched: list[WatchAnswer]

    @classmethod
    def of(cls, one: Kept) -> RecordingAnswer:
        """Translate."""
        return cls.model_validate(one, from_attributes=True)


@api.get(
    "/api/v1/patients/{id}/recordings",
    answer=Page[RecordingAnswer],
    summary="The recordings of a patient's visits",
    refusals=[NotFound],
)
async def get_recordings(call: Call[None]) -> Page[RecordingAnswer]:
    """Those that began, the latest first, each with who agreed and who has watched it."""
    found = await call.app[RECORDINGS].of_patient(call.caller, call.uuid("id"))
    return Page(items=[RecordingAnswer.of(one) for one in found])


@api.get("/api/v1/recordings/{id}", answer=RecordingAnswer, summary="One recording", refusals=[NotFound])
async def get_recording(call: Call[None]) -> RecordingAnswer:
    """For the patient, who acts for them, and the care team."""
    return RecordingAnswer.of(await call.app[RECORDINGS].one(call.caller, call.uuid("id")))


@api.post(
    "/api/v1/recordings/{id}/withdrawal",
    answer=RecordingAnswer,
    summary="Take my consent to a recording back",
    refusals=[NotFound, NotInIt],
)
async def post_withdrawal(call: Call[None]) -> RecordingAnswer:
    """From now on nobody can watch it, and it is removed; while the record is held it stays closed instead."""
    return RecordingAnswer.of(await call.app[RECORDINGS].withdraw(call.caller, call.uuid("id")))


@api.get(
    "/api/v1/recordings/{id}/films/{film}",
    summary="A film of a recording, WebM",
    refusals=[NotFound, Withdrawn, FilmMissing],
)
async def get_film(call: Call[None]) -> web.StreamResponse:
    """One range of bytes may be asked for (RFC 9110, section 14). That somebody watches is written down."""
    served = await call.app[RECORDINGS].serve(call.caller, call.uuid("id"), call.uuid("film"))
    start, end, partial = _range(call.request, served.size)
    response = web.StreamResponse(status=206 if partial else 200, headers=_headers())
    response.content_type = "video/webm"
    response.content_length = end - start
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{served.size}"
    first = await served.read(start, min(end, start + PART_BYTES))  # a film that cannot be read is refused kindly
    await response.prepare(call.request)
    await _send(response, served, first, start, end)
    return response


async def _send(response: web.StreamResponse, served: Served, first: bytes, start: int, end: int) -> None:
    await response.write(first)
    for at in range(start + PART_BYTES, end, PART_BYTES):
        await response.write(await served.read(at, min(end, at + PART_BYTES)))
    await response.write_eof()


def _range(request: web.Request, size: int) -> tuple[int, int, bool]:
    """Start and end of what is given, and whether it is a part; the whole when we do not understand what was asked."""
    try:
        wanted = request.http_range
    except ValueError:
        return 0, size, False
    if wanted.start is None and wanted.stop is None:
        return 0, size, False
    start, end, _ = wanted.indices(size)
    return (start, min(end, start + RANGE_BYTES), True) if start < end else (0, size, False)


def _headers() -> dict[str, str]:
    return {
        "Content-Disposition": 'inline; filename="recording.webm"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Accept-Ranges": "bytes",
    }
