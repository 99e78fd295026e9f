"""Comparison groups over HTTP: parse, call, answer."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.web_request import FileField

from telegut.errors import FieldError, Invalid, TooLarge, Unparsable
from telegut.reports.cohorts import screens
from telegut.reports.cohorts.bodies import CohortAnswer, FactsBody, WithdrawBody
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.keys import COHORTS
from telegut.reports.cohorts.loading import MOST_BYTES
from telegut.reports.cohorts.service import (
    Cohorts,
    ConsentTakenBack,
    NameTaken,
    NotADraft,
    NotApproved,
    OwnGroup,
    SameGroup,
    WordsRefused,
)
from telegut.reports.confirming import NamesNotKnown
from telegut.web.api import Call, Endpoints, Page, check_text, validated

api = Endpoints("reports")

READING = {"consultant", "nutritionist", "admin"}
KEEPING = {"consultant", "admin"}
"""Who loads, approves and withdraws groups. An administrator sees facts about a group, no value of anybody."""


def install(app: web.Application, cohorts: Cohorts) -> None:
    """Serve them in *app*."""
    app[COHORTS] = cohorts
    api.install(app)
    screens.install(app)


@api.get("/api/v1/cohorts", answer=Page[CohortAnswer], roles=READING, summary="Comparison groups")
async def get_cohorts(call: Call[None]) -> Page[CohortAnswer]:
    """The clinic's own, the newest first, and those that telegut brings."""
    own = [CohortAnswer.of(one) for one in await call.app[COHORTS].all(call.caller)]
    return Page[CohortAnswer](items=[*own, *(CohortAnswer.brought(one) for one in built_in())])


@api.get("/api/v1/cohorts/{id}", answer=CohortAnswer, roles=READING, summary="One comparison group")
async def get_cohort(call: Call[None]) -> CohortAnswer:
    """A clinic's own by its id, one that telegut brings by its name."""
    name = call.request.match_info["id"]
    for group in built_in():
        if group.id == name:
            return CohortAnswer.brought(group)
    return CohortAnswer.of(await call.app[COHORTS].one(call.caller, call.uuid("id")))


@api.post(
    "/api/v1/cohorts",
    multipart=True,
    answer=CohortAnswer,
    status=201,
    roles=KEEPING,
    summary="Load a control group: file (a table, one person a line), facts (JSON)",
    refusals=[TooLarge, SameGroup, NameTaken, NamesNotKnown],
)
async def post_cohort(call: Call[None]) -> CohortAnswer:
    """Checks the table and keeps it as a draft."""
    unknown = sorted(set(call.form) - {"file", "facts"})
    if unknown:
        raise Invalid(errors=[FieldError(name, "is not a known field") for name in unknown])
    facts = _facts(call)
    made = await call.app[COHORTS].load(call.caller, facts, _table(call), unit=facts["unit"])
    return CohortAnswer.of(made)


@api.post(
    "/api/v1/cohorts/{id}/approve",
    answer=CohortAnswer,
    roles=KEEPING,
    summary="Approve a group that somebody else loaded",
    refusals=[ConsentTakenBack, WordsRefused, OwnGroup, NotADraft],
)
async def post_approval(call: Call[None]) -> CohortAnswer:
    """Reports are compared with it from now on."""
    return CohortAnswer.of(await call.app[COHORTS].approve(call.caller, _id(call)))


@api.post(
    "/api/v1/cohorts/{id}/withdraw",
    body=WithdrawBody,
    answer=CohortAnswer,
    roles=KEEPING,
    summary="Use a group no longer",
    refusals=[NotApproved],
)
async def post_cohort_withdrawal(call: Call[WithdrawBody]) -> CohortAnswer:
    """For a reason, which stays beside it."""
    return CohortAnswer.of(await call.app[COHORTS].withdraw(call.caller, _id(call), call.body.why))


@api.delete("/api/v1/cohorts/{id}", status=204, roles=KEEPING, summary="Throw a draft away", refusals=[NotADraft])
async def delete_cohort(call: Call[None]) -> None:
    """Only while nobody has approved it."""
    await call.app[COHORTS].discard(call.caller, _id(call))


def _id(call: Call[Any]) -> UUID:
    return call.uuid("id")


def _facts(call: Call[None]) -> dict[str, Any]:
    parts = call.form.get("facts", [])
    if len(parts) != 1 or not isinstance(parts[0], str):
        raise Invalid(errors=[FieldError("facts", "is needed once: JSON")])
    try:
        value = json.loads(parts[0])
    except (ValueError, RecursionError) as exc:
        raise Unparsable("The facts are not JSON.") from exc
    check_text(value)
    return validated(FactsBody, value).model_dump()


def _table(call: Call[None]) -> bytes:
    parts = call.form.get("file", [])
    if len(parts) != 1 or not isinstance(parts[0], FileField):
        raise Invalid(errors=[FieldError("file", "is needed once: the table")])
    parts[0].file.seek(0)  # a transaction that was tried again reads it again
    data = parts[0].file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge(f"The table may have {MOST_BYTES // 1024**2} MB at most.")
    return data
