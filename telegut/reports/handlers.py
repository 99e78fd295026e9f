"""Reports over HTTP: parse, call, answer. No rules live here."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import UUID

from aiohttp import web
from aiohttp.web_request import FileField
from pydantic import Field

from telegut.errors import FieldError, Invalid, NotFound, TooLarge, Unparsable
from telegut.reports.bodies import (
    MetadataBody,
    ReceivedAnswer,
    ReportAnswer,
    SampleBody,
    SummaryAnswer,
    as_read_by,
)
from telegut.reports.clinician import handlers as clinician
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.formats.refusals import UnknownSample
from telegut.reports.keys import REPORTS
from telegut.reports.pages_of import pages, seen_by_clinician
from telegut.reports.service import Handed, Reports
from telegut.reports.states import NothingToChoose, OfSeveral
from telegut.web.api import Call, Endpoints, Page, Query, check_text, validated

api = Endpoints("reports")

PAGE_SIZE = 50


class PageQuery(Query):
    """Where a list goes on."""

    cursor: str | None = None
    limit: int = Field(default=PAGE_SIZE, ge=1, le=100)


def install(app: web.Application, reports: Reports) -> None:
    """Serve reports in *app*."""
    app[REPORTS] = reports
    api.install(app)
    pages.install(app)
    clinician.install(app)


@api.post(
    "/api/v1/patients/{id}/reports",
    multipart=True,
    answer=ReceivedAnswer,
    status=202,
    summary="Hand in a lab's file: file (repeated), metadata (JSON), sample",
    refusals=[TooLarge],
)
async def post_report(call: Call[None]) -> ReceivedAnswer:
    """Keeps the files as they are; the worker reads them."""
    unknown = sorted(set(call.form) - {"file", "metadata", "sample"})
    if unknown:
        raise Invalid(errors=[FieldError(name, "is not a known field") for name in unknown])
    received = await call.app[REPORTS].receive(
        call.caller, call.uuid("id"), _files(call), _metadata(call), _text(call, "sample")
    )
    return ReceivedAnswer(id=received.id, state=received.state, version=received.version)


@api.get(
    "/api/v1/patients/{id}/reports",
    query=PageQuery,
    answer=Page[SummaryAnswer],
    summary="A patient's reports",
    visit_scope=True,
)
async def get_reports(call: Call[None]) -> Page[SummaryAnswer]:
    """A patient's reports, the newest first."""
    limit = call.query.limit
    found = await call.app[REPORTS].list_of(
        call.caller, call.uuid("id"), before=_cursor(call.query.cursor), limit=limit + 1
    )
    goes_on = str(found[limit - 1].id) if len(found) > limit else None
    return Page[SummaryAnswer](items=[SummaryAnswer.of(one) for one in found[:limit]], next=goes_on)


@api.get("/api/v1/reports/{id}", answer=ReportAnswer, summary="One report", visit_scope=True)
async def get_report(call: Call[None]) -> ReportAnswer:
    """One report with everything that is known of it."""
    report = await call.app[REPORTS].read(call.caller, call.uuid("id"))
    for_patient = not seen_by_clinician(call.caller, report)
    compared = await call.app[COHORTS].compared(call.caller, report, for_patient=for_patient)
    return as_read_by(report, compared, for_patient=for_patient)


@api.post(
    "/api/v1/reports/{id}/sample",
    body=SampleBody,
    answer=ReceivedAnswer,
    status=202,
    summary="Choose the sample that is this patient's",
    refusals=[UnknownSample, NothingToChoose],
)
async def post_sample(call: Call[SampleBody]) -> ReceivedAnswer:
    """Has the file read again for the sample that a person chose."""
    received = await call.app[REPORTS].choose(call.caller, call.uuid("id"), call.body.sample)
    return ReceivedAnswer(id=received.id, state=received.state, version=received.version)


class FileQuery(Query):
    """Which of several files that were handed in together, from 1."""

    file: int = Field(default=1, ge=1)


@api.get("/api/v1/reports/{id}/original", query=FileQuery, summary="The untouched file", refusals=[OfSeveral])
async def get_original(call: Call[None]) -> web.Response:
    """The untouched file, as an attachment."""
    files = await call.app[REPORTS].originals(call.caller, call.uuid("id"))
    if call.query.file > len(files):
        raise NotFound
    chosen = files[call.query.file - 1]
    return web.Response(
        body=chosen.content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": _attachment(chosen.name),
            "X-Content-Type-Options": "nosniff",
            "Digest": f"sha-256={_base64(chosen.sha256)}",
            "Cache-Control": "no-store",
        },
    )


def _files(call: Call[None]) -> list[Handed]:
    parts = call.form.get("file", [])
    if any(not isinstance(part, FileField) for part in parts):
        raise Invalid(errors=[FieldError("file", "is a file, not a text")])
    handed = []
    for part in parts:
        assert isinstance(part, FileField)
        if "\0" in part.filename:
            raise Invalid(errors=[FieldError("file", "has a character in its name that cannot be kept")])
        part.file.seek(0)  # a transaction that was tried again reads it again
        handed.append(Handed(_shown_name(part.filename), part.file.read()))
    return handed


def _metadata(call: Call[None]) -> dict[str, Any]:
    text = _text(call, "metadata")
    if text is None or not text.strip():
        return {}  # nothing is known, and the report says so
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise Unparsable("The metadata is not JSON.") from exc
    check_text(value)
    return validated(MetadataBody, value).model_dump(mode="json", exclude_none=True)


def _text(call: Call[None], name: str) -> str | None:
    parts = call.form.get(name, [])
    if len(parts) > 1:
        raise Invalid(errors=[FieldError(name, "may be given once")])
    if not parts:
        return None
    [part] = parts
    if isinstance(part, str):
        text = part
    else:
        part.file.seek(0)
        text = part.file.read(65_536).decode("utf-8", "replace")
    check_text(text, name)
    return text


def _cursor(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError as exc:
        raise Invalid(errors=[FieldError("cursor", "is not a cursor of this list")]) from exc


def _shown_name(name: str) -> str:
    """The last part of a path, without what could break a header or a page."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:200] or "report"


def _attachment(name: str) -> str:
    plain = "".join(sign if sign.isascii() and sign not in '"\\' else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _base64(raw: bytes) -> str:
    from base64 import b64encode

    return b64encode(raw).decode()
