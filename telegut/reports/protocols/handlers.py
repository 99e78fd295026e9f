"""Protocols and quality material over HTTP: parse, call, answer."""

from __future__ import annotations

import json

from aiohttp import web
from aiohttp.web_request import FileField

from telegut.errors import FieldError, Invalid, Unparsable
from telegut.reports.protocols.bodies import (
    MeasurementBody,
    ProtocolAnswer,
    ProtocolBody,
    ProtocolChange,
    QualityAnswer,
)
from telegut.reports.protocols.quality import Measurement, Quality, SameResult
from telegut.reports.protocols.service import ProtocolChanged, ProtocolRetired, Protocols
from telegut.web.api import Call, Endpoints, Page, check_text, validated

api = Endpoints("reports")
PROTOCOLS: web.AppKey[Protocols] = web.AppKey("reports_protocols")
QUALITY: web.AppKey[Quality] = web.AppKey("reports_quality")
READING = {"consultant", "nutritionist", "coordinator", "admin"}
"""Who orders, takes or arranges samples."""
MAKING = {"consultant", "admin"}
"""Who says how a clinic's samples are taken."""


def install(app: web.Application, protocols: Protocols, quality: Quality) -> None:
    """Serve them in *app*."""
    app[PROTOCOLS], app[QUALITY] = protocols, quality
    api.install(app)


@api.get("/api/v1/protocols", answer=Page[ProtocolAnswer], roles=READING, summary="How samples are taken here")
async def get_protocols(call: Call[None]) -> Page[ProtocolAnswer]:
    """The newest version of each."""
    return Page[ProtocolAnswer](items=[ProtocolAnswer.of(one) for one in await call.app[PROTOCOLS].all(call.caller)])


@api.post(
    "/api/v1/protocols", body=ProtocolBody, answer=ProtocolAnswer, status=201, roles=MAKING, summary="A new protocol"
)
async def post_protocol(call: Call[ProtocolBody]) -> ProtocolAnswer:
    """Its first version."""
    return ProtocolAnswer.of(await call.app[PROTOCOLS].make(call.caller, call.body.content()))


@api.get("/api/v1/protocols/{id}/versions", answer=Page[ProtocolAnswer], roles=READING, summary="A protocol's versions")
async def get_protocol_versions(call: Call[None]) -> Page[ProtocolAnswer]:
    """The newest first."""
    found = await call.app[PROTOCOLS].versions(call.caller, call.uuid("id"))
    return Page[ProtocolAnswer](items=[ProtocolAnswer.of(one) for one in found])


@api.post(
    "/api/v1/protocols/{id}/versions",
    body=ProtocolChange,
    answer=ProtocolAnswer,
    status=201,
    roles=MAKING,
    summary="Change a protocol: its next version",
    refusals=[ProtocolChanged],
)
async def post_version(call: Call[ProtocolChange]) -> ProtocolAnswer:
    """Earlier versions stay: samples were taken by them."""
    body = call.body
    made = await call.app[PROTOCOLS].change(
        call.caller, call.uuid("id"), body.version, body.content(), offered=body.offered
    )
    return ProtocolAnswer.of(made)


@api.get(
    "/api/v1/protocols/{id}/quality-results",
    answer=Page[QualityAnswer],
    roles=READING,
    summary="What the laboratory found in quality material",
)
async def get_quality(call: Call[None]) -> Page[QualityAnswer]:
    """The newest first."""
    return await _results(call)


@api.post(
    "/api/v1/protocols/{id}/quality-results",
    multipart=True,
    answer=Page[QualityAnswer],
    status=201,
    roles=MAKING,
    own_transaction=True,  # the file is read before anything is kept; the same file again is refused by its hash
    summary="A result on quality material: file, measurement (JSON)",
    refusals=[SameResult, ProtocolRetired],
)
async def post_quality(call: Call[None]) -> Page[QualityAnswer]:
    """Reads the file; of it are kept the genera, Shannon's index and the hash."""
    said = _measurement(call)
    measurement = Measurement(
        material=said.material, lot=said.lot, measured_on=said.measured_on, sample=said.sample, file=_file(call)
    )
    await call.app[QUALITY].add(call.caller, call.uuid("id"), measurement)
    return await _results(call)


@api.delete(
    "/api/v1/protocols/{id}/quality-results/{result}", status=204, roles=MAKING, summary="Withdraw a quality result"
)
async def delete_quality(call: Call[None]) -> None:
    """It was a mistake; the row stays, and counts no more."""
    await call.app[QUALITY].withdraw(call.caller, call.uuid("id"), call.uuid("result"))


async def _results(call: Call[None]) -> Page[QualityAnswer]:
    found = await call.app[QUALITY].of(call.caller, call.uuid("id"))
    return Page[QualityAnswer](items=[QualityAnswer.of(one) for one in found])


def _measurement(call: Call[None]) -> MeasurementBody:
    parts = call.form.get("measurement", [])
    if len(parts) != 1 or not isinstance(parts[0], str):
        raise Invalid(errors=[FieldError("measurement", "is needed, once: JSON with material, lot and measured_on")])
    try:
        value = json.loads(parts[0])
    except (ValueError, RecursionError) as exc:
        raise Unparsable("The measurement is not JSON.") from exc
    check_text(value)
    said = validated(MeasurementBody, value)
    assert isinstance(said, MeasurementBody)
    return said


def _file(call: Call[None]) -> bytes:
    parts = call.form.get("file", [])
    if len(parts) != 1 or not isinstance(parts[0], FileField):
        raise Invalid(errors=[FieldError("file", "is needed, once: the laboratory's file")])
    parts[0].file.seek(0)  # a transaction that was tried again reads it again
    return parts[0].file.read()
