"""Forms before a visit over HTTP: parse, call, answer."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.intake import authoring, screens
from telegut.scheduling.intake.bodies import AnswersBody, FormAnswer, FormBody, SheetAnswer
from telegut.scheduling.intake.forms import FormChanged
from telegut.scheduling.intake.keys import INTAKE
from telegut.scheduling.intake.rules import NotComplete
from telegut.scheduling.intake.service import AUTHORS, Intake, IntakeClosed
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("intake")


def install(app: web.Application, intake: Intake) -> None:
    """Serve forms in *app*."""
    app[INTAKE] = intake
    api.install(app)
    screens.pages.install(app)
    authoring.pages.install(app)


@api.get(
    "/api/v1/appointments/{id}/intake", answer=SheetAnswer, summary="What is asked before a visit", visit_scope=True
)
async def get_sheet(call: Call[None]) -> SheetAnswer:
    """The questions, what was answered, and what is known from before."""
    return SheetAnswer.of(await call.app[INTAKE].sheet(call.caller, call.uuid("id")))


@api.put(
    "/api/v1/appointments/{id}/intake/answers",
    body=AnswersBody,
    answer=SheetAnswer,
    summary="Answer questions before a visit",
    refusals=[IntakeClosed],
    visit_scope=True,
)
async def put_answers(call: Call[AnswersBody]) -> SheetAnswer:
    """Keep some answers; those that are not named stay."""
    body = call.body
    return SheetAnswer.of(await call.app[INTAKE].save(call.caller, call.uuid("id"), body.answers, body.keep))


@api.post(
    "/api/v1/appointments/{id}/intake/submit",
    answer=SheetAnswer,
    summary="Hand in the form before a visit",
    refusals=[NotComplete, IntakeClosed],
    visit_scope=True,
)
async def post_submit(call: Call[None]) -> SheetAnswer:
    """Hand it in; it may be corrected until the visit starts."""
    return SheetAnswer.of(await call.app[INTAKE].submit(call.caller, call.uuid("id")))


@api.get("/api/v1/intake/forms", answer=Page[FormAnswer], summary="Forms before visits", roles=AUTHORS)
async def get_forms(call: Call[None]) -> Page[FormAnswer]:
    """Every form at its current version."""
    return Page(items=[FormAnswer.of(one) for one in await call.app[INTAKE].forms(call.caller)])


@api.get("/api/v1/intake/forms/{form}", answer=FormAnswer, summary="One form", roles=AUTHORS)
async def get_form(call: Call[None]) -> FormAnswer:
    """One form at its current version."""
    return FormAnswer.of(await call.app[INTAKE].form(call.caller, call.uuid("form")))


@api.post(
    "/api/v1/intake/forms",
    body=FormBody,
    answer=FormAnswer,
    status=201,
    summary="Publish a form, or its next version",
    refusals=[FormChanged],
    roles=AUTHORS,
)
async def post_form(call: Call[FormBody]) -> FormAnswer:
    """From now on this is asked; forms that were begun keep their questions."""
    body = call.body
    return FormAnswer.of(await call.app[INTAKE].publish(call.caller, body.service, body.content(), body.version))
