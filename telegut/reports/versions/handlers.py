"""Versions over HTTP: parse, call, answer."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.bodies import ReportAnswer, as_read_by
from telegut.reports.pages_of import seen_by_clinician
from telegut.reports.versions.bodies import VersionAnswer
from telegut.reports.versions.keys import VERSIONS
from telegut.reports.versions.screens import number_of, pages
from telegut.reports.versions.service import AlreadySigned, NewerVersion, NothingToSign, Versions
from telegut.reports.versions.store import OnlyTheTeamSigns
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("reports")


def install(app: web.Application, versions: Versions) -> None:
    """Serve versions in *app*."""
    app[VERSIONS] = versions
    api.install(app)
    pages.install(app)


@api.get(
    "/api/v1/reports/{id}/versions",
    answer=Page[VersionAnswer],
    summary="Every interpretation of a report",
)
async def get_interpretation_versions(call: Call[None]) -> Page[VersionAnswer]:
    """The newest first."""
    found = await call.app[VERSIONS].list_of(call.caller, call.uuid("id"))
    return Page[VersionAnswer](items=[VersionAnswer.of(one) for one in found], next=None)


@api.get("/api/v1/reports/{id}/versions/{number}", answer=ReportAnswer, summary="A report as one version reads it")
async def get_version(call: Call[None]) -> ReportAnswer:
    """The report as it was interpreted then; ``interpretation`` tells which version this is."""
    found = await call.app[VERSIONS].one(call.caller, call.uuid("id"), number_of(call))
    for_patient = not seen_by_clinician(call.caller, found.report)
    return as_read_by(found.report, for_patient=for_patient, of_version=found.version)


@api.post(
    "/api/v1/reports/{id}/versions/{number}/signature",
    answer=VersionAnswer,
    summary="Sign the newest interpretation",
    refusals=[AlreadySigned, NewerVersion, NothingToSign, OnlyTheTeamSigns],
)
async def post_signature(call: Call[None]) -> VersionAnswer:
    """From then on this version never changes; a later interpretation is another version."""
    return VersionAnswer.of(await call.app[VERSIONS].sign(call.caller, call.uuid("id"), number_of(call)))
