"""Orders of tests over HTTP: parse, call, answer."""

from __future__ import annotations

from aiohttp import web

from telegut.reports.orders.bodies import DetailsBody, OrderAnswer, OrderBody, TakenBody, VersionBody
from telegut.reports.orders.service import NotDescribed, OrderChanged, OrderOver, Orders
from telegut.reports.protocols.service import ProtocolRetired
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("reports")
ORDERS: web.AppKey[Orders] = web.AppKey("reports_orders")
_PATH = "/api/v1/test-orders/{id}"


def install(app: web.Application, orders: Orders) -> None:
    """Serve them in *app*."""
    app[ORDERS] = orders
    api.install(app)


@api.get("/api/v1/patients/{id}/test-orders", answer=Page[OrderAnswer], summary="Tests that were ordered")
async def get_orders(call: Call[None]) -> Page[OrderAnswer]:
    """The newest first."""
    found = await call.app[ORDERS].all_of(call.caller, call.uuid("id"))
    return Page[OrderAnswer](items=[OrderAnswer.of(one) for one in found])


@api.post(
    "/api/v1/patients/{id}/test-orders",
    body=OrderBody,
    answer=OrderAnswer,
    status=201,
    roles={"consultant", "nutritionist"},
    summary="Order a test",
    refusals=[ProtocolRetired],
)
async def post_order(call: Call[OrderBody]) -> OrderAnswer:
    """The patient's side is told that there is something for them."""
    body = call.body
    made = await call.app[ORDERS].order(call.caller, call.uuid("id"), body.protocol, body.reason, body.profession)
    return OrderAnswer.of(made)


@api.get(_PATH, answer=OrderAnswer, summary="One order of a test")
async def get_order(call: Call[None]) -> OrderAnswer:
    """With what the form before the sample says."""
    return OrderAnswer.of(await call.app[ORDERS].read(call.caller, call.uuid("id")))


@api.put(
    f"{_PATH}/details",
    body=DetailsBody,
    answer=OrderAnswer,
    summary="The form before the sample",
    refusals=[OrderChanged, OrderOver],
)
async def put_details(call: Call[DetailsBody]) -> OrderAnswer:
    """Kept as it is, complete or not; *open* names what is still asked."""
    kept = await call.app[ORDERS].describe(call.caller, call.uuid("id"), call.body.version, call.body.said())
    return OrderAnswer.of(kept)


@api.post(
    f"{_PATH}/taken",
    body=TakenBody,
    answer=OrderAnswer,
    summary="The sample was taken",
    refusals=[OrderChanged, OrderOver, NotDescribed],
)
async def post_taken(call: Call[TakenBody]) -> OrderAnswer:
    """On which day, and the stool's form."""
    said = call.body.model_dump(mode="json", exclude_none=True, exclude={"version"})
    return OrderAnswer.of(await call.app[ORDERS].taken(call.caller, call.uuid("id"), call.body.version, said))


@api.post(
    f"{_PATH}/cancellation",
    body=VersionBody,
    answer=OrderAnswer,
    summary="No sample is taken",
    refusals=[OrderChanged, OrderOver],
)
async def post_cancellation(call: Call[VersionBody]) -> OrderAnswer:
    """By the care team, the patient or who acts for them."""
    return OrderAnswer.of(await call.app[ORDERS].cancel(call.caller, call.uuid("id"), call.body.version))
