"""Files over HTTP: parse, call, answer. No rules live here."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from aiohttp import web
from aiohttp.web_request import FileField

from telegut.errors import FieldError, Invalid, TooLarge
from telegut.messaging.uploads.keys import UPLOADS
from telegut.messaging.uploads.remaking import PROBLEMS
from telegut.messaging.uploads.rules import FileNotTaken, Kind, SpaceUsedUp, State, TakenBack, UploadQuota, UploadUsed
from telegut.messaging.uploads.service import FileRefused, FilesNotTaken, NotChecked, Served, Uploads
from telegut.messaging.uploads.shelf import Stored
from telegut.web.api import Answer, Call, Endpoints
from telegut.web.keys import SETTINGS

api = Endpoints("uploads")

WRITERS = {"patient", "guardian", "consultant", "nutritionist"}
"""Roles that can take part in a conversation."""


def install(app: web.Application, uploads: Uploads) -> None:
    """Serve files in *app*."""
    app[UPLOADS] = uploads
    api.install(app)


class ProblemAnswer(Answer):
    """Why a file was refused: a stable word, and a sentence for a person."""

    code: str
    detail: str


class UploadAnswer(Answer):
    """
    How far a file has come. It can be sent once it is ``clean``; what is known of it then is null before.

    *conversation*: the only one it can be sent to; null: any in which its owner writes.
    """

    id: UUID
    state: State
    conversation: UUID | None
    problem: ProblemAnswer | None = None
    name: str | None = None
    type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    duration_s: float | None = None
    thumbnail: bool | None = None

    @classmethod
    def of(cls, found: Stored) -> UploadAnswer:
        """Translate."""
        if found.details is not None:
            return cls.model_validate({**found.facts, "state": found.state, "conversation": found.conversation})
        problem = None
        if found.problem is not None:
            problem = ProblemAnswer(code=found.problem, detail=PROBLEMS[found.problem])
        return cls(id=found.id, state=found.state, conversation=found.conversation, problem=problem)


@api.post(
    "/api/v1/uploads",
    multipart=True,
    answer=UploadAnswer,
    status=201,
    summary="Hand in a file for a message: file, conversation (the one it is for, unless it shall stay open)",
    refusals=[TooLarge, FileNotTaken, UploadQuota, SpaceUsedUp, FilesNotTaken],
    roles=WRITERS,
    visit_scope=True,
)
async def post_upload(call: Call[None]) -> UploadAnswer:
    """Keeps it sealed; the worker checks it, and says so on the feed (``upload.ready``, ``upload.refused``)."""
    unknown = sorted(set(call.form) - {"file", "conversation"})
    if unknown:
        raise Invalid(errors=[FieldError(name, "is not a known field") for name in unknown])
    name, content = _file(call)
    return UploadAnswer.of(await call.app[UPLOADS].receive(call.caller, _conversation(call), name, content))


@api.get(
    "/api/v1/uploads/{id}/state",
    answer=UploadAnswer,
    summary="How far my file has come",
    visit_scope=True,
)
async def get_upload_state(call: Call[None]) -> UploadAnswer:
    """For its owner alone."""
    return UploadAnswer.of(await call.app[UPLOADS].status(call.caller, call.uuid("id")))


@api.delete(
    "/api/v1/uploads/{id}",
    summary="Forget my file that was not sent",
    refusals=[UploadUsed],
    visit_scope=True,
)
async def delete_upload(call: Call[None]) -> None:
    """For its owner alone."""
    await call.app[UPLOADS].discard(call.caller, call.uuid("id"))


@api.get(
    "/api/v1/uploads/{id}",
    summary="A file, for those who take part in its conversation",
    refusals=[NotChecked, FileRefused, TakenBack],
    visit_scope=True,
)
async def get_upload(call: Call[None]) -> web.Response:
    """As an attachment; one range of bytes may be asked for (RFC 9110, section 14)."""
    return await _given(call, await call.app[UPLOADS].serve(call.caller, call.uuid("id")))


@api.get(
    "/api/v1/uploads/{id}/thumbnail",
    summary="A picture in small (JPEG)",
    refusals=[NotChecked, FileRefused, TakenBack],
    visit_scope=True,
)
async def get_thumbnail(call: Call[None]) -> web.Response:
    """As an attachment, like the file."""
    return await _given(call, await call.app[UPLOADS].serve(call.caller, call.uuid("id"), thumbnail=True))


class UploadRulesAnswer(Answer):
    """
    What is taken. *taken* is false while this clinic takes no files at all.

    *accepts*: for a file chooser. *bytes*: of one file. *files*: of one message.
    *recording_s*: seconds of a voice note.
    """

    taken: bool
    accepts: list[str]
    bytes: int
    files: int
    recording_s: float


@api.get("/api/v1/upload-rules", answer=UploadRulesAnswer, summary="Which files are taken", visit_scope=True)
async def get_upload_rules(call: Call[None]) -> UploadRulesAnswer:
    """The same for everybody."""
    uploads = call.app[UPLOADS]
    return UploadRulesAnswer(
        taken=uploads.taken,
        accepts=[kind.value for kind in Kind],
        bytes=uploads.limits.file_bytes,
        files=uploads.limits.message_files,
        recording_s=call.app[SETTINGS].upload_recording_s,
    )


def _file(call: Call[None]) -> tuple[str, bytes]:
    parts = call.form.get("file", [])
    if len(parts) != 1 or not isinstance(parts[0], FileField):
        raise Invalid(errors=[FieldError("file", "is one file")])
    [part] = parts
    assert isinstance(part, FileField)
    part.file.seek(0)  # a transaction that was tried again reads it again
    return part.filename, part.file.read()


def _conversation(call: Call[None]) -> UUID | None:
    parts: list[Any] = call.form.get("conversation", [])
    if not parts:
        return None
    try:
        [text] = parts
        return UUID(text)
    except (ValueError, AttributeError, TypeError) as exc:
        raise Invalid(errors=[FieldError("conversation", "is the id of one conversation")]) from exc


async def _given(call: Call[None], served: Served) -> web.Response:
    asked = _range(call.request, served.size)
    start, end = asked or (0, served.size)
    headers = _headers(served)
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{served.size}"
    body = await served.read(start, end)
    return web.Response(status=206 if asked else 200, body=body, headers=headers, content_type=served.type)


def _range(request: web.Request, size: int) -> tuple[int, int] | None:
    """The one range that was asked for; None for the whole, also when we do not understand what was asked."""
    try:
        wanted = request.http_range
    except ValueError:
        return None
    if wanted.start is None and wanted.stop is None:
        return None
    start, end, _ = wanted.indices(size)
    return (start, end) if start < end else None


def _headers(served: Served) -> dict[str, str]:
    plain = "".join(sign if sign.isascii() and sign not in '"\\' else "_" for sign in served.name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(served.name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Accept-Ranges": "bytes",
    }
