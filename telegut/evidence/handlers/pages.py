"""The evidence base on pages for the team: all rows, and one row with its versions and its review."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from telegut.errors import NotFound
from telegut.evidence import words
from telegut.evidence.content import Difference, as_text, differences, stored
from telegut.evidence.handlers.bodies import RowAnswer
from telegut.evidence.handlers.keys import EVIDENCE
from telegut.evidence.library import BUILT_IN
from telegut.evidence.rules import TEXTS, About, Certainty, Evidence, Kind
from telegut.evidence.service import PROPOSING, SIGNING, Proposal
from telegut.web.api import Call
from telegut.web.keys import NOW
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.times import dated

pages = Pages("evidence")


@pages.get("/evidence", roles=PROPOSING)
async def get_rows(call: Call[None]) -> web.Response:
    """Every row by its part of the library, and what waits for a second person."""
    library, proposals = await call.app[EVIDENCE].proposals(call.caller)
    context = {
        "parts_of_library": [(words.about()[about], library.rows(about)) for about in About],
        "waiting": {one.row.id: one for one in proposals if one.state == "draft"},
        "sure": words.certainty(),
        "kinds": words.kinds(),
        "form": _form(call, _blank(call), list(library.current)),
    }
    return await render(call.request, "evidence/rows.html", context)


@pages.get("/evidence/{row}", roles=PROPOSING)
async def get_row(call: Call[None]) -> web.Response:
    """One row: as it holds, what is proposed, every version with its differences."""
    name = call.request.match_info["row"]
    library, proposals = await call.app[EVIDENCE].proposals(call.caller, name)
    row = library.row(name)
    if row is None and not proposals:
        raise NotFound
    draft = next((one for one in proposals if one.state == "draft"), None)
    context = {
        "name": name,
        "shown": library.shown(name) if row else None,
        "facts": _facts(row) if row else [],
        "draft": draft,
        "proposed": _differences(draft.before, draft.row) if draft else [],
        "decided": [one for one in proposals if one.state != "draft"],
        "versions": _versions(library.history(name), proposals),
        "mine": draft is not None and draft.author == call.caller.account,
        "may_sign": bool(call.caller.roles & SIGNING),
        "form": _form(call, row or _blank(call), list(library.current)),
        "sure": words.certainty(),
        "fields": words.fields(),
        "states": words.states(),
    }
    return await render(call.request, "evidence/row.html", context)


def _facts(row: Evidence) -> list[tuple[str, str, str]]:
    """Every field of a row that says something: its name, what it is called, its words."""
    named, names = {**_readable(row), "restricts": ""}, words.fields()
    return [(field, names[field], named[field]) for field in names if named[field]]


def _differences(before: Evidence | None, after: Evidence) -> list[Difference]:
    """What *after* says differently, as people read it; of a new row what it says at all."""
    was, now = _readable(before) if before else {}, _readable(after)
    found = [replace(one, before=was.get(one.field, ""), after=now[one.field]) for one in differences(before, after)]
    return [one for one in found if one.before or one.after]


def _readable(row: Evidence) -> dict[str, str]:
    text = {field: as_text(value) for field, value in stored(row).items()}
    return {
        **text,
        "points": " ".join(row.points),
        "about": words.about()[row.about],
        "certainty": f"{row.certainty.value} ({words.certainty()[row.certainty]})",
        "kinds": ", ".join(words.kinds()[kind] for kind in row.kinds),
        "checked": dated(row.checked, "UTC"),
        "gates": ", ".join(one.replace("_", " ") for one in row.gates),
    }


def _versions(history: list[Evidence], proposals: list[Proposal]) -> list[dict[str, Any]]:
    """Each version that ever held, with what it changed and who signed it; the newest first."""
    signed = {one.row.version: one for one in proposals if one.state == "signed"}
    found = []
    for place, row in enumerate(history):
        before = signed[row.version].before if row.version in signed else None
        earlier = before or (history[place + 1] if place + 1 < len(history) else None)
        found.append(
            {
                "row": row,
                "shipped": (row.id, row.version) in BUILT_IN.versions,
                "signed": signed.get(row.version),
                "differences": _differences(earlier, row) if earlier else [],
            }
        )
    return found


def _blank(call: Call[None]) -> Evidence:
    """What the form of a new row starts from: version 0, nothing said."""
    today = call.app[NOW]().date()
    words_to_come = dict.fromkeys(TEXTS, "")
    return Evidence(id="", version=0, checked=today, certainty=Certainty.LOW, **words_to_come)  # type: ignore[arg-type]


def _form(call: Call[None], row: Evidence, names: list[str]) -> dict[str, Any]:
    """What the form of a proposal starts from, and what may be chosen."""
    return {
        "row": RowAnswer.of(row).model_dump(mode="json"),
        "abouts": words.about(),
        "kinds": {kind.value: words.kinds()[kind] for kind in Kind},
        "certainties": {one.value: f"{one.value} ({words.certainty()[one]})" for one in Certainty},
        "gates": sorted(call.app[EVIDENCE].gates),
        "rows": [name for name in names if name != row.id],
    }
