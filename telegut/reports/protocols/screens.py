"""``/protocols``: how samples are taken here, what holds for each, what the laboratory found in quality material."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from telegut.accounts import people
from telegut.evidence import words
from telegut.evidence.handlers.keys import EVIDENCE
from telegut.reports.facts import label
from telegut.reports.protocols.bodies import ProtocolAnswer
from telegut.reports.protocols.handlers import MAKING, PROTOCOLS, QUALITY, READING
from telegut.reports.protocols.rules import FEWEST_MONTHS, NEEDED, STATED
from telegut.web.api import Call
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("reports")


def install(app: web.Application) -> None:
    """Serve them in *app*."""
    pages.install(app)


@pages.get("/protocols", roles=READING)
async def get_protocols(call: Call[None]) -> web.StreamResponse:
    """The newest version of each."""
    found = await call.app[PROTOCOLS].all(call.caller)
    return await render(call.request, "reports/protocols.html", {"protocols": found, **_form(call)})


@pages.get("/protocols/{id}", roles=READING)
async def get_protocol(call: Call[None]) -> web.StreamResponse:
    """One protocol: as it holds, its versions, its quality results."""
    versions = await call.app[PROTOCOLS].versions(call.caller, call.uuid("id"))
    results = await call.app[QUALITY].of(call.caller, call.uuid("id"))
    async with call.app[DATABASE].begin(call.caller) as tx:
        makers = {one.made_by for one in versions} | {one.made_by for one in results}
        names = await people.named(tx, makers)
    now = versions[0]
    context = {
        "now": now,
        "versions": versions,
        "results": results,
        "names": {one: person.name for one, person in names.items()},
        "claim": (await call.app[EVIDENCE].library(call.caller)).shown("TEST-SEVEN-LABS"),
        "sure": words.certainty(),
        "labels": {name: label(name) for name in STATED},
        **_form(call, ProtocolAnswer.of(now).model_dump(mode="json")),
    }
    return await render(call.request, "reports/protocol.html", context)


def _form(call: Call[None], now: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the form of a protocol has to know."""
    fields = [{"name": name, "label": label(name), "needed": name in NEEDED} for name in STATED]
    facts = {"fields": fields, "fewest_months": FEWEST_MONTHS, "now": now}
    return {"facts": facts, "making": bool(call.caller.roles & MAKING)}
