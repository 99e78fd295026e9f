"""Series over HTTP: parse, call, answer."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from aiohttp import web

from telegut.scheduling import bookers
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.series import screens
from telegut.scheduling.series.bodies import CancelSeriesBody, PreviewAnswer, PreviewBody, SeriesAnswer, SeriesBody
from telegut.scheduling.series.keys import SERIES
from telegut.scheduling.series.service import ClockChangeUnconfirmed, SeriesOfVisits, SeriesRefused, SeriesTaken
from telegut.web.api import Call, Endpoints

api = Endpoints("scheduling")


def install(app: web.Application, series: SeriesOfVisits) -> None:
    """Serve series in *app*."""
    app[SERIES] = series
    api.install(app)
    screens.pages.install(app)


def _turn(call: Call[SeriesBody]) -> AbstractAsyncContextManager[None]:
    return call.app[SCHEDULING].turns.wait_for(call.body.practitioners)


@api.post(
    "/api/v1/series/preview",
    body=PreviewBody,
    answer=PreviewAnswer,
    summary="Look at a series before it is booked",
    roles=bookers.BOOKERS,
)
async def post_preview(call: Call[PreviewBody]) -> PreviewAnswer:
    """Every visit with what speaks against it; nothing is booked."""
    return PreviewAnswer.of(await call.app[SERIES].preview(call.caller, call.body.plan()))


@api.post(
    "/api/v1/series",
    body=SeriesBody,
    answer=SeriesAnswer,
    status=201,
    summary="Book a series",
    refusals=[SeriesTaken, SeriesRefused, ClockChangeUnconfirmed],
    roles=bookers.BOOKERS,
    turn=_turn,
)
async def post_series(call: Call[SeriesBody]) -> SeriesAnswer:
    """All of the chosen starts, or none."""
    return SeriesAnswer.of(await call.app[SERIES].book(call.caller, call.body.chosen()))


@api.get("/api/v1/series/{id}", answer=SeriesAnswer, summary="A series")
async def get_visit_series(call: Call[None]) -> SeriesAnswer:
    """A series with its visits."""
    return SeriesAnswer.of(await call.app[SERIES].look(call.caller, call.uuid("id")))


@api.post(
    "/api/v1/series/{id}/cancel",
    body=CancelSeriesBody,
    answer=SeriesAnswer,
    summary="Cancel the rest of a series",
    roles=bookers.BOOKERS,
)
async def post_cancel_visit_series(call: Call[CancelSeriesBody]) -> SeriesAnswer:
    """Whatever has not begun, or begins later than a day."""
    body = call.body
    found = await call.app[SERIES].cancel_rest(call.caller, call.uuid("id"), body.reason or "", body.since)
    return SeriesAnswer.of(found)
