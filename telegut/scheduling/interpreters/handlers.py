"""Interpreters over HTTP: what somebody here can translate; and their own page."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling import bookers
from telegut.scheduling.interpreters import finding, pages
from telegut.web.api import Answer, Call, Endpoints
from telegut.web.keys import DATABASE

api = Endpoints("scheduling")


class TranslatedAnswer(Answer):
    """Languages (BCP 47) that somebody with a calendar here translates."""

    languages: list[str]


def install(app: web.Application) -> None:
    """Serve interpreters in *app*."""
    api.install(app)
    pages.install(app)


@api.get(
    "/api/v1/interpreters/languages",
    answer=TranslatedAnswer,
    summary="What can be translated",
    roles=bookers.BOOKERS,
)
async def get_translated_languages(call: Call[None]) -> TranslatedAnswer:
    """Every language that may be asked for as *interpreter*."""
    async with call.app[DATABASE].begin(call.caller) as tx:
        return TranslatedAnswer(languages=await finding.spoken(tx))
