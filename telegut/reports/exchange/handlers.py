"""Exports over HTTP: FHIR, a table, a file for research, and consent to the last."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from aiohttp import web

from telegut.errors import NotFound
from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.exchange.bodies import ConsentAnswer, ConsentBody
from telegut.reports.exchange.consent.rules import NoConsent, NotYours, OtherWords
from telegut.reports.exchange.consent.service import Consents, DecidedMeanwhile
from telegut.reports.exchange.fhir import MEDIA_TYPE
from telegut.reports.exchange.keys import CONSENTS, EXCHANGE
from telegut.reports.exchange.screens import pages
from telegut.reports.exchange.service import Exchange, NotReadYet
from telegut.reports.keys import REPORTS
from telegut.reports.pages_of import seen_by_clinician
from telegut.web.api import Call, Endpoints

api = Endpoints("reports")


def install(app: web.Application, exchange: Exchange, consents: Consents) -> None:
    """Serve exports in *app*."""
    app[EXCHANGE], app[CONSENTS] = exchange, consents
    api.install(app)
    pages.install(app)


@api.get("/api/v1/reports/{id}/fhir", summary="A report as a FHIR R4 bundle", refusals=[NotReadYet])
async def get_bundle(call: Call[None]) -> web.Response:
    """A collection: DiagnosticReport, Specimen, Observations, Device, DocumentReference, Provenance, Patient."""
    report = call.uuid("id")
    found = await call.app[EXCHANGE].bundle(call.caller, report, await _compared(call, report))
    return _file(found, MEDIA_TYPE, f"report-{report}.fhir.json")


@api.get("/fhir/R4/DiagnosticReport/{id}", summary="FHIR R4: a report", refusals=[NotReadYet])
async def get_diagnostic_report(call: Call[None]) -> web.Response:
    """The report; what it refers to is read by the same id."""
    return await _resource(call, "DiagnosticReport")


@api.get("/fhir/R4/Specimen/{id}", summary="FHIR R4: the sample of a report", refusals=[NotReadYet])
async def get_specimen(call: Call[None]) -> web.Response:
    """The stool sample."""
    return await _resource(call, "Specimen")


@api.get("/fhir/R4/Observation/{id}", summary="FHIR R4: what was measured", refusals=[NotReadYet])
async def get_observation(call: Call[None]) -> web.Response:
    """The panel, and one for every genus and species."""
    return await _resource(call, "Observation")


@api.get("/fhir/R4/Device/{id}", summary="FHIR R4: the software that measured or read", refusals=[NotReadYet])
async def get_device(call: Call[None]) -> web.Response:
    """The laboratory's analysis, and our reader."""
    return await _resource(call, "Device")


@api.get("/fhir/R4/DocumentReference/{id}", summary="FHIR R4: the files of a report", refusals=[NotReadYet])
async def get_document(call: Call[None]) -> web.Response:
    """The original file, and the whole table."""
    return await _resource(call, "DocumentReference")


@api.get("/fhir/R4/Provenance/{id}", summary="FHIR R4: where a report comes from", refusals=[NotReadYet])
async def get_provenance(call: Call[None]) -> web.Response:
    """Hashes of the files, the reader's version, who signed."""
    return await _resource(call, "Provenance")


@api.get("/api/v1/reports/{id}/table.csv", summary="Every row of a report as CSV", refusals=[NotReadYet])
async def get_table(call: Call[None]) -> web.Response:
    """With denominators and warnings."""
    report = call.uuid("id")
    content = await call.app[EXCHANGE].table(call.caller, report)
    return _attached(content, "text/csv", f"report-{report}.csv")


@api.get("/api/v1/reports/{id}/research", summary="A report for researchers (STORMS)", refusals=[NoConsent, NotReadYet])
async def get_research(call: Call[None]) -> web.Response:
    """Pseudonymous; only with the patient's consent, only by the care team."""
    report = call.uuid("id")
    found = await call.app[EXCHANGE].research(call.caller, report)
    return _file(found, "application/json", f"research-{found['subject']}.json")


@api.get("/api/v1/patients/{id}/research-consent", answer=ConsentAnswer, summary="Consent to research")
async def get_consent(call: Call[None]) -> ConsentAnswer:
    """What holds, and the words that are asked about."""
    return ConsentAnswer.of(await call.app[CONSENTS].read(call.caller, call.uuid("id")))


@api.put(
    "/api/v1/patients/{id}/research-consent",
    body=ConsentBody,
    answer=ConsentAnswer,
    summary="Give consent to research, or take it back",
    refusals=[NotYours, OtherWords, DecidedMeanwhile],
)
async def put_consent(call: Call[ConsentBody]) -> ConsentAnswer:
    """The patient's, or a guardian's who acts for them."""
    decided = await call.app[CONSENTS].decide(
        call.caller, call.uuid("id"), given=call.body.given, words=call.body.words
    )
    return ConsentAnswer.of(decided)


async def _resource(call: Call[None], kind: str) -> web.Response:
    id = call.request.match_info["id"]
    try:
        report = UUID(id.partition(".")[0])
    except ValueError as exc:
        raise NotFound from exc
    found = await call.app[EXCHANGE].resource(call.caller, kind, id, report, await _compared(call, report))
    return web.Response(text=json.dumps(found), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def _compared(call: Call[None], report: UUID) -> Comparison | None:
    """The group as this reader may see it."""
    stored = await call.app[REPORTS].read(call.caller, report)
    for_patient = not seen_by_clinician(call.caller, stored)
    return await call.app[COHORTS].compared(call.caller, stored, for_patient=for_patient)


def _file(content: Any, kind: str, name: str) -> web.Response:
    return _attached(json.dumps(content, ensure_ascii=True).encode(), kind, name)


def _attached(content: bytes, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)
