"""Where requests for visits come in over HTTP: the booking writer of this web process, and how it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from telegut.errors import TelegutError
from telegut.scheduling.arranging import Outcome, Request
from telegut.scheduling.bodies.appointments import AppointmentAnswer
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.writer import BookingWriter, Limits, Settled
from telegut.web import keys, problems
from telegut.web.api import LEDGER, again, first_answer
from telegut.web.idempotency import FirstAnswer

WRITER: web.AppKey[BookingWriter] = web.AppKey("booking_writer")


def open_desk(app: web.Application) -> None:
    """Run the booking writer with *app*."""
    scheduling, settings = app[SCHEDULING], app[keys.SETTINGS]
    limits = Limits(waiting=settings.booking_waiting, group=settings.booking_group)
    writer = BookingWriter(scheduling.db, scheduling.vault, app[LEDGER], answer=answer_to, limits=limits)
    app[WRITER] = writer
    app.cleanup_ctx.append(lambda _: _writing(writer))


async def _writing(writer: BookingWriter) -> AsyncIterator[None]:
    writer.start()
    yield
    await writer.stop()


def answer_to(request: Request, outcome: Outcome) -> FirstAnswer:
    """A booking or a refusal as it is answered; who books reads their own words again."""
    if isinstance(outcome, TelegutError):
        return first_answer(problems.response(outcome))
    body = AppointmentAnswer.of(outcome, reason=request.reason).model_dump_json(by_alias=True)
    return FirstAnswer(201, body.encode(), "application/json")


def respond(settled: Settled) -> web.Response:
    """What was settled, as a response."""
    if settled.again:
        return again(settled.answer)
    one = settled.answer
    return web.Response(status=one.status, body=one.body, content_type=one.content_type)
