"""Pages of versions: all of a report's, and what an earlier one said. The newest is the report's own page."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from telegut.accounts import people
from telegut.errors import NotFound
from telegut.reports.rules import UNASSIGNED
from telegut.reports.shelf import Stored
from telegut.reports.versions.keys import VERSIONS
from telegut.web.api import Call
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("reports")


@pages.get("/reports/{id}/versions")
async def get_versions_page(call: Call[None]) -> web.Response:
    """Every interpretation, who signed which, and for a clinician the button to sign the newest."""
    found = await call.app[VERSIONS].list_of(call.caller, call.uuid("id"))
    if not found:
        raise NotFound
    newest = await call.app[VERSIONS].one(call.caller, call.uuid("id"), found[0].number)
    report = newest.report
    context: dict[str, Any] = {
        "report": report,
        "patient": await _person(call, report),
        "versions": found,
        "may_sign": _may_sign(call, report) and report.state == "ready" and found[0].signed_by is None,
    }
    return await render(call.request, "reports/versions.html", context)


@pages.get("/reports/{id}/versions/{number}")
async def get_version_page(call: Call[None]) -> web.Response:
    """What one version said, as plain tables."""
    found = await call.app[VERSIONS].one(call.caller, call.uuid("id"), number_of(call))
    answer = found.report.answer
    rows = [row for row in answer["taxa"] if row["rank"] == "genus"] if answer else []
    context: dict[str, Any] = {
        "report": found.report,
        "version": found.version,
        "newest": found.report.versions[0].number,
        "patient": await _person(call, found.report),
        "said": answer,
        "named": [row for row in rows if not row["name"].startswith(UNASSIGNED)],
        "others": [row for row in rows if row["name"].startswith(UNASSIGNED)],
    }
    return await render(call.request, "reports/version.html", context)


def number_of(call: Call[None]) -> int:
    """
    Which version the address names.

    Raises:
        NotFound: it is not a number, so there is nothing there.
    """
    text = call.request.match_info["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise NotFound
    return int(text)


def _may_sign(call: Call[None], report: Stored) -> bool:
    return call.caller.is_clinician and call.caller.account != report.patient


async def _person(call: Call[None], report: Stored) -> people.Person:
    async with call.app[DATABASE].begin(call.caller) as tx:
        found = await people.named(tx, [report.patient])
    if report.patient not in found:
        raise NotFound
    return found[report.patient]
